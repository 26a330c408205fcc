"""How an SQLite database is born and opened: modes, pragmas, and transactions that begin when we say so."""

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, create_engine, event

from connector.mapping.keys import case_key
from connector.store.faults import explained_file

CHECKPOINT_PAGES = 4000
BUSY_MILLISECONDS = 5000
CACHE_KIBIBYTES = 32 * 1024
# The log that a large run leaves behind while others read is cut back to this.
LOG_BYTES = 64 * 1024 * 1024

_PRAGMAS = (
    "page_size = 8192",  # of a new database: a first load writes a tenth less
    f"busy_timeout = {BUSY_MILLISECONDS}",
    "synchronous = FULL",
    "foreign_keys = ON",
    # what is erased or replaced does not linger in free pages
    "secure_delete = ON",
    f"cache_size = -{CACHE_KIBIBYTES}",
    f"journal_size_limit = {LOG_BYTES}",
)

BY_HAND = {"sqlite_begin": ""}
"""Execution options under which whoever has the connection begins its transactions."""

IMMEDIATE = {"sqlite_begin": "IMMEDIATE"}
"""Execution options under which a connection's transactions take the write lock as they begin."""


def private_file(path: Path) -> bool:
    """Create an empty file with mode 0600, whatever the umask; False where there is one already.

    The -wal and -shm files that SQLite adds take the mode of the database. Raises StoreError.
    """
    with explained_file(path):
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        except FileExistsError:
            return False
        os.close(descriptor)
    return True


def sqlite_engine(path: Path, *, pooled: bool = False) -> Engine:
    """An engine whose connections are ready for use and closed after it, or kept; nothing is opened yet.

    The kept ones are for many small transactions: a commit reaches the log and outlives the process at once, the
    disk itself with the next checkpoint. A loss of power can lose the last of them, never half of one.
    """
    url = URL.create("sqlite", database=str(path))
    pool = QueuePool if pooled else NullPool
    engine = create_engine(url, poolclass=pool, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _prepare)
    if pooled:
        event.listen(engine, "connect", _do_not_wait_for_the_disk)
    event.listen(engine, "begin", _begin)
    return engine


def use_log(connection: Connection) -> None:
    """Turn write-ahead logging on, which the database remembers: readers and a run do not wait for each other.

    Not done with every connection, since a file must be known to be a store before it is changed.
    """
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # or the driver would begin transactions by itself
    connection.create_function("case_key", 1, _case_key, deterministic=True)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _do_not_wait_for_the_disk(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")


def _case_key(text: str | None) -> str | None:
    return None if text is None else case_key(text)


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("sqlite_begin") == "":
        return
    if options.get("sqlite_begin") == "IMMEDIATE":
        wait = BUSY_MILLISECONDS if options.get("write_waits", True) else 0
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {wait}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("BEGIN DEFERRED")
