"""The log of a SQLite store, brought into it beside the writers."""

import shutil
import sqlite3
import time
from contextlib import closing, suppress
from threading import Lock

from connector.store.scim_log import LogKeeper
from connector.store.sqlite import sqlite_engine, use_log


def alone(path, folder):
    """How many rows the database has without its log; none where it was just being written."""
    copy = shutil.copy(path, folder / "alone.db")
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(copy)) as connection:
        return connection.execute("SELECT count(*) FROM t").fetchone()[0]
    return 0


def test_the_log_is_emptied_once_in_so_many_commits(tmp_path):
    """Nothing is copied before it is time; then the database has everything without its log."""
    path, turn = tmp_path / "t.db", Lock()
    engine = sqlite_engine(path, pooled=True)
    keeper = LogKeeper(engine, turn, commits=3)
    with engine.connect() as connection:
        use_log(connection)
        driver = connection.connection.dbapi_connection
        driver.execute("CREATE TABLE t (n INTEGER)")
        found = []
        for number in range(3):
            with turn:
                driver.execute("INSERT INTO t VALUES (?)", (number,))
                keeper.committed()
            if number < 2:
                found.append(alone(path, tmp_path))
        deadline = time.monotonic() + 10
        while alone(path, tmp_path) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert (found, alone(path, tmp_path)) == ([0, 0], 3)
    engine.dispose()
