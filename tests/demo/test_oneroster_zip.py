"""The SIS export of the invented school against the tables of the OneRoster 1.2 CSV binding."""

import csv
import io
import zipfile
from datetime import date
from pathlib import Path

import pytest

from connector.demo.school import build_school

Rows = list[dict[str, str]]

REQUIRED = {
    "academicSessions": {"sourcedId", "title", "type", "startDate", "endDate", "schoolYear"},
    "classes": {"sourcedId", "title", "courseSourcedId", "classType", "schoolSourcedId", "termSourcedIds"},
    "courses": {"sourcedId", "title", "orgSourcedId"},
    "enrollments": {"sourcedId", "classSourcedId", "schoolSourcedId", "userSourcedId", "role"},
    "orgs": {"sourcedId", "name", "type"},
    "roles": {"sourcedId", "userSourcedId", "roleType", "role", "orgSourcedId"},
    "users": {"sourcedId", "enabledUser", "username"},  # names too, but for the rows seeded without
}
REFERENCES = (
    ("classes", "courseSourcedId", "courses"),
    ("classes", "schoolSourcedId", "orgs"),
    ("courses", "orgSourcedId", "orgs"),
    ("enrollments", "classSourcedId", "classes"),
    ("enrollments", "schoolSourcedId", "orgs"),
    ("enrollments", "userSourcedId", "users"),
    ("roles", "userSourcedId", "users"),
    ("roles", "orgSourcedId", "orgs"),
    ("users", "primaryOrgSourcedId", "orgs"),
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    """Every member of the zip by its name, as rows."""
    school = build_school(tmp_path_factory.mktemp("school"), students=120)
    with zipfile.ZipFile(school.sis) as archive:
        return {
            name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(archive.read(name).decode(), newline="")))
            for name in archive.namelist()
        }


def test_manifest_lists_every_file(files: dict[str, Rows]) -> None:
    """The manifest names the version and all 21 files, each as present in bulk or absent."""
    said = {row["propertyName"]: row["value"] for row in files["manifest"]}
    listed = {key.removeprefix("file."): value for key, value in said.items() if key.startswith("file.")}
    assert (said["manifest.version"], said["oneroster.version"]) == ("1.0", "1.2")
    assert len(listed) == 21
    assert {name for name, mode in listed.items() if mode == "bulk"} == files.keys() - {"manifest"}
    assert set(listed.values()) == {"bulk", "absent"}


@pytest.mark.parametrize("name", REQUIRED)
def test_required_cells_are_filled(files: dict[str, Rows], name: str) -> None:
    """Every required cell holds something, no two rows share an id, and a bulk file has no status."""
    rows = files[name]
    assert [column for row in rows for column in REQUIRED[name] if not row[column]] == []
    assert len({row["sourcedId"] for row in rows}) == len(rows) > 0
    assert {row["status"] + row["dateLastModified"] for row in rows} == {""}


@pytest.mark.parametrize(("name", "column", "target"), REFERENCES)
def test_references_resolve(files: dict[str, Rows], name: str, column: str, target: str) -> None:
    """What a row points at is there."""
    assert {row[column] for row in files[name]} <= {row["sourcedId"] for row in files[target]}


def test_vocabulary(files: dict[str, Rows]) -> None:
    """Words and dates are those of the binding."""
    assert {row["enabledUser"] for row in files["users"]} == {"true", "false"}
    assert {row["role"] for row in files["roles"]} == {"student", "teacher"}
    assert {row["type"] for row in files["orgs"]} == {"district", "school"}
    assert {row["classType"] for row in files["classes"]} == {"homeroom", "scheduled"}
    assert {row["grades"] for row in files["users"]} - {""} <= {"KG", *(f"{year:02d}" for year in range(1, 13))}
    dates = {row[column] for row in files["roles"] for column in ("beginDate", "endDate")} - {""}
    assert all(date.fromisoformat(day) for day in dates)


def test_members_carry_one_fixed_time(tmp_path: Path) -> None:
    """The zip does not tell when it was made."""
    school = build_school(tmp_path, students=50)
    with zipfile.ZipFile(school.sis) as archive:
        assert {member.date_time for member in archive.infolist()} == {(2026, 3, 11, 5, 0, 0)}


def test_rows_the_office_should_look_at(files: dict[str, Rows]) -> None:
    """One code stands on two rows, and one row has no name; all students have a code."""
    students = {row["userSourcedId"] for row in files["roles"] if row["role"] == "student"}
    rows = [row for row in files["users"] if row["sourcedId"] in students]
    codes = [row["identifier"] for row in rows]
    assert {code for code in codes if codes.count(code) > 1} == {"0003990"}
    assert [row["identifier"] for row in rows if not row["givenName"] + row["familyName"]] == ["0003991"]
    assert all(codes)


def test_as_many_are_enrolled_as_were_asked_for(files: dict[str, Rows]) -> None:
    """The students in school on the day of the demo are 120, the rows without a place among them left out."""
    off = {row["sourcedId"] for row in files["users"] if row["enabledUser"] == "false"}
    off |= {row["sourcedId"] for row in files["users"] if row["identifier"] in ("0003990", "0003991")}
    here = {
        row["userSourcedId"]
        for row in files["roles"]
        if row["role"] == "student" and row["beginDate"] <= "2026-03-11" and not row["endDate"]
    }
    assert len(here - off) == 120
