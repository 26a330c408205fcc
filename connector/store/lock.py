"""The run lock: one run at a time on a store, told apart from the dead by the operating system."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from connector.domain.errors import LockedError
from connector.store.faults import explained_file
from connector.store.keyfile import write_private


@contextmanager
def run_lock(database: Path, command: str, started: datetime, wait: float = 0) -> Iterator[None]:
    """Hold the lock beside the database; `wait` seconds for another to let go of it.

    The lock belongs to the process: the system frees it when the process ends, however it ends. Who holds it
    stands in a small file beside it. Raises LockedError that names the holder, StoreError.
    """
    file = Path(f"{database}.lock")
    note = Path(f"{database}.lock.json")
    lock = FileLock(file, timeout=wait, mode=0o600)
    with explained_file(file):
        try:
            lock.acquire()
        except Timeout:
            raise _held(note) from None
    try:
        with explained_file(note):
            write_private(note, _note(command, started))
        yield
    finally:
        with suppress(OSError):
            note.unlink()
        lock.release()


def _note(command: str, started: datetime) -> str:
    facts = {"pid": os.getpid(), "host": socket.gethostname(), "command": command, "started": started.isoformat()}
    return json.dumps(facts) + "\n"


def _held(note: Path) -> LockedError:
    try:
        facts = json.loads(note.read_text("utf-8"))
        # The operator's clock is on the wall beside the machine, so the time is local.
        since = datetime.fromisoformat(facts["started"]).astimezone().strftime("%H:%M")
        who = f"pid {facts['pid']} ({facts['command']}, since {since}) on {facts['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"
    return LockedError(
        f"run lock held by {who}; nothing was written",
        hint="wait until that run has ended; should its process die, the lock is free at once",
    )
