"""Self-contained HTML pages: one file, no network, nothing on it that the page itself did not bring."""

from base64 import b64encode
from collections.abc import Callable, Iterable
from hashlib import sha256
from importlib.resources import files
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from connector.domain.finding import Finding, Severity
from connector.report import sentences
from connector.report.findings import Group, evidence, grouped, severities
from connector.report.glossary import SEVERITY_MARKS, SEVERITY_TONES, SEVERITY_WORDS
from connector.report.harmless import harmless

MOST = 5000
"""Rows of one table; a page with more opens slowly, so it says where the others are."""


NEW_MARK = "✱"


class Chip(NamedTuple):
    """A filter above a table: the key its rows carry, and what stands on it."""

    key: str
    mark: str
    word: str
    tone: str
    rows: int


class FindingTable(NamedTuple):
    """Findings as a page shows them: all groups by severity, the first rows, the chips, which rows are new."""

    by_severity: list[tuple[Severity, int, list[Group]]]
    groups: list[Group]
    chips: list[Chip]
    shown: int
    new: frozenset[Finding] = frozenset()


def page(template: str, title: str, school: str, **values: Any) -> str:
    """The page made of a template, under a policy that lets nothing in but its own style and script.

    Content Security Policy Level 3, section 2.4: inline style and script are allowed by their SHA-256 only.
    """
    own = files("connector.report")
    style = own.joinpath("style.css").read_text("utf-8")
    script = own.joinpath("filter.js").read_text("utf-8")
    policy = (
        f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)};"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )
    made = _environment().get_template(template)
    return made.render(title=title, school=school, style=style, script=script, policy=policy, **values)


def finding_table(
    findings: Iterable[Finding], most: int, *, is_new: Callable[[Finding], bool] = lambda _found: False
) -> FindingTable:
    """The findings grouped for a page whose table has at most `most` rows."""
    groups = grouped(findings)
    first = _first(groups, most)
    new = frozenset(found for group in first for found in group.findings if is_new(found))
    counts = severities(found for group in groups for found in group.findings)
    return FindingTable(
        by_severity=[
            (severity, count, [one for one in groups if one.severity is severity])
            for severity, count in counts.items()
        ],
        groups=first,
        chips=[
            Chip(
                severity,
                SEVERITY_MARKS[severity],
                SEVERITY_WORDS[severity].capitalize(),
                SEVERITY_TONES[severity],
                count,
            )
            for severity, count in counts.items()
        ]
        + [Chip("new", NEW_MARK, "New", "info", len(new))],
        new=new,
        shown=min(most, sum(counts.values())),
    )


def _first(groups: list[Group], most: int) -> list[Group]:
    """The groups with their first `most` findings in all."""
    kept = []
    for group in groups:
        some = group.findings[:most]
        most -= len(some)
        if some:
            kept.append(group._replace(findings=some))
    return kept


def _source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("connector.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finished,
    )
    environment.globals.update(
        number=sentences.number,
        many=sentences.many,
        day=sentences.day,
        evidence=evidence,
        new_mark=NEW_MARK,
        severity_mark=SEVERITY_MARKS,
        severity_word=SEVERITY_WORDS,
        severity_tone=SEVERITY_TONES,
    )
    return environment


def _finished(value: Any) -> Any:
    """Whatever a template writes, made harmless; what the templates made themselves stays."""
    return value if hasattr(value, "__html__") else harmless(str(value))
