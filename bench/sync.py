"""How long `trackone sync` takes, as ratios to floors of the same run: `python -m bench.sync [--rows N ...]`."""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bench import floors, people
from bench.table import Measured, show

CONFIG = """\
[school]
name = "Bench"
school_year = 2026
[sis]
reader = "csv"
path = "students.csv"
as_of = "2026-03-11"
[sis.columns]
{columns}
[sis.status]
active = ["Active"]
[mapping]
file = "students.toml"
[store]
url = "sqlite:///trackone.db"
"""
MAPPING = """\
[scope]
overwrite = true
[usernames]
method = "given_dot_surname"
[passwords]
method = "random"
"""
STEPS = ("first", "same", "changed")
REPEATED_UP_TO = 100_000  # rows; larger sizes are measured once
WARM_ROWS = 10


def run_sync(workdir: Path) -> None:
    """One silent sync of the school in `workdir`, in this process."""
    from connector.cli.main import cli  # noqa: PLC0415 - the parent process stays free of the product

    cli.main(["-c", str(workdir / "connector.toml"), "--quiet", "sync"], standalone_mode=False)


def last_counts(workdir: Path) -> dict[str, int]:
    """What the newest run did, by action, asked in a process of its own."""
    words = ("-c", str(workdir / "connector.toml"), "runs", "list", "--format", "json")
    command = [sys.executable, "-c", "from connector.cli.main import main; main()", *words]
    runs = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    counts: dict[str, int] = runs[0]["counts"]
    return counts


def measure(workdir: Path) -> None:
    """Import everything by syncing a handful of students, then time the real sync; print seconds and peak."""
    run_sync(lay_down(workdir / "warm", WARM_ROWS))
    started = time.perf_counter()
    run_sync(workdir)
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "peak_mb": _peak_mb()}))


def _peak_mb() -> float | None:
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 - there is no such module on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def lay_down(workdir: Path, rows: int) -> Path:
    """A school of so many students, with its store in a SQLite file."""
    shutil.rmtree(workdir, ignore_errors=True)
    workdir.mkdir(parents=True)
    columns = "\n".join(f'{name} = "{name}"' for name in people.HEADER)
    (workdir / "connector.toml").write_text(CONFIG.format(columns=columns), encoding="utf-8")
    (workdir / "students.toml").write_text(MAPPING, encoding="utf-8")
    people.write(workdir / "students.csv", rows)
    return workdir


def _timed_sync(workdir: Path, action: str, expected: int) -> tuple[float, float | None]:
    """Seconds and peak of one sync; ends the measurement when it did not do what was to be measured."""
    command = [sys.executable, "-m", "bench.sync", "--measure", str(workdir)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"The measured sync failed:\n{done.stderr.strip() or done.stdout.strip()}")
    answer = json.loads(done.stdout.splitlines()[-1])
    counts = last_counts(workdir)
    if counts.get(action, 0) != expected:
        sys.exit(f"The measured sync did something else: expected {action} {expected}, got {counts}")
    return answer["seconds"], answer["peak_mb"]


def _round(workdir: Path, rows: int) -> dict[str, tuple[float, float | None]]:
    """One round: both floors, a first sync, a sync without change, a sync with 1 % changed."""
    lay_down(workdir, rows)
    source = workdir / "students.csv"
    taken: dict[str, tuple[float, float | None]] = {
        "csv": (floors.csv_pass(source), None),
        "import": (floors.table_import(source, workdir), None),
        "first": _timed_sync(workdir, "create", rows),
        "same": _timed_sync(workdir, "unchanged", rows),
    }
    people.write(source, rows, changed=True)
    taken["changed"] = _timed_sync(workdir, "update", (rows + 99) // 100)
    return taken


def measure_size(folder: Path, rows: int) -> Measured:
    """Medians of three rounds for a small size, one round for a large one; peaks are the highest seen."""
    count = 3 if rows <= REPEATED_UP_TO else 1
    rounds = [_round(folder / f"rows-{rows}", rows) for _ in range(count)]
    shutil.rmtree(folder / f"rows-{rows}")
    seconds = {name: median(one[name][0] for one in rounds) for name in rounds[0]}
    peaks = {
        name: max((peak for one in rounds if (peak := one[name][1]) is not None), default=None) for name in STEPS
    }
    return Measured(rows, count, seconds, peaks)


def main() -> int:
    """Measure every size asked for and print the table; 1 when a limit is passed."""
    parser = argparse.ArgumentParser(prog="python -m bench.sync", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000], metavar="N")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(chosen.measure)
        return 0
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        sizes = [measure_size(Path(folder), rows) for rows in sorted(set(chosen.rows))]
    return show(sizes, floors.import_tool())


if __name__ == "__main__":
    sys.exit(main())
