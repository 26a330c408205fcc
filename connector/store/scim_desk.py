"""The desk of the SCIM edge: who reads and writes when, on which connection."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock, local
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from connector.domain.ports import Clock
from connector.domain.scim import DeskReader, DeskWriter, Document, Person
from connector.store.faults import Place, explained
from connector.store.scim import SqlDeskReader
from connector.store.scim_everybody import Everybody
from connector.store.scim_hours import HourRuns
from connector.store.scim_log import LogKeeper
from connector.store.scim_run import SqlDeskRun, save_document
from connector.store.sqlite import BUSY_MILLISECONDS, BY_HAND, IMMEDIATE

_LOG_PAGES = 16_000
"""So long the log becomes before a writer brings it into the database itself, where LogKeeper did not."""


class _Kept(local):
    """What one thread keeps open: a connection for its glances, and one for its writes."""

    connection: Connection | None = None
    everybody: Everybody | None = None
    writer: Connection | None = None
    hours: HourRuns | None = None


class SqlDesk:
    """What `Desk` promises, on a SQL store. Writers of one process queue here rather than in the database."""

    def __init__(self, engine: Engine, clock: Clock, place: Place) -> None:
        self._engine = engine
        self._clock = clock
        self._place = place
        self._writing = Lock()
        self._kept = _Kept()
        # SQLite answers each statement for itself outside a transaction; elsewhere a glance is a look.
        self._glances = engine.dialect.name == "sqlite"
        self._log = LogKeeper(engine, self._writing)

    @contextmanager
    def look(self, client: str) -> Iterator[DeskReader]:
        """A consistent view for one client."""
        with explained(self._place), self._engine.begin() as connection:
            yield SqlDeskReader(connection, client)

    @contextmanager
    def glance(self, client: str) -> Iterator[DeskReader]:
        """A view whose every answer is of its own moment."""
        if not self._glances:
            with self.look(client) as reader:
                yield reader
            return
        kept = self._kept
        with explained(self._place):
            if kept.connection is None:
                kept.connection, kept.everybody = self._engine.connect(), Everybody()
            yield SqlDeskReader(kept.connection, client, kept.everybody)

    @contextmanager
    def act(self, client: str, token: str) -> Iterator[DeskWriter]:  # noqa: ARG002 - told in each change's reasons
        """A transaction for one client. Raises BusyError when it cannot begin in time."""
        with explained(self._place), self._writing, self._going_on(client) as run:
            yield run

    @contextmanager
    def _going_on(self, client: str) -> Iterator[SqlDeskRun]:
        """The client's run, in a transaction that takes the write lock as it begins.

        On SQLite the thread's own connection is kept for it: taking one from the pool and giving it back costs as
        much as a small change.
        """
        if not self._glances:
            with self._engine.execution_options(**IMMEDIATE).begin() as connection:
                run = SqlDeskRun(connection, client, self._clock, self._clock())
                yield run
                run.end()
            return
        connection, hours = self._writer()
        driver: Any = connection.connection.dbapi_connection
        driver.execute("BEGIN IMMEDIATE")
        try:
            moment = self._clock()
            run = hours.take(client, moment) or SqlDeskRun(connection, client, self._clock, moment)
            yield run
            run.end()
            connection.commit()
            driver.commit()
        except BaseException:
            connection.rollback()
            driver.rollback()
            raise
        hours.leave(client, run)
        self._log.committed()

    def _writer(self) -> tuple[Connection, HourRuns]:
        """The thread's own connection for writes, and the runs that go on with it."""
        kept = self._kept
        if kept.writer is None or kept.hours is None:
            kept.writer = self._engine.connect().execution_options(**BY_HAND)
            kept.hours = HourRuns(kept.writer)
            kept.writer.exec_driver_sql(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
            kept.writer.commit()
        return kept.writer, kept.hours

    @contextmanager
    def _at_once(self) -> Iterator[Connection]:
        """A transaction that takes the write lock, or fails where somebody else has it.

        On SQLite the connection of the glances does it, whose own view of who is there stays remembered.
        """
        kept = self._kept.connection
        if kept is None:
            with self._engine.execution_options(**IMMEDIATE, write_waits=False).begin() as connection:
                yield connection
            return
        driver: Any = kept.connection
        driver.execute("PRAGMA busy_timeout = 0")
        try:
            driver.execute("BEGIN IMMEDIATE")
            yield kept
            driver.commit()
        finally:
            driver.rollback()  # nothing, behind a commit
            driver.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")

    def cache(self, client: str, made: Sequence[tuple[Person, Document]]) -> None:
        """Keep texts made for reading, where that is possible just now and the person is still as they were read.

        Between the reading and the keeping another may have written: an old text would stand for the new account.
        """
        if not made or not self._writing.acquire(blocking=False):
            return
        try:
            with self._at_once() as connection:
                reader = SqlDeskReader(connection, client)
                for person, text in made:
                    if reader.person(text.account_id) == person:
                        save_document(connection, person, text)
        except (DBAPIError, sqlite3.Error):
            return  # a sync has the store, or the account is gone: the text is made again next time
        finally:
            self._writing.release()
