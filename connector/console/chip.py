"""A filter above a list, as a link."""

from typing import NamedTuple

from connector.console.pages import address_with


class Chip(NamedTuple):
    """A filter with how many rows it shows; `mark` says what its colour says."""

    address: str
    word: str
    rows: int
    current: bool
    mark: str = ""
    tone: str = "muted"


def chip(name: str, value: str, word: str, rows: int, now: str, mark: str = "", tone: str = "muted") -> Chip:
    """The filter that sets `name` to a value in this page's address; `now` is the value it has."""
    return Chip(address_with(**{name: value or None, "page": None}), word, rows, value == now, mark, tone)
