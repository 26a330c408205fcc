"""The user store on a SQL database."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from connector.domain.alignment import AlignmentRecord, FindingKey
from connector.domain.ports import AccountReader, Clock, RunRequest, RunWriter
from connector.domain.run import Outcome, Run
from connector.store import record
from connector.store.alignments import read_alignments, read_findings, write_alignment
from connector.store.database import Database, LostCommitError
from connector.store.faults import explained
from connector.store.reader import SqlReader
from connector.store.sqlite import IMMEDIATE
from connector.store.writer import SqlRun


class SqlStore:
    """What `Store` and `AlignmentRecords` promise, on a SQL database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._engine = database.engine()
        self._clock = clock

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
        written: Run | None = None
        try:
            with self._database.running(request.command, self._clock()) as connection:
                run = SqlRun(connection, request, self._clock)
                try:
                    yield run
                    run.end()
                finally:
                    run.leave()
                written = record.read_run(connection, run.number)
        except LostCommitError:
            if not self._database.settled(lambda connection: _is_there(connection, written)):
                raise self._database.undone() from None

    def runs(self) -> list[Run]:
        """All runs, the newest first."""
        with self._reading() as connection:
            return record.read_runs(connection)

    def outcomes(self, number: int, after: int = 0) -> Iterator[Outcome]:
        """The changes of a run in the order they were done, behind the `after`-th; StoreError for no such run."""
        with self._reading() as connection:
            record.require_run(connection, number)
        return self._outcomes(number, after)

    def history(self, account_id: int) -> list[Outcome]:
        """Every recorded change of one account, the newest first."""
        with self._reading() as connection:
            return record.read_history(connection, account_id)

    def plan_key(self) -> bytes:
        """The key that signs plan files, in a file with mode 0600 outside the database; made on first use."""
        return self._database.plan_key()

    def applied_as(self, fingerprint: str) -> int | None:
        """The number of the run that applied this plan, or None."""
        with self._reading() as connection:
            return record.applied_as(connection, fingerprint)

    def alignments(self, scope: str, most: int) -> list[AlignmentRecord]:
        """The newest records of alignments, at most `most`, the oldest of them first."""
        with self._reading() as connection:
            return read_alignments(connection, scope, most)

    def last_findings(self, scope: str) -> set[FindingKey]:
        """The findings of the newest alignment."""
        with self._reading() as connection:
            return read_findings(connection, scope)

    def keep_alignment(self, scope: str, record: AlignmentRecord, findings: Collection[FindingKey]) -> None:
        """Remember an alignment, and its findings in the place of those of the last. Raises StoreError."""
        engine = self._engine.execution_options(**IMMEDIATE)
        with explained(self._database.place), engine.begin() as connection:
            write_alignment(connection, scope, record, findings)

    def _outcomes(self, number: int, after: int) -> Iterator[Outcome]:
        with self._reading() as connection:
            yield from record.read_outcomes(connection, number, after)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with explained(self._database.place), self._engine.begin() as connection:
            connection.exec_driver_sql("SELECT 1 FROM runs LIMIT 1").first()  # the first read takes the snapshot
            yield connection


def _is_there(connection: Connection, written: Run | None) -> bool:
    return written is not None and record.read_run(connection, written.number) == written
