"""The user store on a SQL database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine

from connector.domain.ports import AccountReader, Clock, RunRequest, RunWriter
from connector.domain.run import Outcome, Run
from connector.store import record
from connector.store.faults import explained
from connector.store.keyfile import signing_key
from connector.store.lock import run_lock
from connector.store.reader import SqlReader
from connector.store.sqlite import IMMEDIATE
from connector.store.writer import SqlRun


class SqlStore:
    """What `Store` promises, on an SQLite file."""

    def __init__(self, engine: Engine, clock: Clock, path: Path) -> None:
        self._engine = engine
        self._clock = clock
        self._path = path

    @contextmanager
    def view(self) -> Iterator[AccountReader]:
        """A view that stays as it is while others write."""
        with self._reading() as connection:
            yield SqlReader(connection)

    @contextmanager
    def run(self, request: RunRequest) -> Iterator[RunWriter]:
        """Begin a run under the run lock; it is committed when the context ends well, else undone.

        Raises LockedError naming who holds the lock, StoreError when the database fails.
        """
        with explained(self._path), run_lock(self._path, request.command, self._clock()):
            engine = self._engine.execution_options(**IMMEDIATE)
            with engine.begin() as connection:
                run = SqlRun(connection, request, self._clock)
                yield run
                run.end()

    def runs(self) -> list[Run]:
        """All runs, the newest first."""
        with self._reading() as connection:
            return record.read_runs(connection)

    def outcomes(self, number: int) -> Iterator[Outcome]:
        """The changes of a run in the order they were done. Raises StoreError for a run there never was."""
        with self._reading() as connection:
            record.require_run(connection, number)
        return self._outcomes(number)

    def history(self, account_id: int) -> list[Outcome]:
        """Every recorded change of one account, the newest first."""
        with self._reading() as connection:
            return record.read_history(connection, account_id)

    def plan_key(self) -> bytes:
        """The key that signs plan files, beside the database as FILE.key with mode 0600; made on first use."""
        return signing_key(Path(f"{self._path}.key"))

    def applied_as(self, fingerprint: str) -> int | None:
        """The number of the run that applied this plan, or None."""
        with self._reading() as connection:
            return record.applied_as(connection, fingerprint)

    def _outcomes(self, number: int) -> Iterator[Outcome]:
        with self._reading() as connection:
            yield from record.read_outcomes(connection, number)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with explained(self._path), self._engine.begin() as connection:
            connection.exec_driver_sql("SELECT 1 FROM runs LIMIT 1").first()  # the first read takes the snapshot
            yield connection
