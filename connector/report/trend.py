"""How the match rate moved from alignment to alignment, and what is new and gone since the last."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from connector.domain.alignment import Alignment, Share, Trend, finding_key
from connector.domain.finding import Finding
from connector.report.findings import NO_NAMES
from connector.report.glossary import finding_meaning
from connector.report.sentences import day, many, number, percent

SPARKS = "▁▂▃▄▅▆▇█"
HEIGHT = 32


class Point(NamedTuple):
    """The match of one alignment; `as_of` is the day it was made for."""

    as_of: date
    share: Share


class Line(NamedTuple):
    """The match rate as a line in a box of 100 by HEIGHT, with the same in words."""

    points: str
    words: str


class Gone(NamedTuple):
    """A finding of last time that is there no more."""

    title: str
    sis_code: str
    student: str


def history(alignment: Alignment, as_of: date) -> list[Point]:
    """The alignments before and this one, the oldest first."""
    before = alignment.trend.records if alignment.trend else ()
    now = Point(as_of, Share(alignment.matched, alignment.students))
    return [*(Point(one.as_of, one.share) for one in before), now]


def spark(points: Sequence[Point]) -> str:
    """The rates as a line of signs, from the lowest to the highest of them."""
    return "".join(SPARKS[round(height * (len(SPARKS) - 1))] for height in _heights(points))


def line_of(points: Sequence[Point]) -> Line | None:
    """The rates as a line; None where there is only one."""
    if len(points) < 2:
        return None
    step = 100 / (len(points) - 1)
    places = [f"{at * step:.2f},{2 + (HEIGHT - 4) * (1 - height):.2f}" for at, height in enumerate(_heights(points))]
    return Line(" ".join(places), history_sentence(points))


def history_sentence(points: Sequence[Point]) -> str:
    """Over which alignments the rate moved between which values."""
    shares = sorted((point.share for point in points), key=lambda share: share.rate)
    low, high = percent(*shares[0]), percent(*shares[-1])
    span = f"between {low} and {high}" if low != high else f"always {low}"
    return f"{number(len(points))} alignments since {day(points[0].as_of)}, {span}"


def since_sentence(trend: Trend | None) -> str:
    """How many findings are new and gone since the last alignment; empty for the first one."""
    if trend is None:
        return ""
    new, gone_since = len(trend.new), len(trend.gone)
    parts = [f"{many(new, 'finding')} {'is' if new == 1 else 'are'} new"] if new else []
    if gone_since:
        count = number(gone_since) if parts else many(gone_since, "finding")
        parts.append(f"{count} {'is' if gone_since == 1 else 'are'} gone")
    return f"Since the alignment of {day(trend.last.as_of)}: {', '.join(parts) or 'the same findings'}."


def is_new(found: Finding, trend: Trend | None) -> bool:
    """Whether the last alignment had not found this; never for the first one."""
    return trend is not None and finding_key(found) in trend.new


def news(findings: Iterable[Finding], trend: Trend | None) -> Counter[str] | None:
    """How many findings of each code are new; None for the first alignment."""
    return None if trend is None else Counter(one.code for one in findings if is_new(one, trend))


def gone(trend: Trend | None, names: Mapping[str, str] = NO_NAMES) -> list[Gone]:
    """What the last alignment found and this one does not."""
    return [
        Gone(finding_meaning(key.code).title, code, names.get(code, ""))
        for key in (trend.gone if trend is not None else ())
        for code in ["" if key.subject.startswith("#") else key.subject]
    ]


def _heights(points: Sequence[Point]) -> list[float]:
    """Where each rate lies between the lowest (0) and the highest (1); half-way where all are one."""
    rates = [point.share.rate for point in points]
    low, high = min(rates), max(rates)
    return [(rate - low) / (high - low) if high > low else 0.5 for rate in rates]
