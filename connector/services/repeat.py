"""Again and again: when the next run is due, until somebody says stop."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from connector.domain.operation import Ending
from connector.domain.ports import Clock

FIRST_RETRY = timedelta(minutes=5)
JITTER_SHARE = 10
"""A run is never put off by more than this part of the time between two."""


class Rhythm(NamedTuple):
    """How often, and by how much at most each run is put off at random."""

    every: timedelta
    jitter: timedelta = timedelta(0)


Wait = Callable[[datetime], bool]
"""Waits until that moment; True as soon as somebody says stop."""


def repeat(turn: Callable[[], Ending], rhythm: Rhythm, clock: Clock, wait: Wait, random: Callable[[], float]) -> None:
    """Do a turn now, then each time one is due, until `wait` says stop; a turn that is going on is never cut short.

    `random` gives numbers from 0 up to 1.
    """
    due, failures = clock(), 0
    while True:
        failures = failures + 1 if turn() is Ending.FAILED else 0
        due = next_due(due, clock(), rhythm.every, failures)
        put_off = min(rhythm.jitter, rhythm.every / JITTER_SHARE) * random()
        if wait(due + put_off):
            return


def next_due(due: datetime, now: datetime, every: timedelta, failures: int) -> datetime:
    """When the run after the one that was due is due.

    Turns that were missed, because one took long or the machine slept, are not made up for. A turn that failed is
    tried again sooner, after five minutes, ten, twenty and so on.
    """
    missed = max(0, (now - due) // every)
    regular = due + every * (missed + 1)
    if not failures:
        return regular
    sooner: datetime = now + FIRST_RETRY * 2 ** min(failures - 1, 16)
    return min(regular, sooner)
