"""How many requests a second each client may send."""

from collections.abc import Callable
from threading import Lock


class Limiter:
    """A bucket for each client: `burst` requests at once, filled again by `rate` a second.

    It counts the requests of one worker process. `monotonic` tells seconds.
    """

    def __init__(self, rate: float, burst: float, monotonic: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = burst
        self._monotonic = monotonic
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = Lock()

    def wait(self, who: str) -> float:
        """Take one from the bucket: 0, or the seconds until there is one to take."""
        now = self._monotonic()
        with self._lock:
            left, since = self._left.get(who, (self._burst, now))
            left = min(self._burst, left + (now - since) * self._rate)
            if left >= 1:
                self._left[who] = (left - 1, now)
                return 0.0
            self._left[who] = (left, now)
            return (1 - left) / self._rate
