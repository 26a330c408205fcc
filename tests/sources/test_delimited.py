import codecs
import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.errors import ConfigError, ConnectorError, SourceError
from connector.sources.delimited import TextTable, open_table
from connector.sources.files import SourceFile, Watch

TEXT = "Code,Name\nS1,Zoë\nS2,Łukasz\n"


def memory(content: bytes) -> SourceFile:
    """A file called students.csv that lies in memory."""
    name = "students.csv"
    return SourceFile(name, len(content), lambda: io.BytesIO(content))


def rows(table: TextTable) -> list[list[str]]:
    """Every row of the table, read to its end."""
    return list(table.records())


ENCODINGS = {
    "UTF-8": (TEXT.encode(), "", "utf-8"),
    "UTF-8 with a byte-order mark": (codecs.BOM_UTF8 + TEXT.encode(), "", "utf-8-sig"),
    "UTF-16, little end first": (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "", "utf-16"),
    "UTF-16, big end first": (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "", "utf-16"),
    "UTF-8 although a fallback is set": (TEXT.encode(), "cp1252", "utf-8"),
    "the fallback where it is not UTF-8": (TEXT.encode("cp1250"), "cp1250", "cp1250"),
}


@pytest.mark.parametrize(("content", "fallback", "encoding"), ENCODINGS.values(), ids=ENCODINGS)
def test_encoding(content: bytes, fallback: str, encoding: str) -> None:
    """The byte-order mark decides, then strict UTF-8, then the fallback; the text is the same."""
    table = open_table(memory(content), fallback)
    assert table.survey.encoding == encoding
    assert table.headers == ("Code", "Name")
    assert rows(table) == [["S1", "Zoë", "2"], ["S2", "Łukasz", "3"]]


NO_TEXT: dict[str, tuple[bytes, str, type[ConnectorError], str]] = {
    "0 bytes": (b"", "", SourceError, "students.csv is empty"),
    "only line ends": (b"\r\n\r\n", "", SourceError, "students.csv is empty"),
    "only a byte-order mark": (codecs.BOM_UTF8, "", SourceError, "students.csv is empty"),
    "no UTF-8": (b"Code,Name\nS1,Zo\xeb\n", "", SourceError, "students.csv is not UTF-8: byte 15 cannot be read"),
    "a mark, but no UTF-8": (
        codecs.BOM_UTF8 + b"Code\nZo\xeb\n",
        "cp1252",
        SourceError,
        "students.csv is not UTF-8: byte 10 cannot be read",
    ),
    "not even the fallback": (
        b"Code\n\x81\n",
        "cp1252",
        SourceError,
        "students.csv is not cp1252: byte 5 cannot be read",
    ),
    "cut inside a character": (
        TEXT.encode()[:16],
        "cp1252",
        SourceError,
        "students.csv ends in the middle of a character, at byte 15",
    ),
    "UTF-16 cut inside a character": (
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le")[:-1],
        "",
        SourceError,
        "students.csv ends in the middle of a character, at byte 54",
    ),
    "a NUL": (
        b"Code,Name\nS1,A\0\n",
        "",
        SourceError,
        "students.csv holds a NUL near byte 14, so it is no text file",
    ),
    "UTF-16 without a mark": (
        TEXT.encode("utf-16-le"),
        "cp1252",
        SourceError,
        "students.csv is UTF-16 without a byte-order mark, not delimited text",
    ),
    "a fallback that is none": (
        b"Zo\xeb\n",
        "windows",
        ConfigError,
        '[sis] encoding_fallback: "windows" is no encoding',
    ),
    "a fallback that is no text": (
        b"Zo\xeb\n",
        "zlib",
        ConfigError,
        '[sis] encoding_fallback: "zlib" is no encoding',
    ),
    "a header in an open quote": (
        b'Code,"Name\nS1,A\n',
        "",
        SourceError,
        "students.csv: the header line cannot be read: unexpected end of data",
    ),
}


@pytest.mark.parametrize(("content", "fallback", "kind", "message"), NO_TEXT.values(), ids=NO_TEXT)
def test_no_text(content: bytes, fallback: str, kind: type[ConnectorError], message: str) -> None:
    """A file that cannot be read as text is refused as a whole, with the place and the next step."""
    with pytest.raises(kind) as caught:
        open_table(memory(content), fallback)
    assert caught.value.message == message
    assert caught.value.hint


def test_bad_bytes_are_found_beyond_the_first_block() -> None:
    """The offset counts from the file's start, also across the blocks it is read in."""
    content = b"Code,Name\n" + b"S1,Zo\xc3\xab\n" * 300_000 + b"S2,Zo\xeb\n"
    with pytest.raises(SourceError, match=f"byte {len(content) - 2} cannot"):
        open_table(memory(content))


def test_a_file_over_a_gibibyte_is_refused_unread() -> None:
    """The size alone refuses a file."""

    def never() -> io.BytesIO:
        raise AssertionError("opened")

    with pytest.raises(SourceError, match=r"^students.csv is larger than 1 GiB"):
        open_table(SourceFile("students.csv", (1 << 30) + 1, never))


DELIMITERS = {
    "comma": ("Code,Name\nS1,A;B\n", ","),
    "semicolon": ("Code;Name;Year\nS1;A,B;7\n", ";"),
    "tab": ("Code\tYear\tName, full\nS1\t7\tA\n", "\t"),
    "bar": ("Code|Name\nS1|A\n", "|"),
    "commas inside quotes do not count": ('"Name, given, middle";Code\nA;S1\n', ";"),
    "one column": ("Code\nS1\n", ","),
}


@pytest.mark.parametrize(("text", "delimiter"), DELIMITERS.values(), ids=DELIMITERS)
def test_delimiter(text: str, delimiter: str) -> None:
    """The commonest of comma, tab, semicolon and bar in the header line parts the cells."""
    table = open_table(memory(text.encode()))
    assert table.delimiter == delimiter
    assert [len(cells) for cells in table.records()] == [len(table.headers) + 1]
    assert not table.faults


SHAPES = {
    "line ends of Windows": ("A,B\r\n1,2\r\n", [["1", "2", "2"]], []),
    "line ends of old Macs": ("A,B\r1,2\r", [["1", "2", "2"]], []),
    "no line end at the end": ("A,B\n1,2", [["1", "2", "2"]], []),
    "blank lines": ("\n\nA,B\n\n1,2\n\n\n3,4\n", [["1", "2", "5"], ["3", "4", "8"]], []),
    "rows of blanks": ("A,B\n\n1,2\n,,,,\n ,,\n", [["1", "2", "3"]], []),
    "the end-of-file sign of DOS": ("A,B\n1,2\n\x1a", [["1", "2", "2"]], []),
    "a quoted line break": ('A,B\n"1\n1",2\n3,4\n', [["1\n1", "2", "2"], ["3", "4", "4"]], []),
    "blanks before a quote": ('A,B\n1, "2, 3"\n', [["1", "2, 3", "2"]], []),
    "further cells that are blank": ("A,B\n1,2,,\n", [["1", "2", "2"]], []),
    "blank headers at the end": ("A,B,,\n1,2\n3,4,,\n", [["1", "2", "2"], ["3", "4", "3"]], []),
    "a short row": ("A,B,C\n1,2\n3,4,5\n", [["3", "4", "5", "3"]], [(2, "has 2 cells where the header has 3")]),
    "a long row": ("A,B\n1,2,3\n3,4\n", [["3", "4", "3"]], [(2, "has 3 cells where the header has 2")]),
    "a quote that is not doubled": (
        'A,B\n"O"Brien",2\n3,4\n',
        [["3", "4", "3"]],
        [(2, "has a quote inside a quoted cell that is not doubled")],
    ),
    "a quote inside a cell without quotes": ('A,B\nO"Brien,2\n', [['O"Brien', "2", "2"]], []),
    "a last row in an open quote": ('A,B\n1,2\n3,"4', [["1", "2", "2"]], [(3, "ends inside quotes")]),
    "separators of packed rows are blanks": ("A,B\n1\x1f1,2\x1e2\n", [["1 1", "2 2", "2"]], []),
}


@pytest.mark.parametrize(("text", "expected", "faults"), SHAPES.values(), ids=SHAPES)
def test_rows(text: str, expected: list[list[str]], faults: list[tuple[int, str]]) -> None:
    """Rows come with the line they begin on; a row that does not fit is a fault and stops no other."""
    table = open_table(memory(text.encode()))
    assert rows(table) == expected
    assert [(fault.line, fault.detail) for fault in table.faults] == faults


TRUNCATED = {
    "short without a line end": ("A,B\n1,2\n3", True),
    "short with a line end": ("A,B\n1,2\n3\n", False),
    "whole without a line end": ("A,B\n1,2\n3,4", False),
    "inside a quote without a line end": ('A,B\n1,2\n3,"4', True),
    "a short row before a whole one": ("A,B\n1\n3,4", False),
    "only a header": ("A,B", False),
}


@pytest.mark.parametrize(("text", "truncated"), TRUNCATED.values(), ids=TRUNCATED)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_truncated(text: str, truncated: bool, encoding: str) -> None:
    """A last row that is short and has no line end says that the file was cut."""
    table = open_table(memory(text.encode(encoding)))
    rows(table)
    assert table.truncated is truncated


def test_a_quote_that_is_never_closed_stops_the_read() -> None:
    """A quote that swallows further lines up to the end loses rows, so the read cannot go on."""
    table = open_table(memory(b'A,B\n1,2\n"3,4\n5,6\n'))
    with pytest.raises(SourceError) as caught:
        rows(table)
    assert caught.value.message == "students.csv:3: a quote is opened and never closed"


def test_a_cell_over_64_kib_stops_the_read() -> None:
    """A cell may be 64 KiB long and no longer."""
    longest = "x" * (1 << 16)
    assert rows(open_table(memory(f"A,B\n1,{longest}\n".encode()))) == [["1", longest, "2"]]
    with pytest.raises(SourceError) as caught:
        rows(open_table(memory(f"A,B\n1,{longest}y\n".encode())))
    assert caught.value.message == "students.csv:2: a cell is longer than 64 KiB"


def test_more_rows_than_the_limit_stop_the_read() -> None:
    """The limit itself is allowed, one row more is not; rows that are faults count too."""
    text = b"A,B\n1,2\n3\n4,5\n"
    assert len(rows(open_table(memory(text), max_rows=3))) == 2
    with pytest.raises(SourceError, match=r"^students.csv has more than 2 rows"):
        rows(open_table(memory(text), max_rows=2))


def test_the_limit_holds_after_a_refused_row() -> None:
    """A row that the csv reader gives up does not lift the limit, nor does it bring the read down."""
    text = b'A,B\n"1\n1",2\n"x"y,2\n3,4\n'
    assert len(rows(open_table(memory(text), max_rows=5))) == 2
    with pytest.raises(SourceError, match="has more than 2 rows"):
        rows(open_table(memory(text), max_rows=2))


def test_line_breaks_can_be_forbidden() -> None:
    """Where the format allows no line break in a cell, a row with one is a fault."""
    table = open_table(memory(b'A,B\n"1\n1",2\n3,4\n'), line_breaks=False)
    assert rows(table) == [["3", "4", "4"]]
    assert [(fault.line, fault.detail) for fault in table.faults] == [(2, "has a line break inside a cell")]


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    """A table can be read again from its beginning, faults included."""
    path = tmp_path / "students.csv"
    path.write_bytes(b"A,B\n1,2\n3\n")
    table = open_table(Watch().file(path))
    assert rows(table) == rows(table)
    assert len(table.faults) == 1


DIALECTS = [
    {"delimiter": delimiter, "quoting": quoting, "lineterminator": end}
    for delimiter in ",\t;|"
    for quoting, end in ((csv.QUOTE_MINIMAL, "\r\n"), (csv.QUOTE_ALL, "\r\n"), (csv.QUOTE_ALL, "\n"))
]
CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\x1a\x1c\x1d\x1e\x1f")).map(
    lambda text: text.lstrip(" ")
)


@settings(max_examples=200, deadline=None)
@given(
    dialect=st.sampled_from(DIALECTS),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    table=st.lists(st.tuples(CELLS, CELLS, CELLS).filter(lambda cells: any(cell.strip(" \x1a") for cell in cells))),
)
def test_what_a_csv_writer_writes_is_read_back(
    dialect: dict[str, object], encoding: str, table: list[tuple[str, str, str]]
) -> None:
    """Any table in any usual dialect and encoding reads back as it was written."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, **dialect)
    writer.writerows([("Code", "Given name", "Family name"), *table])
    read = open_table(memory(text.getvalue().encode(encoding)))
    assert [tuple(cells[:-1]) for cells in read.records()] == table
    assert not read.faults
