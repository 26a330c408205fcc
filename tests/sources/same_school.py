"""One invented school as every transport tells it: CSV, OneRoster folder and zip, REST 1.1 and 1.2, SQL."""

import csv
import io
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from connector.domain.student import Status, Student
from tests.servers.oneroster import Record

DAY = date(2026, 3, 2)
SCHOOLS = {"s1": "Senior School", "s2": "Junior School"}
_ENABLED = {Status.ACTIVE: "true", Status.LEFT: "true", Status.INACTIVE: "false"}


class Person(NamedTuple):
    """A student of the school, in nobody's format."""

    key: str
    code: str
    given: str
    family: str
    middle: str = ""
    year: str = "07"
    orgs: tuple[str, ...] = ("s1",)
    email: str = ""
    login: str = ""
    classes: tuple[str, ...] = ()
    status: Status = Status.ACTIVE


PEOPLE = (
    Person("u1", "0009130", "Ann", "Smith", "May", "07", ("s1",), "ann@X.Edu", "asmith", ("7MAT", "7ENG")),
    Person("u2", "S-2", "Søren", "Ó Briain", year="12", orgs=("s2", "s1"), login="sobriain", classes=("12ART",)),
    Person("u3", "s003", 'Jo "JJ"', "O'Neil, Jr", year="K", email="no address", login="joneil"),
    Person("u4", "S0004", "  Mary   Anne ", "van der Berg", year="UG", orgs=("s2",)),
    Person("u5", "S0005", "Lee", "Gone", status=Status.LEFT, login="lgone"),
    Person("u6", "S0006", "Kim", "Away", status=Status.INACTIVE, year="11"),
    Person("u7", "S0007", "李", "王", year="PR", login="u7", classes=("7MAT",)),
    *(Person(f"v{n:03}", f"T{n:04}", f"Given{n}", f"Family{n % 7}", year=f"{n % 12 + 1:02}") for n in range(60)),
)
CLASSES = sorted({name for one in PEOPLE for name in one.classes})


def expected(people: Iterable[Person] = PEOPLE) -> list[Student]:
    """What every transport must make of the school, places aside."""
    years = {"K": "K", "UG": "UG", "PR": "PK"}
    found = []
    for one in people:
        year = years.get(one.year, one.year.lstrip("0"))
        steps = {"K": -1, "PK": -2, "UG": None}
        step = steps.get(year, int(year) if year.isdecimal() else None)
        found.append(
            Student(
                sis_code=one.code,
                legal_given=" ".join(one.given.split()),
                legal_family=one.family,
                middle=one.middle,
                status=one.status,
                year_level=year,
                year_level_raw=one.year,
                cohort=None if step is None else DAY.year + 12 - step,
                campuses=tuple(SCHOOLS[org] for org in one.orgs),
                classes=frozenset(one.classes),
                email="ann@x.edu" if one.email == "ann@X.Edu" else "",
                network_login=one.login,
            )
        )
    return found


# As one table, for CSV and SQL.
COLUMNS = {
    "sis_code": ("Code",),
    "given_names": ("Given",),
    "family_name": ("Family",),
    "middle_name": ("Middle",),
    "year_level": ("Year",),
    "campus": ("Campus",),
    "email": ("Mail",),
    "network_login": ("Login",),
    "classes": ("Classes",),
    "status": ("State",),
}
HEADERS = [headers[0] for headers in COLUMNS.values()]


def table(people: Iterable[Person] = PEOPLE) -> list[list[str]]:
    """A row a student."""
    return [
        [
            *(one.code, one.given, one.family, one.middle, one.year),
            *(";".join(SCHOOLS[org] for org in one.orgs), one.email, one.login, ";".join(one.classes)),
            one.status.value,
        ]
        for one in people
    ]


def write_csv(path: Path, people: Iterable[Person] = PEOPLE) -> Path:
    """The school as a CSV export."""
    path.write_text(_csv(HEADERS, table(people)), encoding="utf-8")
    return path


def write_sqlite(path: Path, people: Iterable[Person] = PEOPLE) -> Path:
    """The school as a SQLite database with a table students."""
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE TABLE students ({', '.join(HEADERS)})")
        marks = ", ".join("?" * len(HEADERS))
        connection.executemany(f"INSERT INTO students VALUES ({marks})", table(people))  # noqa: S608 - our own names
    connection.close()
    return path


# As OneRoster, of either version.
def write_oneroster(folder: Path, version: str, people: Sequence[Person] = PEOPLE) -> Path:
    """The school as a folder of OneRoster CSV files."""
    folder.mkdir()
    for name, text in oneroster_files(version, people).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def write_zip(path: Path, version: str, people: Sequence[Person] = PEOPLE) -> Path:
    """The school as a zip of OneRoster CSV files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in oneroster_files(version, people).items():
            archive.writestr(name, text)
    return path


def oneroster_files(version: str, people: Sequence[Person]) -> dict[str, str]:
    """The files by name."""
    users = [_user_row(one, version) for one in people]
    enrolled = [(f"e{one.key}{name}", one.key, name, "student") for one in people for name in one.classes]
    files = {
        "users": _csv(list(users[0]), [list(row.values()) for row in users]),
        "orgs": _csv(
            ["sourcedId", "name", "type"], [*([k, v, "school"] for k, v in SCHOOLS.items()), ["d", "D", "local"]]
        ),
        "enrollments": _csv(["sourcedId", "userSourcedId", "classSourcedId", "role"], enrolled),
        "classes": _csv(["sourcedId", "classCode"], [[f"id-{name}", name] for name in CLASSES]),
    }
    files["enrollments"] = _csv(
        ["sourcedId", "userSourcedId", "classSourcedId", "role"],
        [[key, user, f"id-{name}", role] for key, user, name, role in enrolled],
    )
    if version == "1.2":
        roles = [[f"r{one.key}{org}", one.key, "student", org] for one in people for org in one.orgs]
        files["roles"] = _csv(["sourcedId", "userSourcedId", "role", "orgSourcedId"], roles)
    lines = [
        ["manifest.version", "1.0"],
        ["oneroster.version", version],
        *([f"file.{name}", "bulk"] for name in files),
    ]
    files["manifest"] = _csv(["propertyName", "value"], lines)
    return {f"{name}.csv": text for name, text in files.items()}


def _user_row(one: Person, version: str) -> dict[str, str]:
    row = {
        "sourcedId": one.key,
        "status": "tobedeleted" if one.status is Status.LEFT else "",
        "enabledUser": _ENABLED[one.status],
        "username": one.login,
        "givenName": one.given,
        "familyName": one.family,
        "middleName": one.middle,
        "identifier": one.code,
        "email": one.email,
        "grades": one.year,
    }
    if version == "1.1":
        row |= {"orgSourcedIds": ",".join(one.orgs), "role": "student"}
    return row


def oneroster_records(version: str, people: Sequence[Person] = PEOPLE) -> dict[str, list[Record]]:
    """The collections of a REST service."""
    return {
        "students": [_user_record(one, version) for one in people],
        "orgs": [
            {"sourcedId": key, "status": "active", "name": name, "type": "school"} for key, name in SCHOOLS.items()
        ]
        + [{"sourcedId": "d", "status": "active", "name": "D", "type": "local"}],
        "enrollments": [
            {
                "sourcedId": f"e{one.key}{name}",
                "status": "active",
                "user": {"href": f"/users/{one.key}", "sourcedId": one.key, "type": "user"},
                "class": {"href": f"/classes/id-{name}", "sourcedId": f"id-{name}", "type": "class"},
                "role": "student",
            }
            for one in people
            for name in one.classes
        ],
        "classes": [{"sourcedId": f"id-{name}", "status": "active", "classCode": name} for name in CLASSES],
    }


def _user_record(one: Person, version: str) -> Record:
    orgs = [{"href": f"/orgs/{org}", "sourcedId": org, "type": "org"} for org in one.orgs]
    record: dict[str, Any] = {
        "sourcedId": one.key,
        "status": "tobedeleted" if one.status is Status.LEFT else "active",
        "dateLastModified": "2026-01-15T00:00:00.000Z",
        "enabledUser": _ENABLED[one.status] if version == "1.1" else one.status is not Status.INACTIVE,
        "username": one.login,
        "givenName": one.given,
        "familyName": one.family,
        "middleName": one.middle or None,
        "identifier": one.code,
        "email": one.email,
        "grades": [one.year],
        "password": "never to be seen",
    }
    if version == "1.1":
        return record | {"role": "student", "orgs": orgs}
    return record | {"roles": [{"roleType": "primary", "role": "student", "org": org} for org in orgs]}


def _csv(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(headers)
    writer.writerows(rows)
    return text.getvalue()


def without_places(students: Iterable[Any]) -> Iterator[Any]:
    """What was read, less where each stood, in the order of the codes."""
    yield from sorted((one._replace(place="") for one in students), key=lambda one: str(one.sis_code))
