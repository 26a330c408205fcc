"""The log of a SQLite database brought into it beside the requests, none of which is to wait for the disk."""

import sqlite3
from threading import Event, Lock, Thread
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

COMMITS = 1_000
"""So many transactions are brought into the database together: a page that many of them wrote is copied once."""

_CHECKPOINT = "PRAGMA wal_checkpoint(PASSIVE)"
_ROUNDS = 2
"""So often without the writers' turn: what they wrote meanwhile is little then."""


class LogKeeper:
    """Counts the commits of one process; a thread of its own empties the log.

    The last part is done while the process's writers wait for their turn, so that the next of them begins the log
    anew. The log of a database that is busy otherwise is emptied by whoever finds it too long, as SQLite does it.
    """

    def __init__(self, engine: Engine, turn: Lock, commits: int = COMMITS) -> None:
        """`turn` is what the writers of this process hold; the log is emptied once in so many `commits`."""
        self._engine = engine
        self._turn = turn
        self._due = Event()
        self._every = commits
        self._commits = 0
        self._thread: Thread | None = None

    def committed(self) -> None:
        """Count a commit; to be called in a writer's turn."""
        self._commits += 1
        if self._commits < self._every:
            return
        self._commits = 0
        if self._thread is None:
            self._thread = Thread(target=self._keep, name="scim-log", daemon=True)
            self._thread.start()
        self._due.set()

    def _keep(self) -> None:
        while self._due.wait():
            self._due.clear()
            try:
                with self._engine.connect() as connection:
                    self._empty(connection)
            except (DBAPIError, sqlite3.Error):
                continue  # the writers meet the same trouble, and say so

    def _empty(self, connection: Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        for _ in range(_ROUNDS):
            driver.execute(_CHECKPOINT).fetchall()
        with self._turn:
            driver.execute(_CHECKPOINT).fetchall()
