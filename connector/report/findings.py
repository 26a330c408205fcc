"""Findings in the order people work through them, and grouped by what they are and by who acts."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import NamedTuple

from connector.domain.finding import Finding, Severity
from connector.domain.plan import Skip
from connector.mapping.keys import natural_key
from connector.report.glossary import FINDINGS, Meaning, Who, finding_meaning, skip_meaning

_PLACES = {code: place for place, code in enumerate(FINDINGS)}

NO_NAMES: Mapping[str, str] = {}
"""No names are known beside the SIS codes."""


class Group(NamedTuple):
    """All findings of one code."""

    code: str
    severity: Severity
    meaning: Meaning
    findings: list[Finding]


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """The gravest first, in the glossary's order, equal codes together, then by SIS code as people count."""
    return sorted(findings, key=_place)


def grouped(findings: Iterable[Finding]) -> list[Group]:
    """One group a code, the gravest first."""
    groups = groupby(ordered(findings), key=lambda one: (one.code, one.severity))
    return [_group(code, severity, list(some)) for (code, severity), some in groups]


def meaning_of(found: Finding) -> Meaning:
    """What the finding means; where another code is behind it, those act who can act on that."""
    meaning = finding_meaning(found.code)
    if found.reason is None or found.reason == found.code:
        return meaning
    behind = FINDINGS.get(found.reason) or skip_meaning(found.reason)
    return meaning._replace(means=behind.means, who=behind.who, todo=behind.todo, field=behind.field)


def _group(code: str, severity: Severity, findings: list[Finding]) -> Group:
    """The findings of one code under the meaning that most of them have."""
    meanings = Counter(map(meaning_of, findings))
    return Group(code, severity, meanings.most_common(1)[0][0], findings)


def severities(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many findings of each severity, the gravest first; 0 where there are none."""
    counts = Counter(one.severity for one in findings)
    return {severity: counts[severity] for severity in reversed(Severity)}


def attention(findings: Iterable[Finding], skips: Iterable[Skip] = ()) -> dict[Who, int]:
    """How many findings and skips wait for each of those who can act.

    `drift` waits for nobody: it is what a sync would change, if it were to.
    """
    seen = [meaning_of(one).who for one in findings if one.code != "drift"]
    counts = Counter(seen + [skip_meaning(skip.reason).who for skip in skips])
    return {who: counts[who] for who in (Who.OFFICE, Who.NETWORK, Who.TRACKONE)}


def evidence(found: Finding) -> str:
    """What was found, and whether it is a guess."""
    guess = "a guess" if found.confidence is not None else ""
    return "; ".join(part for part in (found.detail, guess) if part)


def _place(found: Finding) -> tuple[int, int, str, str]:
    return (
        -found.severity.rank,
        _PLACES.get(found.code, len(_PLACES)),
        found.code,
        natural_key(found.sis_code or found.login or ""),
    )
