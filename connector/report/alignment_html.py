"""An alignment as one HTML file."""

from collections.abc import Mapping, Sequence
from datetime import date

from connector.domain.alignment import Alignment, Share
from connector.domain.plan import Skip
from connector.report.alignment_facts import completeness_facts, standings
from connector.report.chart import match_chart, stretches, year_shares
from connector.report.findings import NO_NAMES, attention
from connector.report.office import corrections
from connector.report.page import MOST, finding_table, page
from connector.report.sentences import (
    alignment_sentence,
    attention_sentence,
    completeness_sentence,
    more,
    percent,
    trend_sentence,
)


def alignment_html(
    alignment: Alignment,
    school: str,
    as_of: date,
    previous: float | None = None,
    *,
    names: Mapping[str, str] = NO_NAMES,
    skips: Sequence[Skip] = (),
    all_rows: str = "trackone align --format csv",
    most: int = MOST,
) -> str:
    """The whole alignment on one page that needs no network and prints on A4.

    `previous` is the match rate of last time, 0 to 1; `names` are the students' names by SIS code; `skips` join
    the findings in the part for the school office. A table has at most `most` rows and says what it leaves out.
    """
    table = finding_table(alignment.findings, most)
    ways = standings(alignment)
    office = corrections(alignment.findings, skips, names=names)
    return page(
        "alignment.html",
        "Directory alignment",
        school,
        alignment=alignment,
        as_of=as_of,
        names=names,
        sentence=alignment_sentence(alignment, previous),
        completeness=completeness_sentence(alignment.completeness),
        rate=percent(alignment.matched, alignment.students),
        trend=trend_sentence(alignment.match_rate, previous),
        standings=ways,
        split=stretches([(one.students, one.tone) for one in ways], alignment.students),
        by_year=match_chart(
            "years", "Usernames that equal the network login, by year level", year_shares(alignment.by_year)
        ),
        by_campus=match_chart("campuses", "Usernames that equal the network login, by campus", _campuses(alignment)),
        attention=attention_sentence(attention(alignment.findings)),
        table=table,
        left_out=more(len(alignment.findings) - table.shown, all_rows),
        office=office[:most],
        office_total=len(office),
        office_left_out=more(max(0, len(office) - most), all_rows),
        facts=completeness_facts(alignment.completeness),
    )


def _campuses(alignment: Alignment) -> list[tuple[str, Share]]:
    return [(campus or "No campus", share) for campus, share in sorted(alignment.by_campus.items())]
