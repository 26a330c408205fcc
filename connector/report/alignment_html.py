"""An alignment as one HTML file."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from connector.domain.alignment import Alignment
from connector.domain.finding import Finding
from connector.domain.plan import Skip
from connector.mapping.dn import parent_dn
from connector.mapping.keys import natural_key
from connector.report.alignment_facts import (
    NO_UNIT,
    completeness_facts,
    least_matched,
    standings,
    unit_labels,
    unit_shares,
)
from connector.report.chart import match_chart, stretches, year_shares
from connector.report.findings import NO_NAMES, Group, attention
from connector.report.fixes import shown
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
from connector.report.trend import gone, history, is_new, line_of, since_sentence


class Place(NamedTuple):
    """Where somebody belongs: campus and unit, in words."""

    campus: str
    unit: str


class Choice(NamedTuple):
    """A list to choose rows by: the field, its label, the word for all, and the rows of each value."""

    field: str
    label: str
    every: str
    rows: Mapping[str, int]


NO_CAMPUS = "No campus"
_EQUAL = "Usernames that equal the network login"

UNITS = 24
"""Bars of one chart; a directory may have hundreds of units."""
GONE = 500


def alignment_html(
    alignment: Alignment,
    school: str,
    as_of: date,
    *,
    names: Mapping[str, str] = NO_NAMES,
    campuses: Mapping[str, str] = NO_NAMES,
    skips: Sequence[Skip] = (),
    all_rows: str = "trackone align --format csv",
    most: int = MOST,
) -> str:
    """The whole alignment on one page that needs no network and prints on A4.

    `names` and `campuses` are the students' by SIS code; `skips` join the findings in the part for the school
    office. A table has at most `most` rows and says what it leaves out.
    """
    table = finding_table(alignment.findings, most, is_new=lambda found: is_new(found, alignment.trend))
    office = corrections(alignment.findings, skips, names=names)
    places = _places(table.groups, campuses)
    return page(
        "alignment.html",
        "Directory alignment",
        school,
        alignment=alignment,
        as_of=as_of,
        names=names,
        sentence=alignment_sentence(alignment),
        completeness=completeness_sentence(alignment.completeness),
        **_match(alignment, as_of),
        **_breakdown(alignment),
        **_since(alignment, names),
        attention=attention_sentence(attention(alignment.findings)),
        table=table,
        places=places,
        choices=_choices(places),
        left_out=more(len(alignment.findings) - table.shown, all_rows),
        **_changes(alignment, names, most),
        office=office[:most],
        office_total=len(office),
        office_left_out=more(max(0, len(office) - most), all_rows),
        facts=completeness_facts(alignment.completeness),
    )


def _match(alignment: Alignment, as_of: date) -> dict[str, Any]:
    """The match rate and how it moved; no rate where the directory was read in part."""
    ways = standings(alignment)
    return {
        "rate": percent(alignment.matched, alignment.students) if alignment.completeness.complete else "",
        "trend": trend_sentence(alignment),
        "line": line_of(history(alignment, as_of)),
        "standings": ways,
        "split": stretches([(one.students, one.tone) for one in ways], alignment.students),
    }


def _breakdown(alignment: Alignment) -> dict[str, Any]:
    """The bars by year level, campus and place; none where the directory was read in part."""
    whole = alignment.completeness.complete
    campuses = [(campus or NO_CAMPUS, share) for campus, share in sorted(alignment.by_campus.items())]
    units = unit_shares(alignment.by_unit) if whole else []
    few = least_matched(units, UNITS)
    return {
        "by_year": match_chart("years", f"{_EQUAL}, by year level", year_shares(alignment.by_year) if whole else []),
        "by_campus": match_chart("campuses", f"{_EQUAL}, by campus", campuses if whole else []),
        "by_unit": match_chart("units", f"{_EQUAL}, by place in the directory", few),
        "units_left_out": more(len(units) - len(few), "trackone align --format json"),
    }


def _since(alignment: Alignment, names: Mapping[str, str]) -> dict[str, Any]:
    """What is gone since the last alignment."""
    rows = gone(alignment.trend, names)
    left_out = more(max(0, len(rows) - GONE), "trackone align --format json")
    return {"since": since_sentence(alignment.trend), "gone": rows[:GONE], "gone_left_out": left_out}


def _changes(alignment: Alignment, names: Mapping[str, str], most: int) -> dict[str, Any]:
    """What would put findings right, on either side."""
    fixes, renames = shown(alignment.fixes, names), alignment.new_names
    return {
        "fixes": fixes[:most],
        "fixes_left_out": more(max(0, len(fixes) - most), "trackone align --fix-csv fixes.csv"),
        "renames": renames[:most],
        "renames_left_out": more(max(0, len(renames) - most), "trackone align --renames renames.csv"),
    }


def _places(groups: Iterable[Group], campuses: Mapping[str, str]) -> dict[Finding, Place]:
    """The campus and the unit of every finding of the table."""
    found = [one for group in groups for one in group.findings]
    labels = unit_labels({parent_dn(one.dn) for one in found if one.dn})
    return {
        one: Place(campuses.get(one.sis_code or "", NO_CAMPUS), labels[parent_dn(one.dn) if one.dn else ""])
        for one in found
    }


def _choices(places: Mapping[Finding, Place]) -> list[Choice]:
    """The campuses and units to choose from, where there is more than one."""
    campuses = Counter(place.campus for place in places.values())
    units = Counter(place.unit for place in places.values())
    both = (Choice("campus", "Campus", "All campuses", campuses), Choice("unit", "Place", "All places", units))
    return [one._replace(rows=dict(sorted(one.rows.items(), key=_as_counted))) for one in both if len(one.rows) > 1]


def _as_counted(item: tuple[str, int]) -> tuple[bool, str]:
    return item[0] in (NO_CAMPUS, NO_UNIT), natural_key(item[0])
