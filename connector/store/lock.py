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

_MOMENT = 0.5
"""Seconds in which a holder says who it is, or a run that has ended lets go."""


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
        _take(lock, note)
    try:
        with explained_file(note):
            write_private(note, _note(command, started))
        yield
    finally:
        with suppress(OSError):
            note.unlink()
        lock.release()


def _take(lock: FileLock, note: Path) -> None:
    """Take the lock. Raises LockedError that names the holder."""
    try:
        lock.acquire()
    except Timeout:
        holder = _holder(note)
        if not holder:  # it has only just taken the lock, or is about to let go of it
            with suppress(Timeout):
                lock.acquire(timeout=_MOMENT)
                return
            holder = _holder(note) or "another process"
        raise _held(holder) from None


def _note(command: str, started: datetime) -> str:
    facts = {"pid": os.getpid(), "host": socket.gethostname(), "command": command, "started": started.isoformat()}
    return json.dumps(facts) + "\n"


def _holder(note: Path) -> str:
    """Who says that they hold the lock; empty where nobody does."""
    try:
        facts = json.loads(note.read_text("utf-8"))
        # The operator's clock is on the wall beside the machine, so the time is local.
        since = datetime.fromisoformat(facts["started"]).astimezone().strftime("%H:%M")
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return f"pid {facts['pid']} ({facts['command']}, since {since}) on {facts['host']}"


def _held(who: str) -> LockedError:
    return LockedError(
        f"run lock held by {who}; nothing was written",
        hint="wait until that run has ended; should its process die, the lock is free at once",
    )
