"""The run lock, between real processes."""

import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

from connector.domain.errors import LockedError, StoreError
from tests.store.people import SYNC, by_name, create, run, student

HOLDER = """
import sys
from connector.domain.ports import RunRequest
from tests.store.people import Address, TickingClock, create, student
store = Address(*sys.argv[1:]).opened(TickingClock())
with store.run(RunRequest("sync", "cli", "other")) as writer:
    writer.write([create(student("held"))])
    print("holding", flush=True)
    sys.stdin.readline()
"""

on_files = pytest.mark.parametrize("address", ["sqlite"], indirect=True)


@contextmanager
def holder(address):
    """Another process that has written in a run it has not ended."""
    command = [sys.executable, "-c", HOLDER, *address]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "holding\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_run_is_refused_and_told_who_holds_the_lock(store, address):
    """While another process runs, a run is refused at once with its pid, command and since when."""
    with holder(address) as process:
        with pytest.raises(LockedError, match=rf"run lock held by pid {process.pid} \(sync, since \d\d:\d\d\) on "):
            run(store, create(student("late")))
        process.communicate("go\n", timeout=30)
    run(store, create(student("after")))
    assert list(by_name(store)) == ["after", "held"]


def test_reading_goes_on_beside_a_run(store, address):
    """A view opens while another process holds the lock, and sees what was committed before."""
    run(store, create(student("first")))
    with holder(address):
        assert list(by_name(store)) == ["first"]


def test_a_dead_holder_holds_nothing(store, address):
    """After a kill -9 the lock is free at once, what the dead run wrote is gone, and its number is used again."""
    with holder(address) as process:
        process.kill()
        process.wait()
        run(store, create(student("alive")))
    assert list(by_name(store)) == ["alive"]
    assert [one.number for one in store.runs()] == [1]


def test_a_run_within_a_run_is_refused(store):
    """The same process cannot begin a second run before the first has ended."""
    with store.run(SYNC), pytest.raises(LockedError, match=f"pid {os.getpid()} "), store.run(SYNC):
        pass
    assert len(store.runs()) == 1


@on_files
def test_a_dead_holder_leaves_its_note(store, address, tmp_path):
    """The note beside a file outlives its holder and means nothing then."""
    with holder(address) as process:
        process.kill()
        process.wait()
        assert (tmp_path / "trackone.db.lock.json").exists()
        run(store, create(student("alive")))
    assert not (tmp_path / "trackone.db.lock.json").exists()


@on_files
def test_a_holder_that_has_just_begun_is_named_too(store, tmp_path):
    """Between taking the lock and saying who has it lies a moment, for which a second run waits."""
    with store.run(SYNC):
        note = tmp_path / "trackone.db.lock.json"
        text = note.read_text()
        note.unlink()
        later = threading.Timer(0.2, note.write_text, [text])
        later.start()
        with pytest.raises(LockedError, match=f"run lock held by pid {os.getpid()} "), store.run(SYNC):
            pass
        later.join()


@on_files
@pytest.mark.parametrize("note", ["", "{}", "[1]", json.dumps({"pid": 1, "started": "when?"})])
def test_an_unreadable_note_hides_nobody(store, tmp_path, note):
    """A lock is a lock, whatever the note beside it says."""
    with store.run(SYNC):
        (tmp_path / "trackone.db.lock.json").write_text(note)
        with pytest.raises(LockedError, match="run lock held by another process"), store.run(SYNC):
            pass


@on_files
def test_a_lock_that_cannot_be_made_is_an_error(store, tmp_path):
    """A folder in the place of the lock file is named."""
    (tmp_path / "trackone.db.lock").unlink()
    (tmp_path / "trackone.db.lock").mkdir()
    with pytest.raises(StoreError, match=r"trackone\.db\.lock cannot be used"):
        run(store)
