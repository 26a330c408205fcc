"""An alignment as CSV, for the directory's administrator."""

from collections.abc import Iterator, Mapping

from connector.domain.alignment import Alignment
from connector.domain.finding import Finding
from connector.report.csv_lines import csv_lines
from connector.report.findings import NO_NAMES, meaning_of, ordered

HEADER = (
    *("code", "severity", "sis_code", "username", "login", "dn", "detail", "suggestion"),
    *("student", "meaning", "who", "confidence"),
)


def alignment_csv(alignment: Alignment, *, names: Mapping[str, str] = NO_NAMES) -> Iterator[str]:
    """One line a finding, the gravest first; the first columns are the finding's own, then words for people."""
    return csv_lines(HEADER, (_row(found, names) for found in ordered(alignment.findings)))


def _row(found: Finding, names: Mapping[str, str]) -> list[str]:
    meaning = meaning_of(found)
    own = [part or "" for part in found[:8]]
    confidence = "" if found.confidence is None else f"{found.confidence:g}"
    return [*own, names.get(found.sis_code or "", ""), meaning.title, meaning.who.heading, confidence]
