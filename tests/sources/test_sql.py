"""Students from a SELECT: what it may be, what its values mean, and how it fails."""

import sqlite3
import threading
import time
from contextlib import closing
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from connector.domain.errors import ConfigError, ConnectorError, SourceError
from connector.domain.student import Student
from connector.settings.values import SchoolSettings, SisConnection, SisSettings
from connector.sources.reading import TableReading
from connector.sources.sql import sql_source
from connector.sources.sql_table import cell_of
from tests.servers.postgres import PASSWORD, USER, Postgres
from tests.sources.same_school import COLUMNS, DAY, PEOPLE, write_sqlite

MINUTE = timedelta(minutes=1)
FOREVER = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS Code FROM n WHERE x < 0"


def read(url: str, query: str, *, timeout: timedelta = MINUTE, password: str = "", **settings: Any) -> TableReading:
    """Begin to read the answer of a query."""
    settings.setdefault("columns", {"sis_code": ("Code",), "given_names": ("Given",)})
    at = SisConnection(url=url, query=query, timeout=timeout)
    sis = SisSettings(reader="sql", connection=at, **settings)
    return sql_source(sis, SchoolSettings(state="QLD"), password, time.monotonic).open(DAY)


def items(reading: TableReading) -> list[Any]:
    """What the rows are."""
    return [reading.student(row) for row in reading.rows()]


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    """The URL of a SQLite database with the school."""
    return f"sqlite:///{write_sqlite(tmp_path / 'sis.db')}"


@pytest.fixture(scope="module")
def database(postgres: Postgres) -> str:
    """The URL of a PostgreSQL database with a table of ten students."""
    url = postgres.new_database("sis_reader")
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql('CREATE TABLE students ("Code" text PRIMARY KEY, "Given" text)')
        connection.exec_driver_sql("INSERT INTO students SELECT 'S' || n, 'Given' || n FROM generate_series(1, 10) n")
    return url


CELLS = {
    "nothing": ("NULL", ""),
    "text": ("'007'", "007"),
    "a number": ("7", "7"),
    "a whole number with a point": ("7.0", "7"),
    "a number with a fraction": ("7.5", "7.5"),
    "yes": ("true", "true"),
    "a day": ("date '2026-03-02'", "2026-03-02"),
    "a moment": ("timestamp '2026-03-02 09:15'", "2026-03-02"),
    "a decimal": ("12345.00::numeric(9, 2)", "12345"),
    "not a number": ("'NaN'::numeric", "NaN"),
    "a uuid": ("'11111111-2222-3333-4444-555555555555'::uuid", "11111111-2222-3333-4444-555555555555"),
}


@pytest.mark.servers
@pytest.mark.parametrize(("value", "expected"), CELLS.values(), ids=CELLS)
def test_what_values_mean(database: str, value: str, expected: str) -> None:
    """Codes keep their zeros and get no point, and days are days, whatever type the database has for them."""
    reading = read(database, f"SELECT 'S1' AS \"Code\", 'Ann' AS \"Given\", {value} AS h", extra_columns=("h",))
    (student,) = items(reading)
    assert isinstance(student, Student)
    assert student.columns["h"] == expected


def test_cells_of_python_values() -> None:
    """What drivers hand over beyond that is text."""
    assert [cell_of(value) for value in (None, float("inf"), False, 10**30)] == ["", "inf", "false", str(10**30)]


def test_dates_need_no_format(sqlite: str) -> None:
    """A day of the database is read whatever date_formats says of text."""
    query = "SELECT Code, Given, '2026-03-01' AS Left FROM students LIMIT 1"
    columns = {"sis_code": ("Code",), "given_names": ("Given",), "exit_date": ("Left",)}
    (student,) = items(read(sqlite, query, columns=columns, date_formats=("%d/%m/%Y",)))
    assert (student.exit_date.isoformat(), student.status) == ("2026-03-01", "left")


QUERIES = {
    "percent and colon": "SELECT Code, Given FROM students WHERE Code LIKE '%000913%' AND ':x' = ':x'",
    "a semicolon at the end": "SELECT Code, Given FROM students WHERE Code = '0009130';  ",
    "WITH": "WITH s AS (SELECT * FROM students) SELECT Code, Given FROM s WHERE Code = '0009130'",
    "comments": "-- the students\nSELECT Code, Given FROM students /* one */ WHERE Code = '0009130'",
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_queries_are_sent_as_they_are(sqlite: str, query: str) -> None:
    """No sign in a query has a meaning of its own to the reader."""
    assert [one.sis_code for one in items(read(sqlite, query))] == ["0009130"]


def test_binary_and_enormous_values_are_left_empty(sqlite: str) -> None:
    """A photograph beside the names harms nobody, and is told."""
    query = "SELECT Code, Given, x'ff00' AS Photo, printf('%.*c', 70000, 'x') AS Notes FROM students LIMIT 1"
    reading = read(sqlite, query, extra_columns=("Photo", "Notes"))
    (student,) = items(reading)
    assert dict(student.columns) == {"Photo": "", "Notes": ""}
    assert "binary values, and those over 64 KiB, were left empty in: Photo, Notes" in reading.warnings


def test_where_of_a_preset_counts(sqlite: str) -> None:
    """A preset's own rule about which rows are students holds for a SELECT too."""
    reading = read(sqlite, "SELECT * FROM students", columns=COLUMNS, preset_options={"where": {"Year": ["12"]}})
    assert [one.sis_code for one in items(reading)] == [one.code for one in PEOPLE if one.year == "12"]


def test_an_empty_answer_is_a_whole_read(sqlite: str) -> None:
    """No row is no fault of the reader; the guard refuses it."""
    reading = read(sqlite, "SELECT * FROM students WHERE 1 = 0", columns=COLUMNS)
    assert (items(reading), reading.complete) == ([], True)


FAULTS: dict[str, tuple[dict[str, Any], type[ConnectorError], str]] = {
    "an unknown column in the query": ({"query": "SELECT nope FROM students"}, SourceError, "no such column: nope"),
    "a column that is not selected": (
        {"query": "SELECT Code FROM students"},
        ConfigError,
        'query has no column "Given"',
    ),
    "a column twice": ({"query": "SELECT Code, Code, Given FROM students"}, ConfigError, "query has 2 columns"),
    "no such file": ({"url": "sqlite:///nowhere.db"}, SourceError, "sqlite nowhere.db is not there"),
    "no such database": ({"url": "db9://host/db"}, ConfigError, "SQLAlchemy knows no database called db9"),
    "no URL at all": ({"url": "somewhere"}, ConfigError, "is no SQLAlchemy URL"),
    "a driver that is missing": (
        {"url": "mssql+pyodbc://a@b"},
        ConfigError,
        "pyodbc, which is not installed",
    ),
    "a preset that joins files": (
        {"preset": "x", "preset_options": {"join": [{"name": "a", "file": "a.csv", "key": "b", "on": "c"}]}},
        ConfigError,
        "joins files",
    ),
}


@pytest.mark.parametrize(("settings", "kind", "words"), FAULTS.values(), ids=FAULTS)
def test_faults(sqlite: str, settings: dict[str, Any], kind: type[ConnectorError], words: str) -> None:
    """Whatever is wrong is one error that names it and the next step."""
    with pytest.raises(kind) as refused:
        items(read(**{"url": sqlite, "query": "SELECT Code, Given FROM students", **settings}))
    assert words in refused.value.message
    assert refused.value.hint


SIGN_IN = "the password that [sis.connection] password names"
HOST = "Check host, port and database in [sis] url"
UNREACHED = {
    "a wrong password": ("127.0.0.1:{port}/postgres", "wr0ng", SIGN_IN),
    "no password": ("127.0.0.1:{port}/postgres", "", SIGN_IN),
    "a dead host": ("127.0.0.1:1/postgres", PASSWORD, HOST),
    "a host nobody knows": ("sql.invalid/postgres", PASSWORD, HOST),
    "no such database": ("127.0.0.1:{port}/nope", PASSWORD, HOST),
}


@pytest.mark.servers
@pytest.mark.parametrize(("place", "password", "step"), UNREACHED.values(), ids=UNREACHED)
def test_a_server_that_does_not_let_us_in(postgres: Postgres, place: str, password: str, step: str) -> None:
    """Without a connection the next step names the password or the host, not the query."""
    url = f"postgresql+psycopg://{USER}@{place.format(port=postgres.port)}"
    with pytest.raises(SourceError) as refused:
        items(read(url, "SELECT 1", password=password))
    assert step in refused.value.hint
    assert "wr0ng" not in refused.value.message


def test_sqlite_is_not_written(sqlite: str) -> None:
    """Even a statement that the settings would have refused changes nothing."""
    with pytest.raises(SourceError):
        items(read(sqlite, "DELETE FROM students"))
    with closing(sqlite3.connect(sqlite.removeprefix("sqlite:///"))) as connection:
        assert connection.execute("SELECT count(*) FROM students").fetchone() == (len(PEOPLE),)


WRITES = (
    "WITH gone AS (DELETE FROM students RETURNING *) SELECT * FROM gone",
    "SELECT * INTO copies FROM students",
    "DROP TABLE students",
    "SELECT nextval('counter')",
)


@pytest.mark.servers
@pytest.mark.parametrize("query", WRITES)
def test_postgresql_is_not_written(database: str, query: str) -> None:
    """A statement that would write is refused by the read-only transaction, or by the cursor."""
    with pytest.raises(SourceError):
        items(read(database, query))
    engine = sqlalchemy.create_engine(database, poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM students").scalar() == 10


def threads() -> list[str]:
    """The names of the threads that read."""
    return [thread.name for thread in threading.enumerate() if thread.name == "sql"]


def until_no_thread(seconds: float = 5) -> bool:
    """Whether every reading thread ends within that time."""
    end = time.monotonic() + seconds
    while threads() and time.monotonic() < end:
        time.sleep(0.01)
    return not threads()


def test_a_limit_of_time(sqlite: str) -> None:
    """A SELECT that never answers is given up in time, and its thread ends."""
    begun = time.monotonic()
    with pytest.raises(SourceError, match=r"no whole answer within 0\.5 s"):
        read(sqlite, FOREVER, timeout=timedelta(seconds=0.5))
    assert time.monotonic() - begun < 2
    assert until_no_thread()


@pytest.mark.servers
def test_a_limit_of_time_in_postgresql(database: str) -> None:
    """The server ends the SELECT too, so that it does not go on burdening the SIS."""
    with pytest.raises(SourceError, match=r"no whole answer|statement timeout"):
        items(read(database, 'SELECT \'S1\' AS "Code", pg_sleep(30)::text AS "Given"', timeout=timedelta(seconds=1)))
    assert until_no_thread()


def test_a_read_that_is_not_finished_is_let_go(sqlite: str) -> None:
    """Who stops reading in the middle, or cannot begin, leaves no thread and no connection behind."""
    many = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS Code, x AS Given FROM n"
    reading = read(sqlite, many)
    rows = reading.rows()
    assert len(list(islice(rows, 5))) == 5
    rows.close()  # type: ignore[attr-defined] # a generator
    assert not reading.complete
    with pytest.raises(ConfigError):
        read(sqlite, many.replace("Given", "Other"))
    assert until_no_thread()


@pytest.mark.servers
def test_the_answer_is_streamed(database: str) -> None:
    """The first rows are there long before the last is made."""
    query = 'SELECT generate_series(1, 100000000) AS "Code", 1 AS "Given"'
    begun = time.monotonic()
    rows = read(database, query).rows()
    assert len(list(islice(rows, 3000))) == 3000
    assert time.monotonic() - begun < 10
    rows.close()  # type: ignore[attr-defined] # a generator
    assert until_no_thread()


@pytest.mark.servers
def test_a_connection_that_is_lost(database: str, postgres: Postgres) -> None:
    """A database that goes away in the middle ends the read as an error, never as a shorter read."""
    reading = read(database, 'SELECT n AS "Code", n AS "Given" FROM generate_series(1, 300000) n')
    rows = reading.rows()
    list(islice(rows, 10))
    postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'sis_reader'")
    with pytest.raises(SourceError, match="postgresql"):
        list(rows)
    assert not reading.complete


@pytest.mark.servers
def test_a_value_that_does_not_fit_is_not_quoted(database: str) -> None:
    """What the database says of a value leaves the value out, which may be somebody's name; the rest stays."""
    query = """SELECT "Code", "Given"::int AS "Given" FROM students"""
    with pytest.raises(SourceError, match=r"invalid input syntax for type integer: \.\.\.") as refused:
        items(read(database, query, password=PASSWORD))
    assert "Given1" not in str(refused.value)
    with pytest.raises(SourceError, match='column "Nobody" does not exist'):
        read(database, """SELECT "Code", "Nobody" FROM students""", password=PASSWORD)


@pytest.mark.servers
def test_the_password_is_put_in_and_kept_out_of_messages(database: str) -> None:
    """The password of the settings reaches the database as it is, and no message holds it."""
    url = sqlalchemy.make_url(database).set(password=None).render_as_string()
    query = 'SELECT * FROM students ORDER BY "Code"'
    assert len(items(read(url, query, password=PASSWORD))) == 10
    with pytest.raises(SourceError, match=f'password authentication failed for user "{USER}"') as refused:
        read(url, query, password="wr0ng")
    assert "wr0ng" not in str(refused.value)
