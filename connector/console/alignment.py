"""Directory alignment: whether every username equals the network login, and what to do where it does not."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.console.chip import Chip, chip
from connector.console.context import console, visitor
from connector.console.gate import any_role, audit
from connector.console.pager import Pager
from connector.console.watch import watch
from connector.console.work import Work
from connector.domain.alignment import Alignment, AlignmentRecord, Share
from connector.domain.finding import Finding, Severity
from connector.domain.ports import Progress
from connector.mapping.keys import fold_key, search_words
from connector.planning.align_status import MATCHED
from connector.report.alignment_csv import alignment_csv
from connector.report.alignment_facts import standings
from connector.report.alignment_html import NO_CAMPUS, alignment_html
from connector.report.alignment_json import alignment_json
from connector.report.alignment_xlsx import alignment_xlsx
from connector.report.chart import match_chart, stretches, year_shares
from connector.report.findings import attention, ordered, severities
from connector.report.fixes import fixes_csv
from connector.report.glossary import SEVERITY_MARKS, SEVERITY_TONES, SEVERITY_WORDS, finding_meaning
from connector.report.json_text import json_text
from connector.report.sentences import (
    alignment_sentence,
    attention_sentence,
    completeness_sentence,
    percent,
    trend_sentence,
)
from connector.report.trend import history, is_new, line_of, since_sentence
from connector.services.align import Aligned, align_directory

KINDS = 5
"""So many kinds of findings of the last comparison are named before this console has compared."""
TOPIC = "alignment"
SIZE = 100
NEW = "new"
FORMS: Mapping[str, tuple[str, str]] = {
    "html": ("alignment.html", "text/html"),
    "xlsx": ("alignment.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": ("alignment.csv", "text/csv"),
    "json": ("alignment.json", "application/json"),
    "fixes": ("directory-fixes.csv", "text/csv"),
}

pages = Blueprint("alignment", __name__)


class Result(NamedTuple):
    """What was compared last: the alignment, the day it was made for, and when."""

    aligned: Aligned
    as_of: date
    made: datetime


@pages.get("/alignment")
def index() -> ResponseReturnValue:
    """The last comparison with its findings; before the first one, how to make it."""
    work = console().works.on(TOPIC)
    if work is not None and not work.ended:
        return watch(work)
    result = _result()
    if result is None:
        last = _last_record()
        return render_template("align_first.html", configured=_configured(), last=last, noticed=_noticed(last))
    return _page(result)


@pages.post("/alignment")
@any_role
def compare() -> ResponseReturnValue:
    """Read the SIS and the directory and compare; nothing is written but that it was done."""
    room = console()
    parts, asked = room.school.parts, room.school.request()

    def align(work: Work, progress: Progress) -> str:
        aligned = align_directory(parts, asked, progress)
        work.result = Result(aligned, asked.as_of, room.clock())
        return "/alignment"

    work = room.works.begin(TOPIC, visitor().name, "Comparing with the directory", url_for(".index"), align)
    return watch(work)


@pages.get("/alignment/<form>")
def download(form: str) -> ResponseReturnValue:
    """The whole of it as a file: html, xlsx, csv or json; `fixes` is what the directory's administrator can apply."""
    result = _result()
    if form not in FORMS or result is None:
        abort(404, "There is nothing to download yet: compare with the directory first.")
    name, kind = FORMS[form]
    audit("download alignment", form)
    response = Response(_written(form, result), content_type=f"{kind}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _page(result: Result) -> str:
    alignment, names = result.aligned.alignment, result.aligned.names
    code, severity, text = (request.args.get(key, "") for key in ("code", "severity", "q"))
    fitting = [one for one in ordered(alignment.findings) if _fits(one, names, text)]
    shown = [one for one in fitting if _chosen(one, alignment, code, severity)]
    pager = Pager.asked(SIZE).of(len(shown))
    whole = alignment.completeness.complete
    return render_template(
        "align.html",
        alignment=alignment,
        result=result,
        names=names,
        sentence=alignment_sentence(alignment),
        incomplete="" if whole else completeness_sentence(alignment.completeness),
        rate=percent(alignment.matched, alignment.students) if whole else "",
        trend=trend_sentence(alignment),
        since=since_sentence(alignment.trend) if whole else "",
        line=line_of(history(alignment, result.as_of)) if whole else None,
        standings=standings(alignment),
        split=stretches([(one.students, one.tone) for one in standings(alignment)], alignment.students),
        by_year=match_chart("years", "Equal to the network login, by year level", year_shares(alignment.by_year)),
        by_campus=match_chart("campuses", "Equal to the network login, by campus", _campuses(alignment)),
        attention=attention_sentence(attention(alignment.findings)),
        chips=_chips(fitting, alignment, severity),
        codes=_codes(fitting, alignment, severity),
        code=code,
        severity=severity,
        text=text,
        found=shown[pager.start : pager.start + SIZE],
        new={one for one in shown if is_new(one, alignment.trend)},
        pager=pager,
    )


def _fits(one: Finding, names: Mapping[str, str], text: str) -> bool:
    """Whether every word of a search is in what the finding is about."""
    about = (one.sis_code, one.username, one.login, one.dn, names.get(one.sis_code or "", ""))
    told = fold_key(" ".join(part for part in about if part))
    return all(word in told for word in search_words(text))


def _chosen(one: Finding, alignment: Alignment, code: str, severity: str) -> bool:
    if severity == NEW and not is_new(one, alignment.trend):
        return False
    return (not code or one.code == code) and severity in ("", NEW, one.severity)


def _chips(findings: list[Finding], alignment: Alignment, now: str) -> list[Chip]:
    counts = severities(findings)
    some = [chip("severity", "", "All", len(findings), now)]
    some += [
        chip(
            *("severity", severity, SEVERITY_WORDS[severity].capitalize(), counts[severity], now),
            mark=SEVERITY_MARKS[severity],
            tone=SEVERITY_TONES[severity],
        )
        for severity in reversed(Severity)
    ]
    new = sum(is_new(one, alignment.trend) for one in findings)
    return [*some, chip("severity", NEW, "New since last time", new, now, mark="✱", tone="info")]


def _codes(findings: list[Finding], alignment: Alignment, severity: str) -> list[tuple[str, str, int]]:
    """The codes to choose from: each with its title and how many there are."""
    counts: dict[str, int] = {}
    for one in findings:
        if _chosen(one, alignment, "", severity):
            counts[one.code] = counts.get(one.code, 0) + 1
    return [(code, finding_meaning(code).title, rows) for code, rows in counts.items()]


def _campuses(alignment: Alignment) -> list[tuple[str, Share]]:
    return [(campus or NO_CAMPUS, share) for campus, share in sorted(alignment.by_campus.items())]


def _written(form: str, result: Result) -> str | bytes:
    aligned, school, as_of = result.aligned, console().name, result.as_of
    alignment, names = aligned.alignment, aligned.names
    if form == "html":
        return alignment_html(alignment, school, as_of, names=names, campuses=aligned.campuses, skips=aligned.skips)
    if form == "xlsx":
        return alignment_xlsx(alignment, school, as_of, names=names, skips=aligned.skips)
    if form == "json":
        return json_text(alignment_json(alignment, school, as_of)) + "\n"
    if form == "csv":
        return "".join(alignment_csv(alignment, names=names))
    return "".join(fixes_csv(alignment.fixes, alignment.completeness.kind, _attributes()))


def _attributes() -> dict[str, str]:
    """The attributes that connector.toml names, by what they hold."""
    directory = console().school.settings.directory
    if directory is None:
        return {}
    named = directory.attributes
    return {what: name for what, name in (("login", named.login), ("key", named.key), ("upn", named.upn)) if name}


def _result() -> Result | None:
    work = console().works.on(TOPIC)
    return work.result if work is not None and isinstance(work.result, Result) else None


def _configured() -> bool:
    return console().school.settings.directory is not None


def _noticed(last: AlignmentRecord | None) -> list[tuple[str, int]]:
    """What the last comparison found: the most frequent kinds in words and how many of each, then all others."""
    counts = sorted(last.by_code.items(), key=lambda item: (-item[1], item[0])) if last is not None else []
    some = [(finding_meaning(code).title, count) for code, count in counts if count and code != MATCHED]
    others = sum(count for _title, count in some[KINDS:])
    return [*some[:KINDS], ("Others", others)] if others else some


def _last_record() -> AlignmentRecord | None:
    """What is remembered of the last comparison, whoever made it."""
    parts = console().school.parts
    records = parts.alignments.alignments(parts.scope, 1) if parts.alignments is not None else []
    return records[-1] if records else None
