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
    return [Group(code, severity, finding_meaning(code), list(some)) for (code, severity), some in groups]


def severities(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many findings of each severity, the gravest first; 0 where there are none."""
    counts = Counter(one.severity for one in findings)
    return {severity: counts[severity] for severity in reversed(Severity)}


def attention(findings: Iterable[Finding], skips: Iterable[Skip] = ()) -> dict[Who, int]:
    """How many findings and skips wait for each of those who can act."""
    seen = [finding_meaning(one.code).who for one in findings]
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
