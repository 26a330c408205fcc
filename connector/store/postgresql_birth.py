"""How a schema of a PostgreSQL database becomes a store, and an older store one of this version."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event, text

from connector.domain.errors import StoreError
from connector.store.migrate import HEAD, require_known, revision, upgrade
from connector.store.postgresql import Server, run_lock, sees_schema

_TEXT_COLUMN = re.compile(r"\b(TEXT|VARCHAR\(\d+\))")

# Texts are compared by code point, whatever the database's language is: as SQLite does, and as ISO dates need it.
_OTHERWISE_COMPARED = text(
    "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema() "
    "AND data_type IN ('text', 'character varying') AND collation_name IS DISTINCT FROM 'C'"
)


def bring_up_schema(server: Server, patience: float) -> None:
    """Make or migrate the store in the server's schema; `patience` seconds for another who does it.

    Raises StoreError for a schema that is not a store or was made by a newer version.
    """
    engine = server.engine()
    if _is_current(engine, server.schema):
        return
    with run_lock(engine, "open", wait=patience) as connection, connection.begin():
        if revision(connection) != HEAD:
            with _texts_by_code_point(connection):
                upgrade(connection)
            _compare_by_code_point(connection)


def _is_current(engine: Engine, schema: str) -> bool:
    with engine.begin() as connection:
        _require_utf8(connection)
        if schema and not sees_schema(connection, schema):
            # of several who make it at once, IF NOT EXISTS lets all but one fail
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"schema {schema}"})
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))  # a name that needs no quotes
        if connection.scalar(text("SELECT current_schema()")) is None:
            raise StoreError(
                "the store's database shows this user no schema to work in",
                hint='name one: [store] schema_name = "trackone", or let the user create in the schema public',
            )
        found = revision(connection)
        require_known(connection, found)
    return found == HEAD


def _require_utf8(connection: Connection) -> None:
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise StoreError(
            f"the store's database has the encoding {encoding}, which cannot hold every name",
            hint="make one with: createdb --encoding=UTF8 --template=template0 DATABASE",
        )


@contextmanager
def _texts_by_code_point(connection: Connection) -> Iterator[None]:
    """Let new columns of text have the collation from the start: changing it makes a table and its indexes anew."""

    def say_so(_connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        makes_columns = statement.lstrip().startswith(("CREATE TABLE", "ALTER TABLE"))
        return _TEXT_COLUMN.sub(r'\g<0> COLLATE "C"', statement) if makes_columns else statement, parameters

    event.listen(connection, "before_cursor_execute", say_so, retval=True)
    try:
        yield
    finally:
        event.remove(connection, "before_cursor_execute", say_so)


def _compare_by_code_point(connection: Connection) -> None:
    tables: dict[str, list[str]] = {}
    for table, column, kind in connection.execute(_OTHERWISE_COMPARED).all():
        tables.setdefault(table, []).append(f'ALTER COLUMN "{column}" TYPE {kind} COLLATE "C"')
    for table, alterations in tables.items():
        connection.execute(text(f"ALTER TABLE {table} {', '.join(alterations)}"))
