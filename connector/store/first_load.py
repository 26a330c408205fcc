"""A store's first accounts by the thousand: written in a thread while the next are decided.

All in the transaction of the run, so nobody ever sees a part of them. What the database refuses is told when its
connection is next asked for.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import lru_cache
from itertools import chain, repeat
from sqlite3 import SQLITE_LIMIT_VARIABLE_NUMBER
from typing import Any

from sqlalchemy import Connection

from connector.store.codec import Row
from connector.store.dialect import is_postgresql
from connector.store.statements import run_many

MANY = 500
"""Fewer first accounts are written at once."""

ROWS = 5_000
"""How many accounts are written at a time: the thread waits for its turn only now and then."""

SIZES = (100, 500, 1_800, ROWS)
"""How many rows one statement inserts: few sizes, since every statement that SQLite keeps costs memory."""

WAITING = 1
"""So many parts may wait while another is written."""

Write = Callable[[Connection], None]
"""Writes something through a connection."""


class FirstLoad:
    """The one way to the connection of a run, which waits for what is still being written through it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._thread: ThreadPoolExecutor | None = None
        self._writing: deque[Future[None]] = deque()
        self._refused = False

    @property
    def begun(self) -> bool:
        """Whether accounts are being loaded."""
        return self._thread is not None

    def begin(self) -> None:
        """From now on nothing but new accounts is expected."""
        self._thread = ThreadPoolExecutor(1, "first-load")

    def write(self, write: Write) -> None:
        """Begin to write, behind what was begun before. Raises what any of that raised."""
        assert self._thread is not None  # noqa: S101 - begun
        self._wait_for_all_but(WAITING)
        self._writing.append(self._thread.submit(self._in_turn, write))

    @property
    def connection(self) -> Connection:
        """The connection, with nothing going on. Raises what was raised meanwhile."""
        self._wait_for_all_but(0)
        return self._connection

    def end(self) -> None:
        """Whatever comes now is written at once; what was begun may still be going on."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.shutdown(wait=False)

    def leave(self) -> None:
        """Wait for what is going on, whatever becomes of it."""
        for one in self._writing:
            one.cancel()
        wait(self._writing)
        self.end()

    def _wait_for_all_but(self, most: int) -> None:
        while len(self._writing) > most:
            self._writing.popleft().result()

    def _in_turn(self, write: Write) -> None:
        """In the thread: nothing more is written once something was refused."""
        if not self._refused:
            self._refused = True
            write(self._connection)
            self._refused = False


def insert_at_once(connection: Connection, statement: str, rows: Sequence[Row]) -> None:
    """Insert rows whose first column is never null in as few calls as can be, between which a thread waits its turn.

    Raises IntegrityError.
    """
    if is_postgresql(connection):
        run_many(connection, statement, rows)
        return
    driver: Any = connection.connection.dbapi_connection
    width = statement.count("?")
    most = driver.getlimit(SQLITE_LIMIT_VARIABLE_NUMBER) // width
    sizes = [size for size in SIZES if size <= most] or [most]
    start = 0
    while start < len(rows):
        size = next((size for size in sizes if size >= len(rows) - start), sizes[-1])
        part = rows[start : start + size]
        nothing = repeat(None, (size - len(part)) * width)
        run_many(connection, _for_rows(statement, size), [tuple(chain(chain.from_iterable(part), nothing))])
        start += size


@lru_cache(maxsize=32)
def _for_rows(statement: str, count: int) -> str:
    """An INSERT of one row as one of up to so many; a row of nulls is none."""
    head, _, values = statement.partition(" VALUES ")
    given = [value.strip() for value in values.strip("() ").split(",")]
    numbers = iter(range(1, len(given) + 1))
    taken = ", ".join(f"column{next(numbers)}" if value == "?" else value for value in given)
    row = f"({', '.join('?' * given.count('?'))})"
    rows = ", ".join([row] * count)
    return " ".join((head, "SELECT", taken, "FROM (VALUES", rows, ") WHERE column1 IS NOT NULL"))
