"""An alignment as an XLSX workbook: the summary, the findings, the corrections for the school office."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import NamedTuple

from xlsxwriter import Workbook  # type: ignore[import-untyped]  # it ships no types
from xlsxwriter.format import Format  # type: ignore[import-untyped]  # the same
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]  # the same

from connector.domain.alignment import Alignment, Share
from connector.domain.plan import Skip
from connector.report.alignment_facts import completeness_facts, unit_shares
from connector.report.chart import year_shares
from connector.report.findings import NO_NAMES, attention, evidence, grouped, meaning_of, ordered
from connector.report.fixes import Shown, shown
from connector.report.glossary import SEVERITY_WORDS
from connector.report.harmless import harmless, shortened
from connector.report.office import Correction, corrections
from connector.report.sentences import (
    alignment_sentence,
    attention_sentence,
    completeness_sentence,
    day,
    percent,
)
from connector.report.trend import gone, history, is_new, since_sentence

LONGEST = 32_000
"""Characters of one cell; Excel holds 32,767 and would drop the whole cell beyond."""
MOST = 1_000_000
"""Rows of one sheet; Excel holds 1,048,576."""

_FINDING_COLUMNS = (
    *(("Severity", 10), ("What was found", 34), ("SIS code", 12), ("Student", 26), ("Username", 20)),
    *(("Network login", 20), ("Evidence", 44), ("What to do", 36), ("Who", 24), ("DN", 60), ("Code", 24), ("New", 8)),
)
_OFFICE_COLUMNS = (
    *(
        ("SIS code", 12),
        ("Student", 26),
        ("Field", 24),
        ("What is wrong", 34),
        ("Evidence", 50),
        ("What to correct", 44),
    ),
)

_FIX_COLUMNS = (
    *(("What was found", 34), ("SIS code", 12), ("Student", 26), ("What", 18), ("Now", 34), ("Then", 34)),
    *(("Apply", 20), ("DN", 60)),
)
_RENAME_COLUMNS = (("SIS code", 12), ("Student", 26), ("Username now", 24), ("Username then", 24))
_GONE_COLUMNS = (("Gone", 34), ("SIS code", 12), ("Student", 26))

Row = Sequence[str | int]


class Formats(NamedTuple):
    """The few ways a cell looks."""

    title: Format
    head: Format
    text: Format
    count: Format
    muted: Format


def alignment_xlsx(
    alignment: Alignment,
    school: str,
    as_of: date,
    *,
    names: Mapping[str, str] = NO_NAMES,
    skips: Sequence[Skip] = (),
) -> bytes:
    """The workbook's bytes, the same for the same alignment. Every cell is text or a number, never a formula."""
    out = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(out, options) as book:
        made = datetime.combine(as_of, time(), UTC).replace(tzinfo=None)
        book.set_properties({"title": "Directory alignment", "company": harmless(school)[:255], "created": made})
        formats = _formats(book)
        _summary(book.add_worksheet("Summary"), formats, alignment, school, as_of)
        _table(book.add_worksheet("Findings"), formats, _FINDING_COLUMNS, _finding_rows(alignment, names))
        office = corrections(alignment.findings, skips, names=names)
        _table(book.add_worksheet("Office report"), formats, _OFFICE_COLUMNS, [_office_row(one) for one in office])
        changes = shown(alignment.fixes, names)
        _table(book.add_worksheet("Directory changes"), formats, _FIX_COLUMNS, [_fix_row(one) for one in changes])
        renames = [(one.sis_code, names.get(one.sis_code, ""), one.old, one.new) for one in alignment.new_names]
        _table(book.add_worksheet("TrackOne renames"), formats, _RENAME_COLUMNS, renames)
        if alignment.trend is not None:
            _table(book.add_worksheet("Gone since last time"), formats, _GONE_COLUMNS, gone(alignment.trend, names))
    return out.getvalue()


def _formats(book: Workbook) -> Formats:
    base = {"font_size": 11, "valign": "top"}
    return Formats(
        title=book.add_format({**base, "font_size": 18, "bold": True}),
        head=book.add_format(
            {**base, "bold": True, "font_color": "#FFFFFF", "bg_color": "#14304F", "valign": "vcenter"}
        ),
        text=book.add_format({**base, "text_wrap": True, "num_format": "@"}),
        count=book.add_format({**base, "num_format": "#,##0"}),
        muted=book.add_format({**base, "font_color": "#52606D"}),
    )


def _summary(sheet: Worksheet, formats: Formats, alignment: Alignment, school: str, as_of: date) -> None:
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 3, 14)
    sheet.set_column(4, 4, 28)
    lines = [
        (alignment_sentence(alignment), formats.muted),
        (since_sentence(alignment.trend), formats.muted),
        (completeness_sentence(alignment.completeness), formats.muted),
        (attention_sentence(attention(alignment.findings)), formats.muted),
    ]
    _write(sheet, 0, 0, "Directory alignment", formats.title)
    _write(sheet, 1, 0, f"{school}, as of {day(as_of)}" if school else f"As of {day(as_of)}", formats.muted)
    for at, (line, style) in enumerate(lines, start=3):
        _write(sheet, at, 0, line, style)
    at = 8
    for header, shares in _breakdowns(alignment, as_of) if alignment.completeness.complete else ():
        at = _block(sheet, formats, at, (header, "Matched", "Students", "Rate"), _share_rows(shares))
    headers = ("What was found", "How many", "Severity", "", "Who can put it right")
    at = _block(sheet, formats, at, headers, _group_rows(alignment))
    _block(sheet, formats, at, ("What was read", ""), completeness_facts(alignment.completeness))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _block(sheet: Worksheet, formats: Formats, top: int, headers: Sequence[str], rows: Sequence[Row]) -> int:
    """Write a small table; returns the row where the next may begin."""
    for column, header in enumerate(headers):
        _write(sheet, top, column, header, formats.head)
    for at, row in enumerate(rows, start=top + 1):
        for column, value in enumerate(row):
            _write(sheet, at, column, value, formats.count if isinstance(value, int) else formats.text)
    return top + len(rows) + 3


def _table(sheet: Worksheet, formats: Formats, columns: Sequence[tuple[str, int]], rows: Iterable[Row]) -> None:
    """A sheet that is one table: its head stays in sight and on every printed page, every column can be filtered."""
    for column, (header, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        _write(sheet, 0, column, header, formats.head)
    at = 0
    for at, row in enumerate(rows, start=1):
        if at > MOST:
            _write(sheet, at, 0, "There are more: trackone align --format csv", formats.muted)
            break
        for column, value in enumerate(row):
            _write(sheet, at, column, value, formats.text)
    sheet.set_row(0, 24)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, at, len(columns) - 1)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})


def _write(sheet: Worksheet, row: int, column: int, value: str | int, style: Format) -> None:
    """One cell; text is written as text whatever it looks like."""
    if isinstance(value, int):
        sheet.write_number(row, column, value, style)
    else:
        sheet.write_string(row, column, shortened(harmless(value), LONGEST), style)


def _breakdowns(alignment: Alignment, as_of: date) -> list[tuple[str, list[tuple[str, Share]]]]:
    """The groups that the match is broken down by, and the earlier alignments; a single group is no breakdown."""
    campuses = [(campus or "No campus", share) for campus, share in alignment.by_campus.items()]
    days = [(day(point.as_of), point.share) for point in reversed(history(alignment, as_of))]
    further = [
        ("Campus", campuses),
        ("Place in the directory", unit_shares(alignment.by_unit)),
        ("Alignment for", days),
    ]
    return [("Year level", year_shares(alignment.by_year)), *(one for one in further if len(one[1]) > 1)]


def _share_rows(shares: Iterable[tuple[str, Share]]) -> list[Row]:
    return [(label, share.matched, share.students, percent(*share)) for label, share in shares]


def _group_rows(alignment: Alignment) -> list[Row]:
    return [
        (one.meaning.title, len(one.findings), SEVERITY_WORDS[one.severity], "", one.meaning.who.heading)
        for one in grouped(alignment.findings)
    ]


def _finding_rows(alignment: Alignment, names: Mapping[str, str]) -> Iterable[Row]:
    for one in ordered(alignment.findings):
        meaning = meaning_of(one)
        yield (
            *(SEVERITY_WORDS[one.severity], meaning.title, one.sis_code or "", names.get(one.sis_code or "", "")),
            *(one.username or "", one.login or "", evidence(one) or meaning.means, one.suggestion or meaning.todo),
            *(meaning.who.heading, one.dn or "", one.code),
            "new" if is_new(one, alignment.trend) else "",
        )


def _fix_row(one: Shown) -> Row:
    return (one.title, one.sis_code, one.student, one.what, one.old, one.new, one.apply, one.dn)


def _office_row(one: Correction) -> Row:
    return (one.sis_code, one.student, one.field, one.wrong, one.evidence, one.todo)
