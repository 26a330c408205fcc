"""The workbook, read as what it is: a zip of XML parts."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import pytest

from connector.domain.finding import finding
from connector.report.alignment_xlsx import LONGEST, alignment_xlsx
from tests.report import samples as s
from tests.report.test_terminal import HOSTILE

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def parts(book: bytes) -> dict[str, str]:
    """The XML parts of the workbook by their names."""
    with ZipFile(BytesIO(book)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def sheet(book: bytes, number: int) -> list[list[str]]:
    """The rows of a sheet as text."""
    own = parts(book)
    shared = [
        "".join(node.text or "" for node in item.iter(f"{MAIN}t"))
        for item in ET.fromstring(own["xl/sharedStrings.xml"])  # noqa: S314 - made by ourselves
    ]
    rows = ET.fromstring(own[f"xl/worksheets/sheet{number}.xml"]).iter(f"{MAIN}row")  # noqa: S314 - the same
    return [[_value(cell, shared) for cell in row] for row in rows]


def _value(cell: ET.Element, shared: list[str]) -> str:
    value = cell.findtext(f"{MAIN}v") or ""
    return shared[int(value)] if cell.get("t") == "s" else value


BOOK = alignment_xlsx(s.ALIGNMENT, s.SCHOOL, s.AS_OF, names=s.NAMES, skips=s.SKIPS)


def test_workbook_has_summary_findings_and_office_report() -> None:
    """The sheets stand in this order; what is gone only where there was an alignment before."""
    assert re.findall(r'<sheet name="([^"]+)"', parts(BOOK)["xl/workbook.xml"]) == [
        "Summary",
        "Findings",
        "Office report",
        "Directory changes",
        "TrackOne renames",
        "Gone since last time",
    ]
    first = alignment_xlsx(replace(s.ALIGNMENT, trend=None), s.SCHOOL, s.AS_OF)
    assert "Gone since last time" not in parts(first)["xl/workbook.xml"]


def test_the_sheets_of_what_to_change_and_what_is_gone() -> None:
    """Each change has its student, the value now and then, and whether to make it; what is gone its student."""
    assert sheet(BOOK, 4)[2][:7] == [
        "Has left, but can still sign in",
        "S1000",
        "",
        "Enabled",
        "TRUE",
        "FALSE",
        "yes",
    ]
    assert sheet(BOOK, 5)[1] == ["S0007", "Zoë García-Núñez", "zgarcia", "zgarcianunez"]
    assert sheet(BOOK, 6)[1] == ["Login is disabled", "S0042", "Noah Rahman"]


def test_summary_says_the_sentence_and_the_years() -> None:
    """The first sheet has the school, the sentence, the years with numbers, and what was found."""
    rows = sheet(BOOK, 1)
    assert rows[0] == ["Directory alignment"]
    assert rows[1] == ["Riverside College, as of 2 March 2026"]
    assert rows[2][0].startswith("1,161 of 1,204 students have a username that equals the network login")
    assert ["Year 10", "180", "200", "90.0%"] in rows
    assert ["Username is not the network login", "1", "error", "", "TrackOne administrator"] in rows


def test_findings_stand_one_a_row() -> None:
    """Each finding is a row, the gravest first, with the student's name."""
    rows = sheet(BOOK, 2)
    assert len(rows) == 1 + len(s.FINDINGS)
    assert rows[1][:6] == [
        "error",
        "Username is not the network login",
        "S0007",
        "Zoë García-Núñez",
        "zgarcia",
        "zgarcianunez",
    ]


def test_office_report_has_only_what_the_office_can_correct() -> None:
    """The third sheet says whose record, which field and what to correct, from findings and skips alike."""
    rows = sheet(BOOK, 3)
    assert [row[0] for row in rows[1:]] == ["S0201", "S0311", ""]
    assert rows[1] == [
        "S0201",
        "",
        "Names, e-mail or login",
        "No username can be made",
        "the e-mail is empty",
        "Fill in the e-mail in the SIS",
    ]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_cell_is_a_formula_or_a_link(text: str) -> None:
    """Whatever a name holds, the workbook is sound XML without one formula, link or unseen sign."""
    found = finding(
        "username-differs", sis_code=text, username=text, login=text, dn=text, detail=text, suggestion=text
    )
    book = alignment_xlsx(replace(s.ALIGNMENT, findings=(found,)), text, s.AS_OF, names={text: text})
    for name, part in parts(book).items():
        if name.endswith(".xml"):
            ET.fromstring(part)  # noqa: S314 - made by ourselves
        assert "<f>" not in part
        assert "<hyperlink" not in part
        assert "\u202e" not in part
    assert len(sheet(book, 2)) == 2


def test_a_link_stays_text() -> None:
    """An address that Excel would open stays plain text."""
    found = finding("rejected-row", detail="https://example.org")
    book = alignment_xlsx(replace(s.ALIGNMENT, findings=(found,)), "", s.AS_OF)
    assert "<hyperlink" not in parts(book)["xl/worksheets/sheet2.xml"]
    assert sheet(book, 2)[1][6] == "https://example.org"


def test_a_text_too_long_for_a_cell_says_what_is_missing() -> None:
    """A text beyond Excel's limit is cut with a word, where Excel would drop the cell."""
    found = finding("rejected-row", detail="x" * 40_000)
    said = sheet(alignment_xlsx(replace(s.ALIGNMENT, findings=(found,)), "", s.AS_OF), 2)[1][6]
    assert len(said) <= LONGEST
    assert said.endswith("(+8,012)")


def test_equal_alignments_make_equal_bytes() -> None:
    """Nothing but the alignment goes into the file: no clock, no user name."""
    again = alignment_xlsx(s.ALIGNMENT, s.SCHOOL, s.AS_OF, names=s.NAMES, skips=s.SKIPS)
    assert again == BOOK
    assert "2026-03-02" in parts(BOOK)["docProps/core.xml"]
