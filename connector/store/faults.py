"""What databases and the file system complain of, as StoreErrors with the next step."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from connector.domain.errors import BusyError, StoreError
from connector.store.postgresql_faults import is_postgresql_error, postgresql_error

Place = Path | str
"""What messages call a store: the file of a SQLite database, the name of another."""

_RIGHTS = "give this user the right to write the file and its folder"
_BUSY = ("is locked by another program", "close the program that has it open, then try again")
# SQLite's primary result codes (sqlite.org/rescode.html): what is wrong, and the next step.
_CAUSES = {
    sqlite3.SQLITE_NOTADB: (
        "is not a database",
        "name another file in [store] url, or move this one away so that a new store can be made",
    ),
    sqlite3.SQLITE_CORRUPT: ("is damaged", "restore it from a backup"),
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_FULL: (
        "cannot grow: the disk is full",
        "free some space, then run again; nothing of this run was written",
    ),
    sqlite3.SQLITE_READONLY: ("is read-only", _RIGHTS),
    sqlite3.SQLITE_PERM: ("may not be used", _RIGHTS),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "check that the folder exists and that this user may write in it"),
    sqlite3.SQLITE_IOERR: (
        "cannot be read or written",
        "check the disk and its free space, then run again; nothing of this run was written",
    ),
}
_PRIMARY = 0xFF


@contextmanager
def explained(place: Place) -> Iterator[None]:
    """Turn failures of the database and its files into StoreErrors that name `place`."""
    try:
        yield
    except DBAPIError as error:
        raise _database_error(place, error.orig or error) from error
    except sqlite3.Error as error:
        raise _database_error(place, error) from error
    except Exception as error:
        if is_postgresql_error(error):  # its driver is imported only where it is used
            raise postgresql_error(str(place), error) from error
        raise


@contextmanager
def explained_file(path: Path) -> Iterator[None]:
    """Turn failures of the file system into StoreErrors that name `path`."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"the store's file {path} cannot be used: {error.strerror or error}",
            hint="check [store] url, that the folder exists and that this user may write in it",
        ) from error


def _database_error(place: Place, error: BaseException) -> StoreError:
    if is_postgresql_error(error):
        return postgresql_error(str(place), error)
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    what, hint = _CAUSES.get(code, (f"failed: {error}", "check the file, then try again"))
    kind = BusyError if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) else StoreError
    return kind(f"the store {place} {what}", hint=hint)
