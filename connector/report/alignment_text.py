"""An alignment for a terminal or a pipe."""

from collections.abc import Mapping
from datetime import date

from connector.domain.alignment import Alignment, Share
from connector.report.chart import year_shares
from connector.report.finding_text import finding_parts
from connector.report.findings import NO_NAMES, attention
from connector.report.sentences import (
    alignment_sentence,
    attention_sentence,
    completeness_sentence,
    day,
    next_steps,
    number,
    percent,
)
from connector.report.terminal import WIDTH, Line, Table, Tone, laid_out
from connector.report.trend import history, history_sentence, news, since_sentence, spark

BAR = 20


def alignment_text(
    alignment: Alignment,
    school: str,
    as_of: date,
    *,
    names: Mapping[str, str] = NO_NAMES,
    all_rows: str = "trackone align --format csv",
    most: int = 10,
    colour: bool = False,
    width: int = WIDTH,
) -> str:
    """The sentence, how whole the read was, what moved, the match by year level, the findings, and the next command.

    `names` are the students' names by SIS code.
    """
    read = alignment.completeness
    parts: list[Line | Table] = [
        Line(alignment_sentence(alignment), Tone.STRONG),
        Line(completeness_sentence(read), Tone.PLAIN if read.complete else Tone.BAD),
        Line(attention_sentence(attention(alignment.findings)) or "Nobody has to put anything right."),
        Line(f"{school}, as of {day(as_of)}." if school else f"As of {day(as_of)}.", Tone.MUTED),
        *_trend(alignment, as_of),
        *(_years(alignment.by_year) if read.complete else ()),
        *finding_parts(
            alignment.findings,
            names=names,
            most=most,
            all_of_them=all_rows,
            news=news(alignment.findings, alignment.trend),
        ),
        Line("\nA page to hand on: trackone align --format html -o alignment.html"),
        *map(Line, next_steps(alignment)),
    ]
    return laid_out(parts, colour=colour, width=width)


def _trend(alignment: Alignment, as_of: date) -> list[Line]:
    if alignment.trend is None:
        return []
    points = history(alignment, as_of)
    return [Line(since_sentence(alignment.trend)), Line(f"{spark(points)} {history_sentence(points)}", Tone.MUTED)]


def _years(by_year: Mapping[str, Share]) -> list[Table]:
    rows = [
        (label, _bar(share), percent(*share), f"{number(share.matched)} of {number(share.students)}")
        for label, share in year_shares(by_year)
    ]
    headers = ("Year level", "", "Rate", "Students")
    return (
        [Table("Usernames that equal the network login", headers, rows, right=frozenset({"Rate", "Students"}))]
        if rows
        else []
    )


def _bar(share: Share) -> str:
    filled = BAR * share.matched // share.students if share.students else 0
    return "━" * filled + "·" * (BAR - filled)
