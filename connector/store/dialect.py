"""Where PostgreSQL wants a statement of statements.py said otherwise than SQLite does."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from connector.store.codec import Row

_FETCHED = 500
"""How many rows are fetched at a time."""
_COPY_FROM = 8
"""So many rows are worth a COPY; fewer are inserted."""
_BROKEN_RULES = ("23502", "23503", "23505", "23514")
"""SQLSTATEs of a null, a reference, a key and a check that do not hold."""

_INSERT = re.compile(r"INSERT INTO (\w+) \(([^()]+)\) VALUES \(([^()]+)\)")
_CONSTANT = re.compile(r"'(\w*)'|(\d+)")
_KEYS = re.compile(r"IN \(\?(?:, \?)+\)")


def is_postgresql(connection: Connection) -> bool:
    """Whether the other side is PostgreSQL."""
    return connection.dialect.name == "postgresql"


def savepoint(connection: Connection) -> AbstractContextManager[object]:
    """Ends with what failed inside; a statement that fails would else end PostgreSQL's whole transaction."""
    return connection.begin_nested() if is_postgresql(connection) else nullcontext()


@contextmanager
def answer(
    connection: Connection, statement: str, parameters: Sequence[Any], *, large: bool = False
) -> Iterator[Any]:
    """The driver's cursor with the rows of a statement; a large answer comes in parts as it is fetched."""
    driver: Any = connection.connection
    if not is_postgresql(connection):
        cursor = driver.cursor()
    elif large:
        cursor = driver.cursor(name=uuid4().hex, scrollable=False)
    else:
        cursor = driver.cursor()
    try:
        cursor.execute(*_said(connection, statement, parameters))
        yield cursor
    finally:
        cursor.close()


def rows_of(connection: Connection, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """All rows of a statement with a small answer."""
    if is_postgresql(connection):
        with answer(connection, statement, parameters) as cursor:
            found: list[Row] = cursor.fetchall()
    else:
        driver: Any = connection.connection.dbapi_connection
        found = driver.execute(statement, parameters).fetchall()
    return found


def rows_as_they_come(connection: Connection, statement: str, parameters: Sequence[Any]) -> Iterator[Row]:
    """The rows of a statement, one by one."""
    if is_postgresql(connection):
        return _one_by_one(connection, statement, parameters)
    driver: Any = connection.connection.dbapi_connection
    rows: Iterator[Row] = driver.execute(statement, parameters)
    return rows


def _one_by_one(connection: Connection, statement: str, parameters: Sequence[Any]) -> Iterator[Row]:
    with answer(connection, statement, parameters) as cursor:
        while rows := cursor.fetchmany(_FETCHED):
            yield from rows


def _said(connection: Connection, statement: str, parameters: Sequence[Any]) -> tuple[str, Sequence[Any]]:
    if not is_postgresql(connection):
        return statement, parameters
    if _KEYS.search(statement):
        return _with_array(statement), _gathered(statement, parameters)
    return _marked(statement), parameters


def run_rows(connection: Connection, statement: str, rows: Sequence[Row]) -> None:
    """Run a statement once for each row; many rows that are only inserted are copied in."""
    if not is_postgresql(connection):
        _run_on_sqlite(connection, statement, rows)
        return
    insert = _plain_insert(statement) if len(rows) >= _COPY_FROM else None
    driver: Any = connection.connection
    try:
        with driver.cursor() as cursor:
            if insert is None:
                cursor.executemany(_marked(statement), rows)
            else:
                _copy(cursor, insert, rows)
    except Exception as error:
        if getattr(error, "sqlstate", None) in _BROKEN_RULES:
            raise IntegrityError(statement, None, error) from error  # as SQLAlchemy says it
        raise


def _run_on_sqlite(connection: Connection, statement: str, rows: Sequence[Row]) -> None:
    """The driver's own call: SQLAlchemy's costs more than a small statement does."""
    driver: Any = connection.connection.dbapi_connection
    try:
        if len(rows) == 1:
            driver.execute(statement, rows[0])
        else:
            driver.executemany(statement, rows)
    except sqlite3.IntegrityError as error:
        raise IntegrityError(statement, None, error) from error  # as SQLAlchemy says it


def _copy(cursor: Any, insert: "_Insert", rows: Sequence[Row]) -> None:
    constants = insert.constants
    with cursor.copy(insert.copy) as target:
        for row in rows:
            target.write_row((*row, *constants))


class _Insert(NamedTuple):
    """An INSERT as a COPY: its words, and the values that are the same in every row, which come last."""

    copy: str
    constants: Row


@lru_cache(maxsize=64)
def _plain_insert(statement: str) -> _Insert | None:
    """None for a statement that is more than an INSERT of values."""
    found = _INSERT.fullmatch(statement)
    if found is None:
        return None
    table, columns, values = found[1], *([word.strip() for word in part.split(",")] for part in found.groups()[1:])
    given = [name for name, value in zip(columns, values, strict=True) if value == "?"]
    constant = {name: _CONSTANT.fullmatch(value) for name, value in zip(columns, values, strict=True) if value != "?"}
    texts = tuple(match[1] or match[2] or "" for match in constant.values() if match)
    if len(texts) < len(constant):
        return None
    return _Insert(f"COPY {table} ({', '.join((*given, *constant))}) FROM STDIN", texts)


@lru_cache(maxsize=256)
def _marked(statement: str) -> str:
    return statement.replace("%", "%%").replace("?", "%s")


@lru_cache(maxsize=64)
def _with_array(statement: str) -> str:
    return _marked(_KEYS.sub("= ANY(?)", statement, count=1))


def _gathered(statement: str, parameters: Sequence[Any]) -> tuple[Any, ...]:
    """The parameters with those of the first list of keys as one."""
    keys = _KEYS.search(statement)
    assert keys is not None  # noqa: S101 - asked before
    start = statement.count("?", 0, keys.start())
    end = start + keys[0].count("?")
    return (*parameters[:start], list(dict.fromkeys(parameters[start:end])), *parameters[end:])
