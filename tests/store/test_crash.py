"""A process killed in mid-write leaves the store as before or as after."""

import random
import sqlite3
import subprocess
import sys
import time

import pytest

from tests.store.people import by_name, create, names, run, student

WRITER = """
import sys
from connector.domain.ports import RunRequest, SightingNote
from connector.domain.account import Sighting
from tests.store.people import by_name, create, remove, rename, student
from tests.store.test_open import opened
store = opened(sys.argv[1])
found = by_name(store)
def said(word):
    print(word, flush=True)
said("opened")
with store.run(RunRequest("apply", "cli", "tester")) as writer:
    said("begun")
    writer.write([rename(found["a"], "b"), rename(found["b"], "a"), remove(found["c"]), rename(found["d"], "e")])
    said("moved")
    for start in range(0, 8000, 1000):
        ids = writer.write([create(student(f"u{n:05}", f"{n:05}")) for n in range(start, start + 1000)])
        writer.remember(SightingNote(n, Sighting(n, 1)) for n in ids)
        said(f"wrote {start}")
    writer.set_state("mapping", "new")
    writer.close({"create": 8000}, {}, ())
    said("closed")
said("ended")
"""
STEPS = ["opened", "begun", "moved", "wrote 3000", "wrote 7000", "closed", "ended"]


def killed(path, step, delay):
    """Start the writer, wait until it says `step`, then kill it `delay` seconds later."""
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.strip() == step:
                time.sleep(delay)
                process.kill()
                return
    pytest.fail(f"the writer ended before it said {step}")


def state(store):
    """Everything a run could have changed."""
    with store.view() as view:
        return (
            names(store),
            view.state("mapping"),
            len(store.runs()),
            len(view.known_digests(store.runs()[0].started_at.date())),
        )


@pytest.mark.slow
@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_leaves_before_or_after(opener, tmp_path, step):
    """Killed at any point and at random moments after it, the run is there whole or not at all."""
    path = tmp_path / "trackone.db"
    store = opener()
    run(store, *(create(student(name)) for name in "abcd"))
    before, after = ({"a": [], "b": [], "c": [], "d": []}, None, 1, 0), (8003, "new", 2, 8000)
    killed(path, step, random.Random(step).choice([0, 0.002, 0.02]))
    found = state(opener())
    if len(found[0]) == 4:
        assert found == before
        assert step != "ended"
    else:
        assert (len(found[0]), *found[1:]) == after
        assert (found[0]["a"], found[0]["b"], found[0]["e"], "c" in found[0]) == ([], [], ["d"], False)
        assert step in ("closed", "ended")
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
    run(store, create(student("later")))
    assert "later" in by_name(store)
