"""What the machine can do at best: the floors that a sync is compared with."""

import csv
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path

from bench.people import HEADER

TABLE = f"CREATE TABLE students ({', '.join(HEADER)});"
INDEXES = "CREATE UNIQUE INDEX by_code ON students (sis_code); CREATE UNIQUE INDEX by_email ON students (email);"


def csv_pass(source: Path) -> float:
    """Seconds of one bare csv.reader pass over the file."""
    started = time.perf_counter()
    with source.open(encoding="utf-8", newline="") as file:
        for _ in csv.reader(file):
            pass
    return time.perf_counter() - started


def import_tool() -> str:
    """What `table_import` uses: the sqlite3 shell where there is one, else Python's own module."""
    return "sqlite3 shell" if shutil.which("sqlite3") else "sqlite3 module (no sqlite3 shell here)"


def table_import(source: Path, folder: Path) -> float:
    """Seconds to import the file into a new table with two unique indexes, in a database in `folder`."""
    database = folder / "floor.db"
    database.unlink(missing_ok=True)
    with sqlite3.connect(database) as connection:
        connection.executescript(TABLE + INDEXES)
    connection.close()
    started = time.perf_counter()
    (_shell_import if shutil.which("sqlite3") else _module_import)(source, database)
    seconds = time.perf_counter() - started
    database.unlink()
    return seconds


def _shell_import(source: Path, database: Path) -> None:
    script = f'.bail on\n.mode csv\n.import --skip 1 "{source.as_posix()}" students\n'
    subprocess.run(["sqlite3", str(database)], input=script, text=True, check=True)


def _module_import(source: Path, database: Path) -> None:
    marks = ", ".join("?" * len(HEADER))
    with sqlite3.connect(database) as connection, source.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        connection.executemany(f"INSERT INTO students VALUES ({marks})", rows)  # noqa: S608 - only question marks
    connection.close()
