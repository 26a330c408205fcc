"""The one way to a store."""

from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from connector.domain.console import ConsoleRecord
from connector.domain.errors import ConfigError
from connector.domain.operation import Journal
from connector.domain.ports import Clock, Store
from connector.domain.scim import Desk
from connector.store.console import SqlConsoleRecord
from connector.store.faults import explained
from connector.store.lock import run_lock
from connector.store.migrate import HEAD, require_known, revision, upgrade
from connector.store.operation import SqlJournal
from connector.store.scim import SqlDesk
from connector.store.sql import SqlStore
from connector.store.sqlite import IMMEDIATE, private_file, sqlite_engine, use_log

# How long to wait for another process that is making or migrating the same store.
_PATIENCE_SECONDS = 10
_NO_FILE = (None, "", ":memory:")


def open_store(url: str, clock: Clock) -> Store:
    """The store at a SQLAlchemy URL (`sqlite:///FILE`), made with mode 0600 where there is none yet.

    The schema is brought up to this version. Raises ConfigError for a URL that names no SQLite file,
    StoreError for a file that cannot be used, is no store, or was made by a newer version.
    """
    path = _sqlite_file(url)
    fresh = private_file(path) or path.stat().st_size == 0
    engine = sqlite_engine(path)
    with explained(path):
        if fresh or not _is_current(engine):
            with run_lock(path, "open", clock(), wait=_PATIENCE_SECONDS):
                _bring_up(engine)
    return SqlStore(engine, clock, path)


def open_desk(url: str, clock: Clock) -> Desk:
    """The same store for the SCIM edge, whose connections are kept open."""
    open_store(url, clock)
    path = _sqlite_file(url)
    return SqlDesk(sqlite_engine(path, pooled=True), clock, path)


def open_console_record(url: str, clock: Clock) -> ConsoleRecord:
    """What the admin console keeps in the same store, whose connections are kept open."""
    open_store(url, clock)
    path = _sqlite_file(url)
    return SqlConsoleRecord(sqlite_engine(path, pooled=True), path)


def open_journal(url: str, clock: Clock) -> Journal:
    """What is kept in the same store of running unattended."""
    open_store(url, clock)
    path = _sqlite_file(url)
    return SqlJournal(sqlite_engine(path), path)


def _sqlite_file(url: str) -> Path:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() != "sqlite" or parsed.database in _NO_FILE or parsed.query:
        raise ConfigError(
            "[store] url names no store that this version can open",
            hint='write url = "sqlite:///FILE", for example "sqlite:///trackone.db"',
        )
    return Path(str(parsed.database))


def _is_current(engine: Engine) -> bool:
    with engine.connect() as connection:
        found = revision(connection)
        require_known(connection, found)
        connection.rollback()
        use_log(connection)
    return found == HEAD


def _bring_up(engine: Engine) -> None:
    with engine.connect().execution_options(**IMMEDIATE) as connection:
        use_log(connection)
        with connection.begin():
            if revision(connection) != HEAD:
                upgrade(connection)
