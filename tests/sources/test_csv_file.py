import os
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.domain.errors import ConfigError, ConnectorError, SourceError
from connector.domain.ports import Reading
from connector.domain.student import Reject, Status, Student
from connector.settings.values import SchoolSettings, SisSettings
from connector.sources.csv_file import csv_source
from connector.sources.delimited import MAX_ROWS
from connector.sources.reading import TableReading

OpenCsv = Callable[..., TableReading]
People = Callable[[Reading], list[Student | Reject]]

FULL = {
    "sis_code": ("Code",),
    "given_names": ("First",),
    "family_name": ("Last",),
    "middle_name": ("Middle",),
    "preferred_name": ("Known as",),
    "preferred_family_name": ("Known family",),
    "year_level": ("Year",),
    "campus": ("Campus",),
    "status": ("Status",),
    "email": ("Mail",),
    "network_login": ("Login",),
    "homegroup": ("Home",),
    "house": ("House",),
    "entry_date": ("In",),
    "exit_date": ("Out",),
    "flags": ("Boarder", "Tags"),
    "classes": ("Class 1", "Class 2"),
}
FULL_HEADER = (
    "Code,First,Last,Middle,Known as,Known family,Year,Campus,Status,Mail,Login,Home,House,In,Out,Boarder,Tags,"
    "Class 1,Class 2,Locker"
)


def test_every_field(open_csv: OpenCsv, people: People) -> None:
    """A row becomes a Student with every field cleaned, codes as text, and where it stands."""
    row = (
        '0009130," Amelia  Rose",Smith,Grace,Millie,Jones,Year 07,SE;JU,A,Amelia@X.EDU.AU,asmith,7B,Red,'
        "01/02/2024,30/12/1899,Y,Choir|Band,MA1;EN1,PE1,12"
    )
    reading = open_csv(
        f"{FULL_HEADER}\n{row}\n",
        columns=FULL,
        status={"active": ("a",)},
        date_formats=("%d/%m/%Y",),
        extra_columns=("Locker",),
    )
    assert people(reading) == [
        Student(
            sis_code="0009130",
            legal_given="Amelia Rose",
            legal_family="Smith",
            middle="Grace",
            preferred_given="Millie",
            preferred_family="Jones",
            status=Status.ACTIVE,
            year_level="7",
            year_level_raw="Year 07",
            cohort=2031,
            campuses=("SE", "JU"),
            homegroup="7B",
            house="Red",
            flags=frozenset({"Boarder", "Choir", "Band"}),
            classes=frozenset({"MA1", "EN1", "PE1"}),
            email="Amelia@x.edu.au",
            network_login="asmith",
            entry_date=date(2024, 2, 1),
            exit_date=None,
            columns={"Locker": "12"},
            place="students.csv:2",
        )
    ]
    assert reading.complete
    assert reading.row_count == 1
    assert reading.columns.by_field["flags"] == "Boarder, Tags"


def test_fields_without_a_column_are_empty(open_csv: OpenCsv, people: People) -> None:
    """The least a row can be is a code and a name."""
    reading = open_csv("Code,Family\nS1,Cher\n", columns={"sis_code": ("Code",), "family_name": ("Family",)})
    assert people(reading) == [Student("S1", legal_family="Cher", place="students.csv:2")]


STATUSES = {
    "a word of the school": ("A", Status.ACTIVE),
    "in other letter case": ("lEfT school", Status.LEFT),
    "a name of a status": ("Inactive", Status.INACTIVE),
    "blank": ("", Status.ACTIVE),
    "a word in no list": ("Lfet", Status.UNKNOWN),
}


@pytest.mark.parametrize(("word", "expected"), STATUSES.values(), ids=STATUSES)
def test_status_words(open_csv: OpenCsv, people: People, word: str, expected: Status) -> None:
    """The words of the status column are the school's; a word in no list is unknown, never inactive."""
    reading = open_csv(
        f"Code,Family,Status\nS1,Smith,{word}\n",
        columns={"sis_code": ("Code",), "family_name": ("Family",), "status": ("Status",)},
        status={"active": ("A",), "left": ("Left school",)},
    )
    (student,) = people(reading)
    assert isinstance(student, Student)
    assert student.status is expected


def test_odd_words_are_told_once_with_their_count(open_csv: OpenCsv, people: People) -> None:
    """Words and addresses that cannot be read are told with how often and where first; nobody's name is."""
    reading = open_csv(
        "Code,Family,Status,Year,Mail,On\nS1,A,Lfet,PS1,n/a,\nS2,B,Lfet,7,-,maybe\nS3,C,A,8,c@x.edu,yes\n",
        columns={
            "sis_code": ("Code",),
            "family_name": ("Family",),
            "status": ("Status",),
            "year_level": ("Year",),
            "email": ("Mail",),
            "enabled": ("On",),
        },
        status={"active": ("A",)},
    )
    people(reading)
    assert list(reading.warnings) == [
        'status "Lfet" (2 rows, first students.csv:2) is in no list of [sis.status]: unknown, which archives nobody',
        'year level "PS1" (1 row, first students.csv:2) is none the connector knows: left empty',
        "an e-mail that is no address (2 rows, first students.csv:2): left empty",
    ]


def test_enabled_speaks_where_the_status_does_not(open_csv: OpenCsv, people: People) -> None:
    """A no in the enabled column is inactive; a word that is neither yes nor no is unknown."""
    columns = {"sis_code": ("Code",), "family_name": ("Family",), "enabled": ("On",)}
    reading = open_csv("Code,Family,On\nS1,A,0\nS2,B,TRUE\nS3,C,\nS4,D,perhaps\n", columns=columns)
    assert [item.status for item in people(reading) if isinstance(item, Student)] == [
        Status.INACTIVE,
        Status.ACTIVE,
        Status.ACTIVE,
        Status.UNKNOWN,
    ]
    assert any('"perhaps"' in line for line in reading.warnings)


def test_html_is_decoded_only_when_asked(open_csv: OpenCsv, people: People) -> None:
    """Names stored as HTML are decoded with html_unescape, the code too; without it they stay."""
    text = "Code,Given,Family,Year\nS&amp;1,Se&aacute;n,O&#039;Brien,7\n"
    reading = open_csv(text, html_unescape=True)
    row = next(iter(reading.rows()))
    assert reading.code(row) == "S&1"
    assert reading.student(row)[:3] == ("S&1", "Seán", "O'Brien")
    plain = open_csv(text)
    assert people(plain)[0][:3] == ("S&amp;1", "Se&aacute;n", "O&#039;Brien")


REJECTS: dict[str, tuple[str, Reject]] = {
    "no code": (
        "Code,Given,Family,Year\n,A,B,7\n",
        Reject("students.csv:2", "has no student code; give it one in the SIS and export again", None),
    ),
    "a blank code": (
        "Code,Given,Family,Year\n \u00a0,A,B,7\n",
        Reject("students.csv:2", "has no student code; give it one in the SIS and export again", None),
    ),
    "no name": (
        "Code,Given,Family,Year\nS1, ,,7\n",
        Reject("students.csv:2", "has neither a given name nor a family name; complete it in the SIS", "S1"),
    ),
    "a short row": (
        "Code,Given,Family,Year\nS1,A,B\n",
        Reject("students.csv:2", "has 3 cells where the header has 4; correct it in the SIS and export again", "S1"),
    ),
    "a long row whose code comes first": (
        "Code,Given,Family,Year\nS1,A,van der Berg, B,7\n",
        Reject("students.csv:2", "has 5 cells where the header has 4; correct it in the SIS and export again", "S1"),
    ),
    "a long row whose code comes later": (
        "Given,Code,Family,Year\nA, B,S1,C,7\n",
        Reject("students.csv:2", "has 5 cells where the header has 4; correct it in the SIS and export again", None),
    ),
    "a short row without its code": (
        "Given,Family,Code,Year\nA,B\n",
        Reject("students.csv:2", "has 2 cells where the header has 4; correct it in the SIS and export again", None),
    ),
    "a quote that is not doubled": (
        'Code,Given,Family,Year\nS1,"A" B,C,7\n',
        Reject(
            "students.csv:2",
            "has a quote inside a quoted cell that is not doubled; correct it in the SIS and export again",
            None,
        ),
    ),
}


@pytest.mark.parametrize(("text", "expected"), REJECTS.values(), ids=REJECTS)
def test_rejected_rows(open_csv: OpenCsv, people: People, text: str, expected: Reject) -> None:
    """A row that cannot be a Student says where it stands and what to do, and stops no other row."""
    reading = open_csv(text + "S9,Z,Z,9\n")
    items = people(reading)
    assert items[0] == expected
    assert len(items) == 2
    assert reading.complete is (expected.sis_code is not None), "an unreadable code makes absence meaningless"
    assert bool(reading.findings) is (expected.sis_code is None)


def test_a_date_in_no_format_rejects_its_row(open_csv: OpenCsv, people: People) -> None:
    """Day and month are never guessed: the row is rejected with its code."""
    columns = {"sis_code": ("Code",), "family_name": ("Family",), "exit_date": ("Out",)}
    reading = open_csv("Code,Family,Out\nS1,A,1/05/2023\nS2,B,2023-05-01\n", columns=columns)
    first, second = people(reading)
    assert first == Reject(
        "students.csv:2",
        'the date "1/05/2023" fits none of date_formats (%Y-%m-%d); name its format under [sis]',
        "S1",
    )
    assert isinstance(second, Student)
    assert second.status is Status.LEFT
    assert reading.complete


def test_a_leaver_needs_no_name(open_csv: OpenCsv, people: People) -> None:
    """Who has left is known by the code alone, so that the account can be archived."""
    columns = {"sis_code": ("Code",), "family_name": ("Family",), "status": ("Status",)}
    (student,) = people(open_csv("Code,Family,Status\nS1,,left\n", columns=columns))
    assert isinstance(student, Student)
    assert (student.sis_code, student.status) == ("S1", Status.LEFT)


def test_the_code_of_a_rejected_row(open_csv: OpenCsv) -> None:
    """`code` gives the code of any packed row, rejected ones among them."""
    reading = open_csv("Code,Given,Family,Year\nS 1 ,A,B,7\nS2,A\n,A,B,7\n")
    assert [reading.code(row) for row in reading.rows()] == ["S 1", "S2", ""]


INCOMPLETE = {
    "a last row cut short": (
        "Code,Given,Family,Year\nS1,A,B,7\nS2,C",
        "students.csv ends in the middle of its last row",
        "S2",
    ),
    "a last row cut in its code": (
        "Code,Given,Family,Year\nS1,A,B,7\nS",
        "students.csv ends in the middle of its last row; no student code can be read in 1 row, first students.csv:3",
        None,
    ),
    "a last row cut inside quotes": (
        'Code,Given,Family,Year\nS1,A,B,7\n"S2","C',
        "students.csv ends in the middle of its last row; no student code can be read in 1 row, first students.csv:3",
        None,
    ),
}


@pytest.mark.parametrize(("text", "detail", "code"), INCOMPLETE.values(), ids=INCOMPLETE)
def test_an_incomplete_read(open_csv: OpenCsv, people: People, text: str, detail: str, code: str | None) -> None:
    """A file cut in its last row is read, and says that absence from it means nothing."""
    reading = open_csv(text)
    items = people(reading)
    assert isinstance(items[0], Student)
    assert isinstance(items[1], Reject)
    assert items[1].sis_code == code
    assert not reading.complete
    assert [(finding.code, finding.severity, finding.detail) for finding in reading.findings] == [
        ("incomplete-read", "error", detail)
    ]


def test_a_header_alone_is_an_empty_whole_read(open_csv: OpenCsv, people: People) -> None:
    """A file with a header and no row is whole and empty: the guard has the word then."""
    reading = open_csv("Code,Given,Family,Year\n")
    assert people(reading) == []
    assert reading.complete
    assert reading.findings == ()


def test_blank_rows_are_no_rows(open_csv: OpenCsv, people: People) -> None:
    """Rows that spreadsheets leave behind, all of whose cells are blank, are passed over."""
    reading = open_csv("Code,Given,Family,Year\n,,,\nS1,A,B,7\n , ,,\n,,,,,\n")
    assert len(people(reading)) == 1
    assert reading.complete


def test_a_read_is_not_complete_before_its_end(open_csv: OpenCsv) -> None:
    """Completeness is proved by reading to the end, and lost by beginning again."""
    reading = open_csv("Code,Given,Family,Year\nS1,A,B,7\n")
    assert not reading.complete
    list(reading.rows())
    assert reading.complete
    next(reading.rows())
    assert not reading.complete


def test_mode_delta_means_no_absences(open_csv: OpenCsv, people: People) -> None:
    """A file that the school calls a delta tells only changes."""
    reading = open_csv("Code,Given,Family,Year\nS1,A,B,7\n", mode="delta")
    people(reading)
    assert reading.delta
    assert not reading.complete


def test_what_is_left_over_is_told(open_csv: OpenCsv) -> None:
    """Unknown columns, loose headers, absent optional ones and a missing status column are told in plain words."""
    reading = open_csv(
        "code,Given,Family,Year,Locker,Bus\nS1,A,B,7,,\n",
        preset_options={"optional": {"house": "House"}},
    )
    assert list(reading.warnings) == [
        'students.csv: "code" is read as "Code" (sis_code)',
        "students.csv has no column for status or leaving: every row counts as an active student",
        "students.csv has no column for house: left empty",
        "nothing reads these columns of students.csv: Locker, Bus",
    ]
    assert reading.columns.unknown == ("Locker", "Bus")


def test_a_field_can_be_unmapped(open_csv: OpenCsv, people: People) -> None:
    """A field mapped to nothing is neither looked for nor missed."""
    columns = {"sis_code": ("Code",), "family_name": ("Family",), "house": ("",), "status": ()}
    reading = open_csv(
        "Code,Family,House\nS1,A,Red\n", columns=columns, preset_options={"optional": {"house": "House"}}
    )
    (student,) = people(reading)
    assert isinstance(student, Student)
    assert student.house == ""


SPOILT = {
    "HTML in a name": (
        "S1,A,O&#039;Brien,7\nS2,B,Smith &amp; Co,7\n",
        ["names hold HTML", "2 rows", "html_unescape"],
    ),
    "codes a spreadsheet rounded": ("1.23E+05,A,B,7\n", ["1.23E+05", "1 row", "spreadsheet"]),
    "an ampersand": ("S1,Ann & Bo,B & Co;,7\n", []),
    "a code with an E": ("12E+,A,B,7\nE+1,C,D,7\n", []),
}


@pytest.mark.parametrize(("rows", "words"), SPOILT.values(), ids=SPOILT)
def test_what_other_programs_did_to_cells_is_told(
    open_csv: OpenCsv, people: People, rows: str, words: list[str]
) -> None:
    """HTML in names and codes in powers of ten are read as they stand, and said once with their number."""
    reading = open_csv("Code,Given,Family,Year\n" + rows)
    assert all(isinstance(item, Student) for item in people(reading))
    told = [line for line in reading.warnings if "HTML" in line or "spreadsheet" in line]
    assert len(told) == bool(words)
    assert all(word in told[0] for word in words)


@pytest.mark.parametrize("line", ["sep=;\n", "\ufeffSEP=;\r\n", '"sep=;"\n'])
def test_a_line_that_only_tells_excel_the_delimiter_is_passed_over(
    open_csv: OpenCsv, people: People, line: str
) -> None:
    """The header is the line behind it, and places still count from the top."""
    (student,) = people(open_csv(line + "Code;Given;Family;Year\nS1;A;B,C;7\n"))
    assert isinstance(student, Student)
    assert (student.legal_family, student.place) == ("B,C", "students.csv:3")


def test_a_second_byte_order_mark_is_passed_over(open_csv: OpenCsv, people: People) -> None:
    """Two marks, as programs leave them that put exports together, hide no column."""
    assert len(people(open_csv("\ufeff\ufeffCode,Given,Family,Year\nS1,A,B,7\n"))) == 1


def test_the_fallback_encoding_is_told(open_csv: OpenCsv, people: People) -> None:
    """Reading by the fallback works, and is said with the byte that made it necessary."""
    reading = open_csv("Code,Given,Family,Year\nS1,Zoë,B,7\n".encode("cp1252"), encoding_fallback="cp1252")
    assert people(reading)[0][1] == "Zoë"
    assert "students.csv is read as cp1252: byte 28 is not UTF-8" in reading.warnings


WHOLE_FAULTS: dict[str, tuple[bytes, dict[str, Any], type[ConnectorError], str]] = {
    "0 bytes": (b"", {}, SourceError, "students.csv is empty"),
    "another encoding": (
        b"Code,Given\nS1,Zo\xeb\n",
        {},
        SourceError,
        "students.csv is not UTF-8: byte 16 cannot be read",
    ),
    "a spreadsheet": (
        b"PK\x03\x04\0\0",
        {},
        SourceError,
        "students.csv is a spreadsheet (.xlsx) or a zip, not delimited text",
    ),
    "a missing column": (
        b"Code,Given,Famly,Year\n",
        {},
        ConfigError,
        'students.csv has no column "Family" (family_name; did you mean "Famly"?)',
    ),
    "a doubled column": (
        b"Code,Code,Given,Family,Year\n",
        {},
        ConfigError,
        'students.csv has 2 columns for sis_code: "Code" and "Code"',
    ),
    "a column that a rule names and the file lacks": (
        b"Code,Given,Family,Year,Loker\n",
        {"extra_columns": ("Locker",)},
        ConfigError,
        'students.csv has no column "Locker" (Locker; did you mean "Loker"?)',
    ),
    "passwords asked for": (
        b"Code,Given,Family,Year,Password\n",
        {"extra_columns": ("Password",)},
        ConfigError,
        "Password is mapped to the column of passwords, which is never read",
    ),
    "a date format that is none": (
        b"Code,Given,Family,Year\n",
        {"date_formats": ("dd.mm",)},
        ConfigError,
        'date_formats: "dd.mm" is no date format',
    ),
    "no column for the code": (
        b"Code\n",
        {"columns": {"family_name": ("Family",)}},
        ConfigError,
        "[sis.columns] names no column for sis_code",
    ),
    "no column for any name": (
        b"Code\n",
        {"columns": {"sis_code": ("Code",)}},
        ConfigError,
        "[sis.columns] names no column for given_names or family_name",
    ),
}


@pytest.mark.parametrize(("content", "words", "kind", "message"), WHOLE_FAULTS.values(), ids=WHOLE_FAULTS)
def test_faults_of_the_whole_file(
    open_csv: OpenCsv, content: bytes, words: dict[str, Any], kind: type[ConnectorError], message: str
) -> None:
    """A file or a mapping that cannot be used is refused before its first row, with the next step."""
    with pytest.raises(kind) as caught:
        open_csv(content, **words)
    assert caught.value.message == message
    assert caught.value.hint


def test_the_path_can_be_wrong(tmp_path: Path) -> None:
    """A path to nothing, and a folder where a file is wanted, are told apart."""
    columns = {"sis_code": ("Code",), "family_name": ("Family",)}
    missing = csv_source(SisSettings(path=tmp_path / "gone.csv", columns=columns), SchoolSettings())
    with pytest.raises(SourceError, match=r"^gone.csv cannot be read: no such file"):
        missing.open(date(2026, 3, 2))
    a_folder = csv_source(SisSettings(path=tmp_path, columns=columns), SchoolSettings())
    with pytest.raises(ConfigError, match="is the folder"):
        a_folder.open(date(2026, 3, 2))


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, open_csv: OpenCsv) -> None:
    """A file that grows during the read ends it with an error, however it ends."""
    reading = open_csv("Code,Given,Family,Year\nS1,A,B,7\nS2,A,B,7\n")
    rows = reading.rows()
    next(rows)
    with (tmp_path / "students.csv").open("a") as file:
        file.write("S3,A,B,7\n")
    with pytest.raises(SourceError) as caught:
        list(rows)
    assert caught.value.message == "students.csv changed while it was read"
    assert not reading.complete


def test_a_file_that_is_replaced_while_it_is_read_is_refused(tmp_path: Path, open_csv: OpenCsv) -> None:
    """Another file of the same size and time under the same name is noticed."""
    reading = open_csv("Code,Given,Family,Year\nS1,A,B,7\n")
    path, other = tmp_path / "students.csv", tmp_path / "new.csv"
    other.write_text("Code,Given,Family,Year\nS9,A,B,7\n")
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)
    with pytest.raises(SourceError, match="changed while it was read"):
        list(reading.rows())


AGES = {
    "old enough": (timedelta(minutes=5), timedelta(minutes=5), None, ""),
    "too fresh": (
        timedelta(seconds=30),
        timedelta(minutes=5),
        None,
        "students.csv was written 0:00:30 ago, and [sis] min_age is 0:05:00",
    ),
    "young enough": (timedelta(hours=36), timedelta(0), timedelta(hours=36), ""),
    "too old": (
        timedelta(hours=37),
        timedelta(0),
        timedelta(hours=36),
        "students.csv was written 1 day, 13:00:00 ago, and [sis] max_age is 1 day, 12:00:00",
    ),
}


@pytest.mark.parametrize(("age", "youngest", "oldest", "message"), AGES.values(), ids=AGES)
def test_ages(tmp_path: Path, age: timedelta, youngest: timedelta, oldest: timedelta | None, message: str) -> None:
    """A file may be asked to have rested for a while, and not to be stale."""
    path = tmp_path / "students.csv"
    path.write_text("Code,Family\nS1,A\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    columns = {"sis_code": ("Code",), "family_name": ("Family",)}
    sis = SisSettings(path=path, columns=columns, min_age=youngest, max_age=oldest)
    source = csv_source(sis, SchoolSettings(), now=lambda: 1_700_000_000 + age.total_seconds())
    if not message:
        assert len(list(source.open(date(2026, 3, 2)).rows())) == 1
        return
    with pytest.raises(SourceError) as caught:
        source.open(date(2026, 3, 2))
    assert caught.value.message == message


def test_the_context_covers_what_shapes_a_student(open_csv: OpenCsv) -> None:
    """Equal rows under an equal context make equal Students: what shapes one changes the context."""
    text = "Code,Given,Family,Year\nS1,A,B,K\n"
    usual = open_csv(text).context
    assert open_csv(text).context == usual
    assert open_csv(text, as_of=date(2026, 9, 9)).context == usual, "the day alone does not matter"
    others = [
        open_csv(text, state="NSW"),
        open_csv(text, as_of=date(2027, 3, 2)),
        open_csv(text, status={"left": ("gone",)}),
        open_csv(text, date_formats=("%d/%m/%Y",)),
        open_csv(text, html_unescape=True),
        open_csv(text, null_dates=()),
        open_csv(text, extra_columns=("Year",)),
    ]
    contexts = {usual, *(reading.context for reading in others)}
    assert len(contexts) == 1 + len(others)


def test_equal_rows_pack_equally_wherever_unread_columns_change(open_csv: OpenCsv) -> None:
    """A column that nothing reads does not make a row another row."""
    first = list(open_csv("Code,Given,Family,Year,Bus\nS1,A,B,7,12\n").rows())
    second = list(open_csv("Code,Bus,Given,Family,Year\nS1,13,A,B,7\n").rows())
    assert first == second


def test_the_limits_are_those_promised() -> None:
    """Two million rows may be read."""
    assert MAX_ROWS == 2_000_000


def test_a_zip_is_no_csv(tmp_path: Path) -> None:
    """A zip given as a CSV file is refused in words, not by a traceback."""
    path = tmp_path / "students.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("students.csv", "Code,Family\nS1,A\n")
    sis = SisSettings(path=path, columns={"sis_code": ("Code",), "family_name": ("Family",)})
    with pytest.raises(SourceError):
        csv_source(sis, SchoolSettings()).open(date(2026, 3, 2))
