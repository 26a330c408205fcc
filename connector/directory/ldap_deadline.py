"""How long a read of the directory may still take."""

import time
from collections.abc import Callable

Monotonic = Callable[[], float]
"""Seconds on a clock that never goes back; only differences mean anything."""


class TimeUpError(Exception):
    """The time for the whole read has passed."""


class Deadline:
    """A span of time that has begun to run; `seconds` are what there was in all."""

    def __init__(self, seconds: float, monotonic: Monotonic = time.monotonic) -> None:
        self.seconds = seconds
        self._monotonic = monotonic
        self._end = monotonic() + seconds

    def left(self) -> float:
        """The seconds that are left. Raises TimeUpError when there are none."""
        left = self._end - self._monotonic()
        if left <= 0:
            raise TimeUpError
        return left

    def allows(self, seconds: float) -> bool:
        """Whether that much time is left."""
        return self._end - self._monotonic() > seconds
