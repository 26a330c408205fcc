"""PostgreSQL killed and restarted in the middle of a sync leaves the school as before or as after."""

import json
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from tests.cli.command import in_memory, start, trackone
from tests.servers.postgres import PASSWORD, Postgres
from tests.services.school import OVERWRITE, School, row

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no kill -9"),
]

STUDENTS = 800
LETTERS = "abcdefghijklmnopqrstuvwxyz"
STORE = """
[guard]
max_renames = "100%"
max_archives = "100%"
max_shrink = "100%"
[store]
url = "{url}"
schema_name = "riverside"
password = {{ file = "password" }}
"""
MAPPING = OVERWRITE.replace("overwrite = true", 'overwrite = true\nrenames = "apply"').replace(
    'method = "none"', 'method = "random"'
)


@pytest.fixture
def server():
    """A server of this test's own, to be killed."""
    one = Postgres()
    try:
        yield one.start()
    finally:
        one.stop()


def term(number: int) -> list[dict[str, str]]:
    """A term's students: everybody moves house, some are renamed, some leave, some are new."""
    first = number * 20
    people = [
        row(
            f"S{code}",
            f"Given{'mnop'[code % 4]}",
            f"Fam{LETTERS[code // 60 % 26]}{LETTERS[code // 2 % 26]}{'xyz'[number % 3] * (code % 5 == 0)}",
            campus=f"C{number}",
        )
        for code in range(first, first + STUDENTS)
    ]
    return people + [row(f"S{code}", "Gone", "Away", status="left") for code in range(first)]


def seen(folder: Path) -> tuple[int, Counter[str], int]:
    """How many runs there are, how many live accounts each campus has, and how many accounts in all."""
    runs = json.loads(trackone("runs", "list", "--format", "json", folder=folder).out)
    accounts = json.loads(trackone("accounts", "export", "--format", "json", folder=folder).out)
    assert len({one["sis_code"] for one in accounts}) == len({one["username"] for one in accounts}) == len(accounts)
    return len(runs), Counter(one["campus"] for one in accounts if not one["archived"]), len(accounts)


def entered(server: Postgres, running: subprocess.Popen[bytes]) -> float:
    """Wait until the sync is in its run; the moment of that."""
    with psycopg.connect(**server.facts, autocommit=True) as watching:
        while running.poll() is None:
            if watching.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'").fetchone():
                break
    return time.monotonic()


def killed(server: Postgres, folder: Path, delay: float, away: float) -> tuple[int, str]:
    """A sync whose server is killed a while after it began its run and is back after another; its code and words."""
    running = start("sync", folder=folder)
    entered(server, running)
    time.sleep(delay)
    server.kill()
    time.sleep(away)
    server.restart()
    error = running.communicate(timeout=120)[1].decode()
    return running.returncode, error


def torture(server: Postgres, rounds: int, seed: int) -> None:
    """So many kills, each followed by what an operator does: the same sync again."""
    chance = random.Random(seed)
    with in_memory() as memory:
        folder = Path(memory)
        (folder / "password").write_text(PASSWORD)
        url = server.url.replace(server.url.partition("//")[2].partition("@")[0], "trackone")
        school = School(folder, MAPPING, STORE.format(url=url))
        school.write(term(0))
        running = start("sync", folder=folder)
        began = entered(server, running)
        assert running.communicate(timeout=120)[1] == b""
        writing = time.monotonic() - began
        failed = 0
        for number in range(1, rounds + 1):
            before = seen(folder)
            school.write(term(number))
            code, error = killed(server, folder, chance.uniform(0, writing), chance.uniform(0, 0.3))
            now = seen(folder)
            after = (before[0] + 1, Counter({f"C{number}": STUDENTS}), STUDENTS + 20 * number)
            assert now in (before, after)
            assert (now == after) == (code == 0), error
            if code:
                failed += 1
                assert code == 1, error
                assert error.startswith("trackone: the store postgres (PostgreSQL on 127.0.0.1:"), error
                assert "Traceback" not in error
                assert trackone("sync", folder=folder).code == 0
            assert seen(folder) == after
        assert failed >= rounds // 3


@pytest.mark.slow
def test_a_server_killed_in_mid_run_leaves_no_half_run(server):
    """Killed and restarted five times at random moments: no half run, no double account; a rerun completes it."""
    torture(server, rounds=5, seed=6)


@pytest.mark.long
def test_a_server_killed_fifty_times_leaves_no_half_run(server):
    """The same fifty times."""
    torture(server, rounds=50, seed=time.time_ns())
