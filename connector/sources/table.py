"""What every transport hands over: a table of texts with headers, read row by row, wherever it came from."""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol


class Fault(NamedTuple):
    """A row that does not fit the header: where it begins, the cells it has, and what is wrong with it.

    `shifted` says that the cells may stand under the wrong headers.
    """

    line: int | str
    cells: list[str]
    detail: str
    shifted: bool


class Table(Protocol):
    """A table with its headers known and its rows to come."""

    headers: tuple[str, ...]
    faults: deque[Fault]
    """Rows that could not be kept; `records` fills it as it goes on, and the reader empties it."""

    @property
    def name(self) -> str:
        """The table's name, as messages give it: a file, a collection."""

    @property
    def truncated(self) -> bool:
        """Whether the table ended in the middle of a row; true only once `records` has ended."""

    @property
    def remarks(self) -> Sequence[str]:
        """What is odd about how the table is written."""

    def records(self) -> Iterator[list[str]]:
        """Every row as wide as the headers, with where it stands as one more cell.

        Raises SourceError where reading cannot go on.
        """
