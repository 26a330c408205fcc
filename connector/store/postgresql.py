"""How a PostgreSQL database is reached: connections, snapshots, the write lock, and the run lock."""

import logging
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from connector.domain.errors import ConfigError, LockedError
from connector.store.postgresql_faults import LOCK_NOT_AVAILABLE

_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}")
"""What a schema may be called: such a name needs no quotes anywhere."""

CONNECT_SECONDS = 10
LOCK_MILLISECONDS = 5000
"""How long a writer waits for another, as on SQLite."""

# A dead process's connection may take a moment to end: so long a run waits before it says who holds the lock.
_HOLDER_SECONDS = 1.5
_APPLICATION = re.compile(r"(?P<command>.+), pid (?P<pid>\d+) on (?P<host>.+)")
_LONGEST_APPLICATION = 63

# Whatever the server's own settings are: a run that reads its SIS for a while is not idle, and a client that is gone
# is noticed by its server in the middle of a statement, too.
_SETTINGS = {
    "lock_timeout": f"{LOCK_MILLISECONDS}ms",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "tcp_keepalives_idle": "20",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "4",
}
_NEWER_SETTINGS = {"client_connection_check_interval": "500ms", "idle_session_timeout": "0"}
_SET_KNOWN = text("SELECT set_config(name, :value, false) FROM pg_settings WHERE name = :name")

_HAS_SCHEMA = text("SELECT 1 FROM pg_namespace WHERE nspname = :name")
_TAKE_LOCK = text("SELECT pg_advisory_lock(:key)")
_HOLDER = text(
    "SELECT application_name, backend_start FROM pg_locks JOIN pg_stat_activity USING (pid) "
    "WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND pg_locks.database = "
    "(SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND classid::bigint = (CAST(:key AS bigint) >> 32) & 4294967295 AND objid::bigint = :key & 4294967295"
)


@dataclass(frozen=True, slots=True)
class Server:
    """A database with one schema in it ("" for the one that the server chooses). Raises ConfigError for its name."""

    url: URL
    schema: str = ""

    def __post_init__(self) -> None:
        """Refuse a name that would have to be quoted."""
        if self.schema and not _SCHEMA.fullmatch(self.schema):
            raise ConfigError(
                f"{self.schema!r} cannot be the name of a schema here",
                hint="Use lower-case letters, digits and _ only.",
            )

    @property
    def name(self) -> str:
        """The database in a message, without user and password."""
        where = f"{self.url.host or 'the local socket'}{f':{self.url.port}' if self.url.port else ''}"
        of = f", schema {self.schema}" if self.schema else ""
        return f"{self.url.database} (PostgreSQL on {where}{of})"

    def engine(self, *, pooled: bool = False) -> Engine:
        """An engine whose connections are closed after use, or kept; nothing is opened yet.

        Every transaction is a snapshot (REPEATABLE READ); one begun with sqlite.IMMEDIATE has the write lock first.
        """
        arguments = {
            "connect_timeout": CONNECT_SECONDS,
            "application_name": "trackone",
            "options": self._options(),
            "tcp_user_timeout": 60_000,
        }
        logging.getLogger("psycopg").setLevel(logging.ERROR)  # of a lost connection we tell ourselves
        kept = {name: value for name, value in self.url.query.items() if name != "options"}
        engine = create_engine(
            self.url.set(query=kept),
            poolclass=QueuePool if pooled else NullPool,
            pool_pre_ping=pooled,
            isolation_level="REPEATABLE READ",
            connect_args={name: value for name, value in arguments.items() if name not in kept},
        )
        event.listen(engine, "begin", _begin)
        return engine

    def _options(self) -> str:
        search_path = {"search_path": self.schema} if self.schema else {}
        ours = " ".join(f"-c {name}={value}" for name, value in {**_SETTINGS, **search_path}.items())
        given = self.url.query.get("options", "")
        return f"{ours} {given if isinstance(given, str) else ' '.join(given)}".strip()


def has_schema(server: Server) -> bool:
    """Whether the server's schema is there; the one that the server chooses always is."""
    if not server.schema:
        return True
    with server.engine().begin() as connection:
        return sees_schema(connection, server.schema)


def has_tables(connection: Connection) -> bool:
    """Whether there is any table in the current schema."""
    return bool(connection.scalar(text("SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema())")))


def sees_schema(connection: Connection, name: str) -> bool:
    """Whether there is a schema of that name."""
    return connection.scalar(_HAS_SCHEMA, {"name": name}) is not None


def _begin(connection: Connection) -> None:
    """Take the write lock before the snapshot is taken, so that the snapshot shows what the last writer wrote."""
    options = connection.get_execution_options()
    if options.get("sqlite_begin") == "IMMEDIATE":
        wait = "" if options.get("write_waits", True) else " NOWAIT"
        table = options.get("write_lock", "runs")
        connection.exec_driver_sql(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE{wait}")


@contextmanager
def run_lock(engine: Engine, command: str, wait: float = _HOLDER_SECONDS) -> Iterator[Connection]:
    """A connection that holds the run lock of its schema; the server frees it when the connection ends, however.

    `wait` seconds for another to let go of it. Who holds it can be seen as the connection's application_name.
    Raises LockedError that names the holder.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        key = _lock_key(connection)
        for name, value in _NEWER_SETTINGS.items():
            connection.execute(_SET_KNOWN, {"name": name, "value": value})
        _set(connection, "application_name", _application(command))
        _set(connection, "lock_timeout", f"{wait * 1000:.0f}ms")
        try:
            connection.execute(_TAKE_LOCK, {"key": key})
        except DBAPIError as error:
            if _sqlstate(error) != LOCK_NOT_AVAILABLE:
                raise
            raise _held(connection, key) from None
        _set(connection, "lock_timeout", _SETTINGS["lock_timeout"])
        connection.commit()
        connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def _sqlstate(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _set(connection: Connection, name: str, value: str) -> None:
    connection.execute(text("SELECT set_config(:name, :value, false)"), {"name": name, "value": value})


def _lock_key(connection: Connection) -> int:
    """The run lock of the current schema, as the number that advisory locks have in each database."""
    schema = connection.scalar(text("SELECT current_schema()"))
    return int.from_bytes(sha256(f"trackone run {schema}".encode()).digest()[:8], signed=True)


def _application(command: str) -> str:
    return f"{command}, pid {os.getpid()} on {socket.gethostname()}"[:_LONGEST_APPLICATION]


def _held(connection: Connection, key: int) -> LockedError:
    who = "another process"
    with suppress(DBAPIError):
        row = connection.execute(_HOLDER, {"key": key}).first()
        told = _APPLICATION.fullmatch(row[0]) if row else None
        if row and told:
            # The operator's clock is on the wall beside the machine, so the time is local.
            since = f", since {row[1].astimezone():%H:%M}" if isinstance(row[1], datetime) else ""
            who = f"pid {told['pid']} ({told['command']}{since}) on {told['host']}"
    return LockedError(
        f"run lock held by {who}; nothing was written",
        hint="wait until that run has ended; should its process die, the lock is free at once",
    )
