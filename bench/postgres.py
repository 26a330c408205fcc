"""How long `trackone sync` takes with its store in PostgreSQL, as ratios: `python -m bench.postgres [--rows N ...]`.

It starts a PostgreSQL of its own on a loopback port; Debian's postgresql is needed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import psycopg

from bench import people, sync
from tests.servers.postgres import PASSWORD, USER, Postgres

STORE = """\
url = "{url}"
schema_name = "{schema}"
password = {{ file = "password" }}
"""
SQLITE = 'url = "sqlite:///trackone.db"\n'
FIRST_LIMIT = 5.0
LINE = "{:<34}{:>9}{:>9}{:>8}{:>8}"
WORDS = {
    "copy": "COPY into a staging table",
    "upsert": "INSERT ... ON CONFLICT from it",
    "first": "first sync",
    "same": "re-sync, no change",
    "changed": "re-sync, 1 % changed",
}


def school(workdir: Path, rows: int, server: Postgres, schema: str) -> Path:
    """A school whose store is a schema of the server."""
    sync.lay_down(workdir, rows)
    url = f"postgresql+psycopg://{USER}@{server.facts['host']}:{server.facts['port']}/postgres"
    file = workdir / "connector.toml"
    config = file.read_text(encoding="utf-8").replace(SQLITE, STORE.format(url=url, schema=schema))
    file.write_text(config, encoding="utf-8")
    (workdir / "password").write_text(PASSWORD, encoding="utf-8")
    return workdir


def floor(source: Path, server: Postgres) -> dict[str, float]:
    """Seconds to COPY the export into a staging table, and from there into a table with two unique indexes."""
    columns = ", ".join(f"{name} text" for name in people.HEADER)
    with psycopg.connect(**server.facts) as connection:  # type: ignore[arg-type] # texts
        connection.execute(f"CREATE TEMP TABLE staged ({columns}); CREATE TABLE floor ({columns})".encode())
        connection.execute(b"CREATE UNIQUE INDEX ON floor (sis_code); CREATE UNIQUE INDEX ON floor (email)")
        connection.commit()
        taken = {"copy": _timed(lambda: _copy(connection, source))}
        upsert = f"INSERT INTO floor SELECT * FROM staged ON CONFLICT (sis_code) DO UPDATE SET {_every_column()}"  # noqa: S608 - our own columns
        taken["upsert"] = _timed(lambda: _committed(connection, upsert))
        connection.execute(b"DROP TABLE floor; DROP TABLE staged")
        connection.commit()
    return taken


def _committed(connection: psycopg.Connection, statement: str) -> None:
    connection.execute(statement.encode())
    connection.commit()


def _every_column() -> str:
    return ", ".join(f"{name} = excluded.{name}" for name in people.HEADER)


def _copy(connection: psycopg.Connection, source: Path) -> None:
    words = "COPY staged FROM STDIN WITH (FORMAT csv, HEADER)"
    with source.open("rb") as file, connection.cursor().copy(words) as target:
        while block := file.read(1 << 20):
            target.write(block)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def timed_sync(workdir: Path, warm: Path, action: str, expected: int) -> float:
    """Seconds of one sync in a process of its own; ends everything when it did not do what was to be measured."""
    command = [sys.executable, "-m", "bench.postgres", "--measure", str(workdir), str(warm)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"The measured sync failed:\n{done.stderr.strip()}")
    counts = sync.last_counts(workdir)
    if counts.get(action, 0) != expected:
        sys.exit(f"The measured sync did something else: expected {action} {expected}, got {counts}")
    seconds: float = json.loads(done.stdout.splitlines()[-1])
    return seconds


def measure(workdir: Path, warm: Path) -> None:
    """Import everything on a small school, then time the sync of the real one."""
    sync.run_sync(warm)
    print(json.dumps(_timed(lambda: sync.run_sync(workdir))))


def one_round(folder: Path, rows: int, number: int, server: Postgres) -> dict[str, float]:
    """The floor, a first sync, a sync without change, a sync with 1 % changed."""
    warm = school(folder / "warm", sync.WARM_ROWS, server, f"warm_{rows}_{number}")
    workdir = school(folder / "school", rows, server, f"school_{rows}_{number}")
    source = workdir / "students.csv"
    taken = floor(source, server)
    taken["first"] = timed_sync(workdir, warm, "create", rows)
    taken["same"] = timed_sync(workdir, warm, "unchanged", rows)
    people.write(source, rows, changed=True)
    taken["changed"] = timed_sync(workdir, warm, "update", (rows + 99) // 100)
    return taken


def show(rows: int, rounds: list[dict[str, float]]) -> bool:
    """Print medians, and of each round's ratio to its own floor; whether the first sync is within its limit."""
    print(f"\n{rows:,} students, median of {len(rounds)}")
    print(LINE.format("", "seconds", "x floor", "limit", "").rstrip())
    within = True
    for name, words in WORDS.items():
        seconds = median(one[name] for one in rounds)
        ratio = median(one[name] / (one["copy"] + one["upsert"]) for one in rounds)
        limit = ("", "")
        if name == "first":
            within = ratio <= FIRST_LIMIT
            limit = (f"{FIRST_LIMIT:.1f}", "pass" if within else "over")
        print(LINE.format(words, f"{seconds:.2f}", f"{ratio:.1f}", *limit).rstrip())
    return within


def main() -> int:
    """Measure every size asked for; 1 when a limit is passed."""
    parser = argparse.ArgumentParser(prog="python -m bench.postgres", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000], metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--measure", type=Path, nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(*chosen.measure)
        return 0
    server = Postgres(lasting=True)
    try:
        server.start()
        with tempfile.TemporaryDirectory() as folder:
            verdicts = [
                show(rows, [one_round(Path(folder), rows, number, server) for number in range(chosen.rounds)])
                for rows in chosen.rows
            ]
    finally:
        server.stop()
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
