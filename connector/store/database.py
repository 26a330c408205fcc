"""What a SQL store stands on: a SQLite file, or a schema of a PostgreSQL database."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from connector.domain.errors import StoreError
from connector.store import lock, postgresql
from connector.store.faults import Place, explained
from connector.store.keyfile import place_key, signing_key
from connector.store.postgresql import Server, has_schema, has_tables
from connector.store.shared_key import note_key, shared_key
from connector.store.sqlite import IMMEDIATE, sqlite_engine

SETTLE_SECONDS = 60.0
"""How long to look for what became of a run whose commit got no answer: by then a server has noticed a dead wire."""


class LostCommitError(StoreError):
    """The connection was lost while a run was being committed: it may be there or not."""


class Database(Protocol):
    """A SQL database that holds a store. `place` is what messages call it."""

    @property
    def place(self) -> Place:
        """What messages call it, without a secret."""

    def engine(self, *, pooled: bool = False) -> Engine:
        """An engine whose connections are closed after use, or kept."""

    def running(self, command: str, started: datetime) -> AbstractContextManager[Connection]:
        """A transaction under the run lock, committed when the context ends well. Raises LockedError, StoreError."""

    def settled(self, there: Callable[[Connection], bool]) -> bool:
        """After a LostCommitError: whether the run is there after all. Raises LostCommitError when nobody can say."""

    def undone(self) -> StoreError:
        """What to say of a run that was lost and is not there."""

    def exists(self) -> bool:
        """Whether there is anything at all yet; opens what is there, makes nothing."""

    def born(self) -> bool:
        """Whether there is a store, or at least something that opening it would complain of."""

    def early_key(self) -> bytes:
        """The plan key of a store that is not there yet."""

    def plan_key(self) -> bytes:
        """The key that signs plan files. Raises StoreError."""

    def take_key(self, key: bytes, connection: Connection) -> None:
        """Give a new store the key of another, noted in its transaction. Raises StoreError where it has one."""


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """A SQLite database; its lock and its key are files beside it."""

    place: Path

    def engine(self, *, pooled: bool = False) -> Engine:
        """An engine on the file."""
        return sqlite_engine(self.place, pooled=pooled)

    @contextmanager
    def running(self, command: str, started: datetime) -> Iterator[Connection]:
        """A transaction under the file's run lock."""
        engine = self.engine().execution_options(**IMMEDIATE)
        with explained(self.place), lock.run_lock(self.place, command, started), engine.begin() as connection:
            yield connection

    def settled(self, there: Callable[[Connection], bool]) -> bool:
        """A file's commit is never in doubt."""
        with self.engine().begin() as connection:
            return there(connection)

    def undone(self) -> StoreError:
        """The same as of any run that failed."""
        return StoreError(f"the store {self.place} failed; nothing of this run was written", hint="run again")

    def exists(self) -> bool:
        """Whether the file is there and not empty."""
        return self.place.exists() and self.place.stat().st_size > 0

    def born(self) -> bool:
        """Whether the file is there, or cannot be."""
        return self.place.exists() or not self.place.parent.is_dir()

    def early_key(self) -> bytes:
        """The same key."""
        return self.plan_key()

    def plan_key(self) -> bytes:
        """The key in FILE.key with mode 0600, made on first use."""
        return signing_key(Path(f"{self.place}.key"))

    def take_key(self, key: bytes, connection: Connection) -> None:  # noqa: ARG002 - it lies beside the database
        """The key in FILE.key."""
        place_key(Path(f"{self.place}.key"), key)


@dataclass(frozen=True, slots=True)
class PostgresqlSchema:
    """A schema of a PostgreSQL database; the key stays out of it, in a file that every machine has."""

    server: Server
    key_file: Path
    settle: float = SETTLE_SECONDS

    @property
    def place(self) -> str:
        """Database, host and schema."""
        return self.server.name

    def engine(self, *, pooled: bool = False) -> Engine:
        """An engine whose transactions see this schema only."""
        return self.server.engine(pooled=pooled)

    @contextmanager
    def running(self, command: str, started: datetime) -> Iterator[Connection]:  # noqa: ARG002 - the server knows since when
        """A transaction on the connection that holds the run lock: who loses the lock has lost the transaction."""
        with explained(self.place), postgresql.run_lock(self.engine(), command) as connection:
            transaction = connection.execution_options(**IMMEDIATE).begin()
            try:
                yield connection
            except BaseException:
                with suppress(DBAPIError):
                    transaction.rollback()
                raise
            try:
                transaction.commit()
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise self._lost() from error
                raise

    def settled(self, there: Callable[[Connection], bool]) -> bool:
        """Ask again once the server is back and the lost transaction has ended, which frees the run lock."""
        from tenacity import (  # noqa: PLC0415 - hardly ever needed
            Retrying,
            retry_if_exception_type,
            stop_after_delay,
            wait_fixed,
        )

        again = Retrying(
            stop=stop_after_delay(self.settle),
            wait=wait_fixed(0.2),
            retry=retry_if_exception_type((OperationalError, StoreError)),
            reraise=True,
        )
        try:
            return again(self._look, there)
        except (OperationalError, StoreError) as error:
            raise self._lost() from error

    def undone(self) -> StoreError:
        """The connection was lost before the server had committed."""
        return StoreError(
            f"the connection to the store {self.place} was lost; nothing of this run was written", hint="run again"
        )

    def plan_key(self) -> bytes:
        """The key in `key_file`, the same on every machine."""
        with explained(self.place):
            return shared_key(self.key_file, self.engine())

    def exists(self) -> bool:
        """Whether the schema is there."""
        return has_schema(self.server)

    def born(self) -> bool:
        """Whether the schema has tables."""
        with explained(self.place), self.engine().begin() as connection:
            return has_tables(connection)

    def early_key(self) -> bytes:
        """The key that the store will note when it is made."""
        return signing_key(self.key_file)

    def take_key(self, key: bytes, connection: Connection) -> None:
        """The key in `key_file`, its digest in the store."""
        place_key(self.key_file, key)
        note_key(connection, key)

    def _look(self, there: Callable[[Connection], bool]) -> bool:
        with postgresql.run_lock(self.engine(), "look") as connection, connection.begin():
            return there(connection)

    def _lost(self) -> LostCommitError:
        return LostCommitError(
            f"the connection to the store {self.place} was lost while the run was being committed",
            hint="whether it is there: trackone runs list. A run is there whole or not at all; then run again",
        )
