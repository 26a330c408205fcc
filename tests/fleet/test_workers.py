"""Many schools over a queue with several workers: each done once, whatever becomes of a worker."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.cli.command import start
from tests.fleet.district import accounts, district, runs
from tests.servers.postgres import Postgres

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no kill -9"),
]
STUDENTS = 400


@pytest.fixture
def queue(postgres: Postgres, tmp_path: Path) -> str:
    """A database of this test's own for the queue."""
    return postgres.new_database(f"queue_{tmp_path.name}")


class Workers:
    """Worker processes on one queue."""

    def __init__(self, folder: Path, queue: str) -> None:
        """None yet."""
        self._words = ("--verbose", "fleet", "work", folder, "--dead-after", "4s")
        self._environ = {"TRACKONE_FLEET_QUEUE": queue}
        self._folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []

    def add(self, count: int) -> None:
        """So many more."""
        for at in range(count):
            name = f"worker-{len(self.processes)}"
            one = start(*self._words, "--name", name, folder=self._folder, environ=self._environ)
            assert one.stdout is not None
            assert one.stdout.readline().startswith(b"Waiting for schools"), one.stderr.read() if one.stderr else at
            self.processes.append(one)

    def stop(self) -> list[tuple[int, str]]:
        """Ask all to stop; their exit codes and what they said on standard error."""
        for one in self.processes:
            if one.poll() is None:
                one.send_signal(signal.SIGTERM)
        return [(one.returncode, said[1].decode()) for one in self.processes if (said := one.communicate(timeout=60))]


@pytest.fixture
def workers(tmp_path: Path, queue: str):
    """Workers, all gone in the end."""
    some = Workers(tmp_path / "schools", queue)
    yield some
    for one in some.processes:
        if one.poll() is None:
            one.kill()
            one.communicate()


def running(server: Postgres) -> int:
    """Wait until a worker is in a school's run; its process."""
    end = time.monotonic() + 60
    with psycopg.connect(**server.facts, autocommit=True) as watching:
        while time.monotonic() < end:
            found = watching.execute(
                "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' "
                "AND granted AND application_name LIKE 'sync, pid %'"
            ).fetchone()
            if found is not None:
                return int(found[0].split()[2])
            time.sleep(0.002)
    pytest.fail("no school is being synchronised")


def each_once(places: list[Path], answer: dict, students: int) -> None:
    """Each school has exactly one completed run, with all of its students, and the summary says so."""
    told = {one["school"]: one["last"] for one in answer["schools"]}
    for place in places:
        [only] = runs(place)
        assert (only["origin"], only["counts"], only["finished_at"] is None) == ("fleet", {"create": students}, False)
        assert len(accounts(place)) == students
        assert told[place.name]["ending"] == "done", told[place.name]
    assert answer["totals"]["endings"]["done"] == len(places)


def killed_worker(folder: Path, server: Postgres, queue: str, workers: Workers, count: int, students: int) -> None:
    """A round of so many schools over four workers, one of them killed in the middle of a run."""
    places = district(folder, [f"school-{number:02}" for number in range(count)], server, students)
    workers.add(4)
    asked = start("fleet", "sync", folder, "--format", "json", folder=folder, environ={"TRACKONE_FLEET_QUEUE": queue})
    os.kill(running(server), signal.SIGKILL)
    out, error = asked.communicate(timeout=600)
    assert (asked.returncode, error.decode()) == (0, "")
    each_once(places, json.loads(out), students)
    stopped = workers.stop()
    said = "".join(error for _, error in stopped)
    assert sorted(code for code, _ in stopped) == [-9, 0, 0, 0]
    assert "is dead; the school is queued again" in said
    assert "Traceback" not in said


@pytest.mark.slow
def test_every_school_has_one_run_though_a_worker_is_killed(tmp_path, postgres, queue, workers):
    """Eight schools on four workers, one killed: each school has exactly one completed run."""
    killed_worker(tmp_path / "schools", postgres, queue, workers, 8, STUDENTS)


@pytest.mark.long
def test_forty_schools_have_one_run_each_though_a_worker_is_killed(tmp_path, postgres, queue, workers):
    """The same with forty schools."""
    killed_worker(tmp_path / "schools", postgres, queue, workers, 40, STUDENTS)


@pytest.mark.long
def test_a_worker_that_slept_through_its_own_funeral_does_no_harm(tmp_path, postgres, queue, workers):
    """A worker stopped in mid-run for longer than the dead are given, then woken: each school has one run."""
    folder = tmp_path / "schools"
    places = district(folder, [f"school-{number}" for number in range(4)], postgres, STUDENTS)
    workers.add(2)
    asked = start("fleet", "sync", folder, "--format", "json", folder=folder, environ={"TRACKONE_FLEET_QUEUE": queue})
    asleep = running(postgres)
    os.kill(asleep, signal.SIGSTOP)
    time.sleep(8)
    os.kill(asleep, signal.SIGCONT)
    out, error = asked.communicate(timeout=300)
    assert (asked.returncode, error.decode()) == (0, "")
    each_once(places, json.loads(out), STUDENTS)
    stopped = workers.stop()
    assert [code for code, _ in stopped] == [0, 0]
    assert "Traceback" not in "".join(error for _, error in stopped)
