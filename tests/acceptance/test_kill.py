"""A run killed at any moment leaves the store as before or as after; two runs at once are one run with changes."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.command import in_memory, start, trackone
from tests.services.school import OVERWRITE, School, row

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no kill -9")

STUDENTS = 400
NEWCOMERS = 6_000
PASSWORDS = OVERWRITE.replace('method = "none"', 'method = "random"')
OPEN_GUARD = '[guard]\nmax_renames = "100%"\nmax_archives = "100%"\n'
WORK = {"apply": ("apply", "plan.json"), "sync": ("sync",)}
NOTE = "trackone.db.lock.json"


class Prepared(NamedTuple):
    """A school before a large run, what the store says before and after it, and how long the run takes."""

    folder: Path
    before: bytes
    after: bytes
    whole: float
    writing: float


def _rows(term: int) -> list[dict[str, str]]:
    """A term's students: a fifth with another name than the term before, some gone, some new."""
    people = []
    for number in range(term * 40, STUDENTS + term * 40):
        family = f"Family{'abcdefgh'[number % 8]}{'' if number % 5 else 'xyz'[term]}"
        people.append(row(f"S{number}", f"Given{'mnop'[number % 4]}", family, email=f"s{number}@mail.example"))
    leavers = [row(f"S{number}", "Gone", "Away", status="left") for number in range(term * 40)]
    return people + leavers


def _export(folder: Path) -> bytes:
    return trackone("accounts", "export", folder=folder).data


def _runs(folder: Path) -> list[dict]:
    return json.loads(trackone("runs", "list", "--format", "json", folder=folder).out)


def _measured(folder: Path, words: tuple[str, ...]) -> tuple[float, float]:
    """How long the command takes in all, and for how long of that it is in its run."""
    began = time.monotonic()
    running = start(*words, folder=folder)
    entered = _entered(folder, running)
    with running:
        running.communicate()
    ended = time.monotonic()
    assert running.returncode == 0
    return ended - began, ended - entered


def _entered(folder: Path, running: subprocess.Popen[bytes]) -> float:
    """Wait until the run holds its lock, or the process is over; the moment of that."""
    while running.poll() is None and not (folder / NOTE).exists():
        time.sleep(0.001)
    return time.monotonic()


@pytest.fixture(scope="module", params=list(WORK))
def prepared(request):
    """A school with a plan of a few hundred changes of every kind, and what an uninterrupted run makes of it."""
    words = WORK[request.param]
    with in_memory() as memory:
        folder = Path(memory) / "school"
        folder.mkdir()
        school = School(
            folder, PASSWORDS.replace("overwrite = true", 'overwrite = true\nrenames = "apply"'), OPEN_GUARD
        )
        school.write(_rows(0))
        assert trackone("sync", folder=folder).code == 0
        school.write(_rows(1))
        assert trackone("plan", "-o", "plan.json", folder=folder).code == 0
        before = _export(folder)
        rehearsal = shutil.copytree(folder, Path(memory) / "rehearsal")
        whole, writing = _measured(rehearsal, words)
        counts = _runs(rehearsal)[0]["counts"]
        assert min(counts[action] for action in ("create", "archive", "rename")) >= 40
        yield words, Prepared(folder, before, _export(rehearsal), whole, writing)


def _killed(folder: Path, words: tuple[str, ...], prepared: Prepared, chance: random.Random) -> bool:
    """Kill the command at a random moment, mostly inside its run; whether it was still alive."""
    running = start(*words, folder=folder)
    if chance.random() < 0.75:
        _entered(folder, running)
        time.sleep(chance.uniform(0, prepared.writing))
    else:
        time.sleep(chance.uniform(0, prepared.whole))
    running.send_signal(signal.SIGKILL)
    with running:
        running.communicate()
    return running.returncode == -signal.SIGKILL


def _round(words: tuple[str, ...], prepared: Prepared, chance: random.Random) -> tuple[bool, bool]:
    """One kill and one rerun on a copy; whether the kill hit, and whether the run had been kept by then."""
    with in_memory() as memory:
        folder = shutil.copytree(prepared.folder, Path(memory) / "school")
        hit = _killed(folder, words, prepared, chance)
        runs = len(_runs(folder))
        assert (runs, _export(folder)) in ((1, prepared.before), (2, prepared.after))
        again = trackone(*words, folder=folder)
        assert (again.code, again.err) == (0, "")
        assert _export(folder) == prepared.after
        assert trackone("runs", "undo", "2", "--apply", folder=folder).code == 0
        assert _export(folder) == prepared.before
        return hit, runs == 2


def _torture(words: tuple[str, ...], prepared: Prepared, rounds: int, seed: int) -> None:
    """So many rounds; most kills must have hit a living process, or nothing was tried."""
    chance = random.Random(seed)
    outcomes = [_round(words, prepared, chance) for _ in range(rounds)]
    assert sum(hit for hit, _ in outcomes) >= rounds // 2


@pytest.mark.slow
def test_a_killed_run_is_whole_or_nothing(prepared):
    """Killed ten times at random moments: each time as before or as after, and a rerun completes it."""
    _torture(*prepared, rounds=10, seed=20)


@pytest.mark.long
def test_a_run_killed_a_hundred_times_is_whole_or_nothing(prepared):
    """The same a hundred times for apply and a hundred times for sync."""
    _torture(*prepared, rounds=100, seed=time.time_ns())


@pytest.mark.slow
def test_two_syncs_at_once_are_one_run_with_changes(prepared):
    """Started together, one changes and the other waits for it or is refused by the lock; never both."""
    _, school = prepared
    for _ in range(2):
        with in_memory() as memory:
            folder = shutil.copytree(school.folder, Path(memory) / "school")
            both = [start("sync", folder=folder) for _ in range(2)]
            errors = [one.communicate()[1].decode() for one in both]
            codes = sorted(one.returncode for one in both)
            assert codes in ([0, 0], [0, 1])
            for one, error in zip(both, errors, strict=True):
                held = error.startswith("trackone: run lock held by pid ")
                assert held if one.returncode else not error
            changing = [run for run in _runs(folder) if run["counts"].get("create")]
            assert [run["run"] for run in changing] == [2, 1]
            assert _export(folder) == school.after


@pytest.mark.slow
def test_a_dead_holders_lock_is_free_at_once(prepared):
    """After a kill inside the run the note of the dead is still there, and nobody waits for it."""
    words, school = prepared
    with in_memory() as memory:
        folder = shutil.copytree(school.folder, Path(memory) / "school")
        running = start(*words, folder=folder)
        _entered(folder, running)
        os.kill(running.pid, signal.SIGKILL)
        with running:
            running.communicate()
        assert (folder / NOTE).exists()
        run = partial(trackone, folder=folder)
        assert run(*words).code == 0
        assert _export(folder) == school.after
        assert not (folder / NOTE).exists()


@pytest.mark.slow
def test_a_run_stopped_by_hand_says_no_more_than_it_knows(prepared):
    """Control-C inside the run ends it with exit code 1 and one line that holds whichever way the run went."""
    words, school = prepared
    with in_memory() as memory:
        folder = shutil.copytree(school.folder, Path(memory) / "school")
        running = start(*words, folder=folder)
        _entered(folder, running)
        running.send_signal(signal.SIGINT)
        error = running.communicate()[1].decode()
        assert (len(_runs(folder)), _export(folder)) in ((1, school.before), (2, school.after))
        if running.returncode == 1:
            assert error.strip().startswith("trackone: stopped.")
            assert error.strip().count("\n") == 0
        assert trackone(*words, folder=folder).code == 0
        assert _export(folder) == school.after


def _first_sync_killed(prepared: Prepared, chance: random.Random) -> bool:
    """Kill the first sync of a store, then sync again; whether the kill hit."""
    with in_memory() as memory:
        folder = shutil.copytree(prepared.folder, Path(memory) / "school")
        hit = _killed(folder, ("sync",), prepared, chance)
        counts = [run["counts"] for run in _runs(folder)]
        assert counts in ([], [{"create": NEWCOMERS}])
        again = trackone("sync", folder=folder)
        assert (again.code, again.err) == (0, "")
        assert _export(folder) == prepared.after
        assert sum(run["counts"].get("create", 0) for run in _runs(folder)) == NEWCOMERS
        return hit


@pytest.fixture(scope="module")
def newcomers():
    """A school of some thousands without a store, and what its first sync makes of it."""
    with in_memory() as memory:
        folder = Path(memory) / "school"
        folder.mkdir()
        school = School(folder, PASSWORDS, OPEN_GUARD)
        school.write([row(f"S{number:05}", f"Given{number}", f"Family{number}") for number in range(NEWCOMERS)])
        rehearsal = shutil.copytree(folder, Path(memory) / "rehearsal")
        whole, writing = _measured(rehearsal, ("sync",))
        yield Prepared(folder, b"", _export(rehearsal), whole, writing)


@pytest.mark.slow
def test_a_killed_first_sync_is_whole_or_nothing(newcomers):
    """Killed four times while accounts are decided and written at once; a rerun makes each of them once."""
    chance = random.Random(7)
    assert sum(_first_sync_killed(newcomers, chance) for _ in range(4)) >= 1


@pytest.mark.long
def test_a_first_sync_killed_fifty_times_is_whole_or_nothing(newcomers):
    """The same fifty times."""
    chance = random.Random(time.time_ns())
    assert sum(_first_sync_killed(newcomers, chance) for _ in range(50)) >= 20
