"""A function's answers by text, so that a million rows pay for the few texts that differ."""

from collections.abc import Callable
from typing import Generic, TypeVar

V = TypeVar("V")


class Memo(dict[str, V], Generic[V]):
    """What `make` says of each text, asked once; it starts afresh at `limit` texts, so memory stays bounded."""

    def __init__(self, make: Callable[[str], V], limit: int = 50_000) -> None:
        super().__init__()
        self._make = make
        self._limit = limit

    def __missing__(self, text: str) -> V:
        """Ask `make` and remember."""
        if len(self) >= self._limit:
            self.clear()
        value = self[text] = self._make(text)
        return value
