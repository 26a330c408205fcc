"""What templates may call: the words and marks of the reports, and how moments are shown."""

import re
from datetime import datetime
from typing import Any

from connector.report import sentences
from connector.report.changes import differences, outline, person, shown, why
from connector.report.findings import evidence
from connector.report.glossary import (
    LABELS,
    MARKS,
    SEVERITY_MARKS,
    SEVERITY_TONES,
    SEVERITY_WORDS,
    TONES,
    finding_meaning,
    skip_meaning,
    year_label,
)
from connector.report.harmless import harmless
from connector.report.runs import marks, run_marks

_BREAKS = re.compile(r"(?=\.)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")


def moment(value: datetime) -> str:
    """A moment here, as Australians write it: 2 Mar 2026, 9:14 am."""
    here = value.astimezone()
    return f"{day(here)}, {clock_time(here)}"


def day(value: datetime) -> str:
    """A day here: 2 Mar 2026."""
    here = value.astimezone()
    return f"{here.day} {_MONTHS[here.month - 1]} {here.year}"


def clock_time(value: datetime) -> str:
    """A time of day here: 9:14 am."""
    here = value.astimezone()
    return f"{here.hour % 12 or 12}:{here.minute:02} {'am' if here.hour < 12 else 'pm'}"


def pieces(text: str) -> list[str]:
    """An address or a username made harmless, cut where a line may break: before a dot."""
    return _BREAKS.split(harmless(text))


WORDS: dict[str, Any] = {
    "number": sentences.number,
    "many": sentences.many,
    "percent": sentences.percent,
    "moment": moment,
    "day": day,
    "clock_time": clock_time,
    "pieces": pieces,
    "person": person,
    "shown": shown,
    "differences": differences,
    "outline": outline,
    "why": why,
    "evidence": evidence,
    "labels": LABELS,
    "marks": MARKS,
    "tones": TONES,
    "count_marks": marks,
    "run_marks": run_marks,
    "finding_meaning": finding_meaning,
    "skip_meaning": skip_meaning,
    "year_label": year_label,
    "severity_mark": SEVERITY_MARKS,
    "severity_word": SEVERITY_WORDS,
    "severity_tone": SEVERITY_TONES,
}
