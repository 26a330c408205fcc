"""A function's answers, remembered, so that a million rows pay only for the few texts that differ."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memo(dict[K, V], Generic[K, V]):
    """What `make` says of each key, asked once; it starts afresh at `limit` keys, so memory stays bounded."""

    def __init__(self, make: Callable[[K], V], limit: int = 50_000) -> None:
        super().__init__()
        self._make = make
        self._limit = limit

    def __missing__(self, key: K) -> V:
        """Ask `make` and remember."""
        if len(self) >= self._limit:
            self.clear()
        value = self[key] = self._make(key)
        return value
