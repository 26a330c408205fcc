"""What is kept of running unattended: every sync that was tried, how it ended, and whom it was told to."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol


class Ending(StrEnum):
    """How a sync ended: done, refused by the guard, failed, or left out because another run was going on."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    BUSY = "busy"


class Attempt(NamedTuple):
    """One sync that was tried, with nobody's data in it.

    `run` is its number in the record of runs, None unless it is done. `counts` are those of the plan, `findings` how
    many of each severity, `refused` the guard's codes. `message` and `hint` are those of what stopped it. `told` is
    when a notice of it was delivered.
    """

    started_at: datetime
    finished_at: datetime
    origin: str
    actor: str
    ending: Ending
    run: int | None = None
    counts: Mapping[str, int] = {}
    findings: Mapping[str, int] = {}
    refused: tuple[str, ...] = ()
    message: str = ""
    hint: str = ""
    told: datetime | None = None

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.finished_at - self.started_at).total_seconds()


class Totals(NamedTuple):
    """What all attempts so far come to; none of the numbers ever goes down.

    `endings` and `seconds` are by ending, `refusals` by guard code, `changes` by action.
    """

    endings: Mapping[str, float] = {}
    seconds: Mapping[str, float] = {}
    refusals: Mapping[str, float] = {}
    changes: Mapping[str, float] = {}


class Health(NamedTuple):
    """What probes and metrics tell; `fault` says why the store cannot be used, empty where it can.

    `last` is the newest attempt, `last_done` the newest that succeeded, `students` how many live accounts are the
    SIS's.
    """

    version: str
    fault: str = ""
    last: Attempt | None = None
    last_done: Attempt | None = None
    totals: Totals = Totals()
    students: int = 0


class Journal(Protocol):
    """Where attempts are kept; every method is one short transaction. Raises StoreError."""

    def note(self, attempt: Attempt) -> None:
        """Keep an attempt, and count it."""

    def attempts(self, most: int) -> list[Attempt]:
        """The newest attempts, the newest first."""

    def last(self, ending: Ending | None = None) -> Attempt | None:
        """The newest attempt that ended so, or at all."""

    def totals(self) -> Totals:
        """What all attempts so far come to."""

    def scrub(self, before: datetime, now: datetime) -> list[int]:
        """Take everybody's data out of the record of runs that ended before that moment; returns their numbers.

        The run, who started it and its counts stay; what it did to whom is gone, so that it cannot be undone.
        Attempts as old are forgotten.
        """


class Notice(NamedTuple):
    """What people are told of an attempt: a line, the whole text, and the same as values for programs.

    `occasion` is changed, refused, failed or recovered.
    """

    occasion: str
    subject: str
    text: str
    facts: Mapping[str, Any]


Deliver = Callable[[Notice], None]
"""Sends a notice one way. Raises OperationError when it cannot be delivered."""


class ReportFolder(Protocol):
    """A folder in which the reports of unattended syncs lie."""

    def keep(self, name: str, content: str) -> None:
        """Put a report there, readable by its owner only. Raises OperationError."""

    def drop_before(self, moment: datetime) -> int:
        """Delete the reports that are older; returns how many. Nothing else in the folder is touched."""

    def drop_naming(self, words: Collection[str]) -> int:
        """Delete the reports in which one of the words stands; returns how many."""
