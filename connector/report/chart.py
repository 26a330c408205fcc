"""Bars as plain geometry, so that a template only has to write them down."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from connector.domain.alignment import Share
from connector.domain.plan import Action, Change
from connector.domain.ruleset import YEAR_ORDER
from connector.report.glossary import MARKS, TONES, year_label
from connector.report.harmless import shortened
from connector.report.sentences import listed, number, percent

ROW = 40
"""Pixels from one bar to the next, its line of text included."""
LABEL = 30
"""Characters of a label that leave room for the numbers beside it."""


class Part(NamedTuple):
    """A stretch of a bar in per cent of its full width; `tone` names its colour."""

    start: float
    width: float
    tone: str


class Bar(NamedTuple):
    """One bar: its label, what stands beside it, the same in words for those who hear it, and its parts."""

    label: str
    said: str
    words: str
    top: int
    parts: tuple[Part, ...]


class Chart(NamedTuple):
    """Bars below each other; `id` is unique on its page."""

    id: str
    title: str
    bars: tuple[Bar, ...]


def match_chart(chart_id: str, title: str, shares: Iterable[tuple[str, Share]]) -> Chart:
    """How many of each group match."""
    bars = tuple(_match(label, share, place * ROW) for place, (label, share) in enumerate(shares))
    return Chart(chart_id, title, bars)


def change_chart(chart_id: str, title: str, changes: Iterable[Change]) -> Chart:
    """How many changes of each kind every year level has; the longest bar is the year with most."""
    by_year: dict[str, dict[Action, int]] = {}
    for change in changes:
        counts = by_year.setdefault(change.subject.year_level, dict.fromkeys(Action, 0))
        counts[change.action] += 1
    longest = max((sum(counts.values()) for counts in by_year.values()), default=1)
    years = years_in_order(by_year)
    bars = tuple(_change(year, by_year[year], longest, place * ROW) for place, year in enumerate(years))
    return Chart(chart_id, title, bars)


def years_in_order(years: Iterable[str]) -> list[str]:
    """The year levels from the youngest up, the others after them."""
    places = {year: place for place, year in enumerate(YEAR_ORDER)}
    return sorted(years, key=lambda year: (places.get(year, len(places)), year))


def year_shares(by_year: Mapping[str, Share]) -> list[tuple[str, Share]]:
    """The year levels by their labels, in order, with their shares."""
    return [(year_label(year), by_year[year]) for year in years_in_order(by_year)]


def stretches(counts: Sequence[tuple[int, str]], whole: int) -> tuple[Part, ...]:
    """The counts, each with its tone, as parts of a bar that stands for `whole`; none for a whole of 0."""
    parts, start = [], 0
    for count, tone in counts:
        if count and whole:
            parts.append(Part(round(100 * start / whole, 2), round(100 * count / whole, 2), tone))
        start += count
    return tuple(parts)


def _match(label: str, share: Share, top: int) -> Bar:
    of = f"{number(share.matched)} of {number(share.students)}"
    rate = percent(share.matched, share.students)
    return Bar(
        shortened(label, LABEL),
        f"{of} · {rate}",
        f"{of}, {rate}",
        top,
        stretches([(share.matched, "info")], share.students),
    )


def _change(year: str, counts: Mapping[Action, int], longest: int, top: int) -> Bar:
    some = [(count, action) for action, count in counts.items() if count]
    said = " ".join(f"{MARKS[action]}{number(count)}" for count, action in some)
    words = listed([f"{number(count)} to {action}" for count, action in some])
    return Bar(
        shortened(year_label(year), LABEL),
        said,
        words,
        top,
        stretches([(count, TONES[action]) for count, action in some], longest),
    )
