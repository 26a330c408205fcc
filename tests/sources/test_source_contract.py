"""What holds of every SIS reader: one school, told by eight transports, makes the same Students."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from connector.domain.errors import ConfigError
from connector.domain.ports import Source
from connector.domain.student import Reject, Student
from connector.settings.values import SchoolSettings, SisConnection, SisSettings
from connector.sources.csv_file import csv_source
from connector.sources.oneroster import oneroster_source
from connector.sources.oneroster_rest import oneroster_rest_source
from connector.sources.oneroster_rest_service import Times
from connector.sources.sql import sql_source
from tests.servers.oneroster import TOKEN, OneRoster
from tests.servers.postgres import Postgres
from tests.sources import same_school
from tests.sources.same_school import COLUMNS, DAY, HEADERS, PEOPLE, Person, expected, without_places

SCHOOL = SchoolSettings(state="QLD")
TIMES = Times(lambda: datetime(2026, 3, 2, tzinfo=UTC), time.monotonic, time.sleep)
FILES = ("csv", "oneroster folder 1.1", "oneroster folder 1.2", "oneroster zip 1.1", "oneroster zip 1.2")
LIVE = ("rest 1.1", "rest 1.2", "sql sqlite", pytest.param("sql postgresql", marks=pytest.mark.servers))
Make = Callable[..., Source]


@pytest.fixture(params=(*FILES, *LIVE))
def transport(request: pytest.FixtureRequest) -> str:
    """One way for a school to be told."""
    return str(request.param)


@pytest.fixture
def make(transport: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Make]:
    """What makes a source of people, told that way; further words are settings."""
    with ExitStack() as stack:

        def made(people: Sequence[Person] = PEOPLE, **settings: Any) -> Source:
            kind, _, version = transport.rpartition(" ")
            if transport == "csv":
                path = same_school.write_csv(tmp_path / "students.csv", people)
                return csv_source(SisSettings(path=path, **_mapped(settings)), SCHOOL)
            if kind.startswith("oneroster"):
                write = same_school.write_zip if "zip" in kind else same_school.write_oneroster
                path = write(tmp_path / ("export.zip" if "zip" in kind else "export"), version, people)
                return oneroster_source(SisSettings(reader="oneroster", path=path, **settings), SCHOOL)
            if kind == "rest":
                service = stack.enter_context(OneRoster(same_school.oneroster_records(version, people), version))
                at = SisConnection(url=service.url, auth="bearer", version=version, page_size=7)
                sis = SisSettings(reader="oneroster-rest", connection=at, **settings)
                return oneroster_rest_source(sis, SCHOOL, TOKEN, TIMES)
            if version == "postgresql":
                url = _in_postgresql(request.getfixturevalue("postgres"), people)
            else:
                url = f"sqlite:///{same_school.write_sqlite(tmp_path / 'sis.db', people)}"
            at = SisConnection(url=url, query="SELECT * FROM students")
            return sql_source(
                SisSettings(reader="sql", connection=at, **_mapped(settings)), SCHOOL, "", time.monotonic
            )

        yield made


def _mapped(settings: dict[str, Any]) -> dict[str, Any]:
    return {**settings, "columns": {**COLUMNS, **settings.get("columns", {})}}


def _in_postgresql(server: Postgres, people: Sequence[Person]) -> str:
    name = f"sis_{time.monotonic_ns()}"
    url = server.new_database(name)
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        columns = ", ".join(f'"{header}" text' for header in HEADERS)
        connection.exec_driver_sql(f"CREATE TABLE students ({columns})")
        rows = [tuple(row) for row in same_school.table(people)]
        marks = ", ".join(["%s"] * len(HEADERS))
        connection.exec_driver_sql(f"INSERT INTO students VALUES ({marks})", rows)  # noqa: S608 - marks only
    return url


def test_the_same_school_makes_the_same_students(make: Make) -> None:
    """Whatever tells the school, its Students are equal in every field but their place."""
    reading = make().open(DAY)
    assert list(without_places(map(reading.student, reading.rows()))) == list(without_places(expected()))


def test_a_whole_read_says_so(make: Make) -> None:
    """A read that ended as it should is complete, tells everything, and knows that only at its end."""
    reading = make().open(DAY)
    assert not reading.complete
    rows = list(reading.rows())
    assert (reading.complete, reading.delta, len(rows)) == (True, False, len(PEOPLE))
    assert list(reading.findings) == []


def test_rows_can_be_read_again(make: Make) -> None:
    """A second pass gives the same rows, whose codes are those of their Students."""
    reading = make().open(DAY)
    first, second = list(reading.rows()), list(reading.rows())
    assert first == second
    assert [reading.code(row) for row in first] == [reading.student(row).sis_code for row in first]
    assert reading.complete


def test_a_row_without_code_leaves_the_read_incomplete(make: Make) -> None:
    """A student whose code cannot be read is rejected, and then nobody can be missing."""
    people = (*PEOPLE[:3], Person("u9", "", "No", "Code"), *PEOPLE[3:])
    reading = make(people, sis_code_from="identifier").open(DAY)
    items = list(map(reading.student, reading.rows()))
    assert [item.detail for item in items if isinstance(item, Reject)] == [
        "has no student code; give it one in the SIS and export again"
    ]
    assert len([item for item in items if isinstance(item, Student)]) == len(PEOPLE)
    assert not reading.complete
    assert [one.code for one in reading.findings] == ["incomplete-read"]


def test_a_column_that_is_not_there_is_named(make: Make) -> None:
    """A column that the settings name and nothing has stops the read as an error of configuration."""
    with pytest.raises(ConfigError, match=r'no column "metadata\.House" \(house'):
        make(columns={"house": ("metadata.House",)}).open(DAY)


def test_signs_that_part_packed_rows_are_blanks(make: Make) -> None:
    """A name cannot break out of its cell, whatever signs it holds."""
    people = (PEOPLE[0]._replace(given="An\x1fn", family="Smi\x1eth\x1f"), *PEOPLE[1:])
    reading = make(people).open(DAY)
    found = next(iter(without_places(map(reading.student, reading.rows()))))
    assert (found.sis_code, found.legal_given, found.legal_family) == ("0009130", "An n", "Smi th")
    assert found.network_login == "asmith"


def test_no_password_is_read(make: Make) -> None:
    """Nothing of a password that the SIS gives comes into a row."""
    assert "never to be seen" not in "".join(make().open(DAY).rows())
