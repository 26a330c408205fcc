"""Findings as tables for a terminal: one a code, the gravest first."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from connector.domain.finding import Finding, Severity
from connector.report.findings import NO_NAMES, Group, evidence, grouped
from connector.report.glossary import SEVERITY_MARKS, SEVERITY_WORDS
from connector.report.sentences import many, more, number
from connector.report.terminal import Table, Tone

TONES = {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.WARN, Severity.INFO: Tone.PLAIN}


def finding_parts(
    findings: Iterable[Finding],
    *,
    names: Mapping[str, str] = NO_NAMES,
    most: int = 10,
    all_of_them: str,
    news: Mapping[str, int] | None = None,
) -> list[Table]:
    """An overview, then a table for each code of at most `most` rows; `all_of_them` is the command that shows all.

    `news` counts the new findings of each code, None where nothing is there to compare with.
    """
    groups = grouped(findings)
    if not groups:
        return []
    return [_overview(groups, news), *(_table(group, names, most, all_of_them) for group in groups)]


def _overview(groups: list[Group], news: Mapping[str, int] | None) -> Table:
    rows = [
        (
            _word(group.severity),
            group.meaning.title,
            number(len(group.findings)),
            *((number(news.get(group.code, 0)),) if news is not None else ()),
            group.meaning.who.heading,
        )
        for group in groups
    ]
    total = sum(len(group.findings) for group in groups)
    headers = ("", "What", "How many", *(("New",) if news is not None else ()), "Who can put it right")
    return Table(many(total, "finding"), headers, rows, right=frozenset({"How many", "New"}))


def _table(group: Group, names: Mapping[str, str], most: int, all_of_them: str) -> Table:
    title = f"{_word(group.severity)}: {group.meaning.title} ({number(len(group.findings))}, {group.code})"
    shared = _shared_step(group.findings)
    rows = [_row(found, names, shared) for found in group.findings[:most]]
    left_out = len(group.findings) - len(rows)
    often = _most_often(group.findings) if left_out else ""
    note = " ".join(part for part in (group.meaning.means, shared or group.meaning.todo, often) if part)
    return Table(title, _HEADERS, rows, more(left_out, all_of_them), TONES[group.severity], note)


_OFTEN = 3
_HEADERS = ("SIS code", "Student", "Username", "Network login", "Evidence", "What to do")


def _shared_step(findings: Sequence[Finding]) -> str:
    """What all of several findings ask for, said once above them; empty where they ask for different things."""
    steps = {found.suggestion or "" for found in findings}
    return steps.pop() if len(findings) > 1 and len(steps) == 1 else ""


def _most_often(findings: Sequence[Finding]) -> str:
    """What is found most often, with how often, where many say the same."""
    ranked = Counter(evidence(found) for found in findings).most_common(_OFTEN)
    said = [f"{text} ({number(count)})" for text, count in ranked if text and count > 1]
    return f"Most often: {'; '.join(said)}." if said else ""


def _row(found: Finding, names: Mapping[str, str], shared: str) -> tuple[str, ...]:
    code = found.sis_code or ""
    return (
        code,
        names.get(code, ""),
        found.username or "",
        found.login or "",
        evidence(found) or found.dn or "",
        "" if shared else found.suggestion or "",
    )


def _word(severity: Severity) -> str:
    return f"{SEVERITY_MARKS[severity]} {SEVERITY_WORDS[severity]}"
