"""The one way to a store."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from connector.domain.console import ConsoleRecord
from connector.domain.errors import ConfigError
from connector.domain.operation import Journal
from connector.domain.ports import Clock, Store
from connector.domain.scim import Desk
from connector.store.console import SqlConsoleRecord
from connector.store.database import Database, PostgresqlSchema, SqliteFile
from connector.store.faults import explained
from connector.store.lock import run_lock
from connector.store.migrate import HEAD, require_known, revision, upgrade
from connector.store.operation import SqlJournal
from connector.store.postgresql import Server
from connector.store.postgresql_birth import bring_up_schema
from connector.store.scim_desk import SqlDesk
from connector.store.sql import SqlStore
from connector.store.sqlite import IMMEDIATE, private_file, sqlite_engine, use_log
from connector.store.unborn import StoreToBe

# How long to wait for another process that is making or migrating the same store.
_PATIENCE_SECONDS = 10
_NO_FILE = (None, "", ":memory:")
_KEY_FILE = Path("trackone.key")


class Reach(NamedTuple):
    """What a store's URL does not say: the schema, the password, and where the plan key is; only for PostgreSQL."""

    schema: str = ""
    password: str = ""
    key_file: Path = _KEY_FILE


_AS_SAID = Reach()


def open_store(url: str, clock: Clock, reach: Reach = _AS_SAID) -> Store:
    """The store at a SQLAlchemy URL (`sqlite:///FILE`, `postgresql+psycopg://USER@HOST/DATABASE`).

    A file is made with mode 0600, a schema with everything in it, where there is none yet; both are brought up to
    this version. Raises ConfigError for a URL that names no store, StoreError for a database that cannot be used,
    is no store, or was made by a newer version.
    """
    return SqlStore(opened(url, clock, reach), clock)


def open_or_await_store(url: str, clock: Clock, reach: Reach = _AS_SAID) -> Store:
    """The same store, but what is not there yet is made by the first run only: reading makes nothing."""
    database = found(url, reach)
    with _with_driver():
        born = database.born()
    if born:
        return open_store(url, clock, reach)
    return StoreToBe(database, lambda: SqlStore(opened(url, clock, reach), clock))


def open_desk(url: str, clock: Clock, reach: Reach = _AS_SAID) -> Desk:
    """The same store for the SCIM edge, whose connections are kept open."""
    database = opened(url, clock, reach)
    return SqlDesk(database.engine(pooled=True), clock, database.place)


def open_console_record(url: str, clock: Clock, reach: Reach = _AS_SAID) -> ConsoleRecord:
    """What the admin console keeps in the same store, whose connections are kept open."""
    database = opened(url, clock, reach)
    return SqlConsoleRecord(database.engine(pooled=True), database.place)


def open_journal(url: str, clock: Clock, reach: Reach = _AS_SAID) -> Journal:
    """What is kept in the same store of running unattended."""
    database = opened(url, clock, reach)
    return SqlJournal(database.engine(), database.place)


def opened(url: str, clock: Clock, reach: Reach = _AS_SAID) -> Database:
    """The database at a URL, brought up to this version. Raises ConfigError and StoreError."""
    database = found(url, reach)
    if isinstance(database, PostgresqlSchema):
        with _with_driver(), explained(database.place):
            bring_up_schema(database.server, _PATIENCE_SECONDS)
        return database
    path = database.place
    fresh = private_file(path) or path.stat().st_size == 0
    engine = sqlite_engine(path)
    with explained(path):
        if fresh or not _is_current(engine):
            with run_lock(path, "open", clock(), wait=_PATIENCE_SECONDS):
                _bring_up(engine)
    return database


def found(url: str, reach: Reach = _AS_SAID) -> SqliteFile | PostgresqlSchema:
    """The database at a URL as it is, before anything is opened or made. Raises ConfigError."""
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        return SqliteFile(_sqlite_file(parsed))
    if reach.password and parsed.password is None:
        parsed = parsed.set(password=reach.password)
    return PostgresqlSchema(Server(parsed, reach.schema), reach.key_file)


@contextmanager
def _with_driver() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"[store] url names PostgreSQL, for which {error.name} is not installed",
            hint='install it: pip install "trackone-connector[postgresql]"',
        ) from None


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = URL.create("none")
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise _no_store()
    if parsed.drivername != "sqlite" and not parsed.database:
        raise _no_store()
    return parsed


def _sqlite_file(url: URL) -> Path:
    if url.database in _NO_FILE or url.query:
        raise _no_store()
    return Path(str(url.database))


def _no_store() -> ConfigError:
    return ConfigError(
        "[store] url names no store that this version can open",
        hint='write url = "sqlite:///FILE", for example "sqlite:///trackone.db", '
        'or "postgresql+psycopg://USER@HOST/DATABASE"',
    )


def _is_current(engine: Engine) -> bool:
    with engine.connect() as connection:
        found = _known(connection)
        connection.rollback()
        use_log(connection)
    return found == HEAD


def _known(connection: Connection) -> str:
    found = revision(connection)
    require_known(connection, found)
    return found


def _bring_up(engine: Engine) -> None:
    with engine.connect().execution_options(**IMMEDIATE) as connection:
        use_log(connection)
        with connection.begin():
            if revision(connection) != HEAD:
                upgrade(connection)
