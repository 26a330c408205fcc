"""Everything of one store into another, empty one: accounts, names, runs, tokens and the key."""

from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection, Table, func, inspect, select

from connector.domain.errors import StoreError
from connector.domain.ports import Clock
from connector.store.database import Database
from connector.store.dialect import run_rows
from connector.store.faults import explained
from connector.store.open import Reach, found, opened
from connector.store.schema import metadata, state
from connector.store.shared_key import NOTED

_BATCH = 5000
_COMMAND = "store move"


@dataclass(frozen=True, slots=True)
class StoreMove:
    """A move from the store that a school uses to the one at `url`; nothing is written until `do`."""

    source: Database
    url: str
    reach: Reach
    clock: Clock

    def target(self) -> str:
        """What messages call the other store. Raises StoreError where it is in use, or a database of another kind."""
        there = found(self.url, self.reach)
        if str(there.place) == str(self.source.place):
            raise StoreError(f"the store {there.place} cannot be moved to itself", hint="name another place")
        with explained(there.place):
            if there.exists():
                with there.engine().begin() as connection:
                    _require_empty(connection, str(there.place))
        return str(there.place)

    def look(self) -> dict[str, int]:
        """How many rows each table has that is not empty."""
        with explained(self.source.place), self.source.engine().begin() as connection:
            return _counts(connection)

    def do(self) -> dict[str, int]:
        """Move everything in one transaction, while no run and no client can write; the old store stays as it is.

        Returns the number of rows by table, counted in the new store. Raises StoreError and LockedError.
        """
        self.target()
        key = self.source.plan_key()
        target = opened(self.url, self.clock, self.reach)
        started = self.clock()
        with self.source.running(_COMMAND, started) as old, target.running(_COMMAND, started) as new:
            _require_empty(new, str(target.place))
            for table in metadata.sorted_tables:
                _copy(old, new, table)
            counts = _counts(new)
            if counts != _counts(old):
                raise StoreError(
                    f"the store {target.place} did not take everything; nothing was moved", hint="try again"
                )
            target.take_key(key, new)
        return counts


def _copy(old: Connection, new: Connection, table: Table) -> None:
    names = [column.name for column in table.columns]
    quoted, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    statement = f"INSERT INTO {table.name} ({quoted}) VALUES ({marks})"  # noqa: S608 - the schema's own words
    wanted = select(table).order_by(*table.primary_key.columns)
    if table is state:  # the digest of the key is the business of each store
        wanted = wanted.where(state.c.key != NOTED)
    rows = iter(old.execute(wanted, execution_options={"yield_per": _BATCH}))
    while part := [tuple(row) for row in islice(rows, _BATCH)]:
        run_rows(new, statement, part)


def _counts(connection: Connection) -> dict[str, int]:
    counted = {table.name: _count(connection, table) for table in metadata.sorted_tables}
    return {name: count for name, count in counted.items() if count}


def _count(connection: Connection, table: Table) -> int:
    wanted = select(func.count()).select_from(table)
    if table is state:
        wanted = wanted.where(state.c.key != NOTED)
    return connection.scalar(wanted) or 0


def _require_empty(connection: Connection, place: str) -> None:
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return
    if "alembic_version" not in tables:
        raise StoreError(
            f"the store {place} is a database of another program: it has the table {min(tables)!r}",
            hint="name another database, schema or file",
        )
    ours = [table for table in metadata.sorted_tables if table.name in tables]
    full = next((table.name for table in ours if _count(connection, table)), None)
    if full is not None:
        raise StoreError(
            f"the store {place} is not empty: it has rows in {full}; nothing was moved",
            hint="move to a new database, schema or file",
        )
