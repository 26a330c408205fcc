"""The presets that ship, on third-party exports and on files with the headers their systems write."""

import tomllib
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from connector.domain.student import Reject, Status, Student
from connector.settings.load import load_settings
from connector.sources.csv_file import csv_source
from connector.sources.reading import TableReading

DATA = Path(__file__).parent.parent / "data"
PRESETS = Path(__file__).parent.parent.parent / "mappings" / "sis"
DAY = date(2026, 3, 2)


def read(folder: Path, preset: str, path: Path, extra: str = "") -> TableReading:
    """Begin a read by a connector.toml that names the preset and the path."""
    (folder / "students.toml").write_text('[usernames]\nmethod = "student_code"\n[passwords]\nmethod = "none"\n')
    config = folder / "connector.toml"
    config.write_text(
        f'[sis]\nreader = "csv"\npath = "{path.as_posix()}"\npreset = "{preset}"\n{extra}\n'
        '[mapping]\nfile = "students.toml"\n'
    )
    settings = load_settings(config, {})
    return csv_source(settings.sis, settings.school).open(DAY)


def students(reading: TableReading) -> list[Student]:
    """Every row, none of which is rejected."""
    items = [reading.student(row) for row in reading.rows()]
    assert [item for item in items if isinstance(item, Reject)] == []
    assert reading.complete
    return [item for item in items if isinstance(item, Student)]


@pytest.mark.parametrize("variant", ["SDS_Format", "UK_Format"])
def test_sds_v1_folder(tmp_path: Path, variant: str) -> None:
    """School Data Sync v1, the UK variant too: 86 students with the names of their schools."""
    found = students(read(tmp_path, "sds_v1", DATA / "officedev-sds" / variant / "100_Users"))
    assert len(found) == 86
    assert found[0] == Student(
        sis_code="13001",
        legal_given="Ora",
        legal_family="Klein",
        middle="Christopher",
        year_level="9",
        year_level_raw="9",
        cohort=2029,
        campuses=("Contoso High School",),
        network_login="OKlein",
        place="Student.csv:2",
    )
    assert Counter(student.campus for student in found) == {"Contoso High School": 60, "Fabrikam High School": 26}
    assert {student.status for student in found} == {Status.ACTIVE}


def test_sds_v1_file(tmp_path: Path) -> None:
    """Student.csv alone gives the same people, with the schools' ids for names."""
    found = students(read(tmp_path, "sds_v1", DATA / "officedev-sds/SDS_Format/100_Users/Student.csv"))
    assert Counter(student.campus for student in found) == {"10001": 60, "10002": 26}


def test_sds_v2(tmp_path: Path) -> None:
    """School Data Sync v2: the 22 students among 29 users; what is no year level is empty."""
    found = students(read(tmp_path, "sds_v2", DATA / "officedev-sds/SDS_v2"))
    assert len(found) == 22
    assert found[0][:3] == ("13001", "Ora", "Klein")
    assert found[0].campuses == ("Contoso Middle School",)
    assert found[0].network_login == "Oklein@classrmtest31.org"
    assert Counter(student.year_level for student in found) == {"6": 6, "9": 8, "": 8}


def test_sds_v21(tmp_path: Path) -> None:
    """School Data Sync v2.1: the 4 students among 8 users, by roles.csv, with school, grade and class."""
    found = students(read(tmp_path, "sds_v21", DATA / "officedev-sds/SDS_v2.1"))
    assert [student.sis_code for student in found] == ["114001", "114003", "114004", "114008"]
    assert found[2] == Student(
        sis_code="114004",
        legal_given="Alice",
        legal_family="Smithee",
        year_level="10",
        year_level_raw="10",
        cohort=2028,
        campuses=("School of TwoDotOne",),
        classes=frozenset({"112002"}),
        network_login="asmithee@classrmtest31.org",
        place="users.csv:5",
    )
    assert found[3].year_level_raw == "ps1"
    assert found[3].year_level == ""


def test_contoso_two_days(tmp_path: Path) -> None:
    """Two days of one export: one name changes, one student goes, one comes."""
    first, second = (
        {student.sis_code: student for student in students(read(tmp_path, "sds_v1", DATA / "contoso-sis" / day))}
        for day in ("day1", "day2")
    )
    assert first.keys() == {"st1", "st4"}
    assert second.keys() == {"st1", "st2"}
    assert first["st1"]._replace(legal_given="Al") == second["st1"]
    assert first["st4"].email == "jonsmith@classrmtest86.org"


def test_naplan(tmp_path: Path) -> None:
    """601 registrations, none of them refused, in the four years that sit the tests."""
    found = students(read(tmp_path, "naplan", DATA / "sif-au/naplan-registration-students.csv"))
    assert len(found) == 601
    assert found[0] == Student(
        sis_code="xhvvn819",
        legal_given="Genaro",
        legal_family="Youngman",
        middle="L",
        preferred_given="Genaro",
        year_level="7",
        year_level_raw="7",
        cohort=2031,
        campuses=("1",),
        homegroup="7B",
        place="naplan-registration-students.csv:2",
    )
    assert {student.year_level for student in found} == {"3", "5", "7", "9"}


EXPORTS = {
    "tass": (
        (
            "student_code,surname,first_name,preferred_name,other_name,year_grp,campus_code,e_mail,username,doe,dol,"
            "form_cls,currentstatus"
        ),
        [
            ("0009130,Agnew,Edith,Edie,Nell,11,SE,a@x.edu.au,agnew2,30/11/2020,,11B,current", Status.ACTIVE),
            ("0009131,Agnew,Tom,,,11,SE,,,30/11/2020,28/02/2026,,current", Status.LEFT),
            ("0009132,Agnew,Ann,,,0,SE,,,30/11/2026,,,future", Status.FUTURE),
            ("0009133,Agnew,Bo,,,9,SE,,,,,,noncurrent", Status.INACTIVE),
            ("0009134,Agnew,Cy,,,9,SE,,,,,,past", Status.LEFT),
        ],
    ),
    "synergetic": (
        (
            "ID,StudentSurname,StudentGiven1,StudentPreferred,StudentGiven2,StudentYearLevel,StudentCampus,"
            "StudentActiveFlag,StudentOccupEmail,StudentNetworkLogin,StudentEntryDate,StudentLeavingDate,StudentForm"
        ),
        [
            ("1001,Lovelace,Ada,,King,-1,S,1,,ada,2024-01-29 00:00:00.000,,10A", Status.ACTIVE),
            ("1002,Lovelace,Bea,,,7,S,True,,bea,29/01/2024,01/03/2026,10A", Status.LEFT),
            ("1003,Lovelace,Cyd,,,7,S,0,,cyd,,1900-01-01 00:00:00,10A", Status.INACTIVE),
            ("1004,Lovelace,Dan,,,7,S,0,,dan,2026-04-20,,10A", Status.FUTURE),
        ],
    ),
    "cases21": (
        "STKEY,SURNAME,FIRST_NAME,PREF_NAME,SECOND_NAME,STATUS,SCHOOL_YEAR,CAMPUS,E_MAIL,ENTRY,EXIT_DATE,HOME_GROUP",
        [
            ("SMI0001,SMITH,Amelia,Millie,Rose,ACTV,07,1,,29/01/2024 12:00:00 AM,,07B", Status.ACTIVE),
            ("SMI0002,SMITH,Ben,,,LEFT,08,1,,,1/12/2025 12:00:00 AM,", Status.LEFT),
            ("SMI0003,SMITH,Cat,,,DELT,08,1,,,,", Status.LEFT),
            ("SMI0004,SMITH,Dot,,,INAC,08,1,,,,", Status.INACTIVE),
            ("SMI0005,SMITH,Eli,,,FUT,00,1,,,,", Status.FUTURE),
        ],
    ),
    "sentral": (
        "external_id,last_name,first_name,preferred_name,school_year,is_active,email,username,enrol_date,core_roll_class",
        [
            ("77,Wu,Ann,,12,true,,ann.wu,2020-01-29,12A", Status.ACTIVE),
            ("78,Wu,Bo,,12,false,,bo.wu,2020-01-29,12A", Status.INACTIVE),
            ("79,Wu,Cy,,7,false,,cy.wu,2027-01-29,", Status.FUTURE),
        ],
    ),
    "seqta": (
        (
            "CODE,SURNAME,FIRST NAME,PREFERRED NAME,MIDDLE NAME,YEAR,CAMPUSES,STATUS,EMAIL ADDRESS,USERNAME,"
            "ENTRY DATE,ROLL GROUP"
        ),
        [
            ("A1,Wu,Ann,,,12,SE;JU,Current,,ann.wu,29/01/2020,12A", Status.ACTIVE),
            ("A2,Wu,Bo,,,12,SE,Gone,,bo.wu,29/01/2020,12A", Status.UNKNOWN),
        ],
    ),
    "edumate": (
        "student_number,surname,firstname,preferred_name,email_address,username,student_status_id",
        [("5001,O&#039;Brien,Ann,,,ann.obrien,5", Status.ACTIVE), ("5002,Wu,Bo,,,bo.wu,9", Status.UNKNOWN)],
    ),
    "powerschool": (
        "student_number\tlast_name\tfirst_name\tmiddle_name\tgrade_level\tschoolid\tenroll_status\tentrydate",
        [
            ("101\tWu\tAnn\t\t-1\t12\t0\t", Status.ACTIVE),
            ("102\tWu\tBo\t\t9\t12\t-1\t", Status.FUTURE),
            ("103\tWu\tCy\t\t9\t12\t2\t", Status.LEFT),
            ("104\tWu\tDi\t\t9\t12\t3\t2020-01-29", Status.LEFT),
        ],
    ),
}


@pytest.mark.parametrize(
    ("preset", "header", "rows"), [(name, *export) for name, export in EXPORTS.items()], ids=EXPORTS
)
def test_headers_and_words(tmp_path: Path, preset: str, header: str, rows: list[tuple[str, Status]]) -> None:
    """An export with a system's own headers and words needs its preset and nothing else."""
    path = tmp_path / "export.csv"
    path.write_text("\n".join([header, *(row for row, _ in rows)]) + "\n")
    reading = read(tmp_path, preset, path)
    found = students(reading)
    assert [student.status for student in found] == [status for _, status in rows]
    assert {student.legal_family for student in found}.isdisjoint({""})
    assert reading.columns.unknown == ()


def test_what_the_presets_make_of_a_row(tmp_path: Path) -> None:
    """Leading zeros, escaped names, negative year levels and several campuses come through."""
    rows = {name: (header, [row for row, _ in lines]) for name, (header, lines) in EXPORTS.items()}
    first = {}
    for name, (header, lines) in rows.items():
        path = tmp_path / "export.csv"
        path.write_text("\n".join([header, *lines]) + "\n")
        first[name] = students(read(tmp_path, name, path))[0]
    assert first["tass"].sis_code == "0009130"
    assert first["synergetic"].year_level == "K"
    assert first["cases21"].year_level == "7"
    assert first["seqta"].campuses == ("SE", "JU")
    assert first["edumate"].legal_family == "O'Brien"
    assert first["powerschool"].year_level == "K"


def test_a_column_of_connector_toml_stands_above_the_preset(tmp_path: Path) -> None:
    """The school's own header is asked for instead of the preset's, and must be there."""
    path = tmp_path / "export.csv"
    path.write_text("student_code,surname,first_name,year_grp,Residence\n1,Agnew,Edith,11,North\n")
    reading = read(tmp_path, "tass", path, '[sis.columns]\nhouse = "Residence"')
    assert [student.house for student in students(reading)] == ["North"]


@pytest.mark.parametrize("path", sorted(PRESETS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_preset_says_what_it_is_for(path: Path) -> None:
    """A preset begins with a comment that names its system, and is valid TOML with a reader."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert tomllib.loads(text)["reader"] in ("csv", "oneroster")


def test_every_preset_is_tried() -> None:
    """No preset ships that no test here has read an export with."""
    tried = {*EXPORTS, "naplan", "sds_v1", "sds_v2", "sds_v21", "oneroster"}
    assert {path.stem for path in PRESETS.glob("*.toml")} == tried
