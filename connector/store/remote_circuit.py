"""Whether a service may be asked now: what one connection learns of it holds for all of them."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from connector.domain.errors import StoreError

LATER = "Run again when it answers: what is left to do is done first, and nothing twice."

_REST = 120.0
"""Seconds for which a service that was given up is asked nothing; then it is tried again."""

_FAULTS = 12
"""So many answers of 5xx, or none, with no other between them are not the fault of single users.

For changes only the answer to a change is another: who shows every user may still fail at all of them.
"""


class OutageError(StoreError):
    """The service cannot be used now; what is left is done by the next run."""


@dataclass
class Circuit:
    """The state of a service; `monotonic` tells seconds, from anywhere."""

    monotonic: Callable[[], float]
    _broken: str = field(default="", init=False)
    _until: float = field(default=0.0, init=False)
    _held_until: float = field(default=0.0, init=False)
    _faults: int = field(default=0, init=False)
    _faults_of_changes: int = field(default=0, init=False)
    _given_up: threading.Event = field(default_factory=threading.Event, init=False)

    def wait(self) -> None:
        """Return when the service may be asked. Raises OutageError where it was given up."""
        self.pause(self._held_until - self.monotonic())
        if not self._broken:
            return
        if self.monotonic() < self._until:
            raise OutageError(self._broken, hint=LATER)
        self._given_up.clear()  # it is tried again, with pauses as ever

    def pause(self, seconds: float) -> None:
        """Let so many seconds pass, fewer when the service is given up meanwhile."""
        if seconds > 0:
            self._given_up.wait(seconds)

    def hold(self, seconds: float) -> None:
        """Nobody asks the service for so long: it said so to one, and means all."""
        self._held_until = max(self._held_until, self.monotonic() + seconds)

    def well(self, *, reads: bool) -> None:
        """The service answered; if it had been given up, only an answer after the rest says that it is back."""
        self._faults = 0
        if not reads:
            self._faults_of_changes = 0
        if self.monotonic() >= self._until:
            self._broken = ""

    def fault(self, words: str, *, reads: bool) -> None:
        """The service failed at something, which may be its own fault. Raises OutageError when it always does."""
        self._faults += 1
        self._faults_of_changes += not reads
        if max(self._faults, self._faults_of_changes) >= _FAULTS:
            raise self.opened(words)

    def opened(self, words: str, hint: str = LATER) -> OutageError:
        """The service is given up for a while; gives the error to raise."""
        self._broken = words
        self._until = self.monotonic() + _REST
        self._given_up.set()
        return OutageError(words, hint=hint)
