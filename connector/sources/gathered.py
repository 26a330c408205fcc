"""A table whose rows were gathered page by page over a connection: in memory, each column of a page as one text."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple, Self

from connector.sources.interpreter import REJECTED
from connector.sources.table import Fault
from connector.sources.text import PART, UNIT

_SEPARATORS = dict.fromkeys(range(0x1C, 0x20), " ")
_BROKEN = "holds half a character, which no text can"


class Packed(NamedTuple):
    """A column of a page as one text, `times` the same cell or once all the cells, parted by U+001F."""

    text: str
    times: int

    @classmethod
    def of(cls, column: Sequence[str]) -> Self:
        """The column packed; blanks stand for the signs that rows are parted by."""
        alike = column.count(column[0]) == len(column)
        cells = column[:1] if alike else column
        text = UNIT.join(cells)
        if text.count(UNIT) != len(cells) - 1 or PART in text:
            text = UNIT.join(map(without_separators, cells))
        return cls(text, len(column) if alike else 1)

    def cells(self) -> list[str]:
        """The column again."""
        return [self.text] * self.times if self.times > 1 else self.text.split(UNIT)


@dataclass
class GatheredTable:
    """A table of rows already fetched; `add` takes a page, `records` gives all rows, as often as it is asked.

    A row stands where its first cell says, else at its number.
    """

    name: str
    headers: tuple[str, ...]
    remarks: Sequence[str] = ()
    faults: deque[Fault] = field(default_factory=deque)
    truncated: bool = False
    _pages: list[list[Packed]] = field(default_factory=list)
    _count: int = 0

    def add(self, columns: Sequence[Sequence[str]]) -> None:
        """Keep the rows of a page, given as its columns: as many as the headers, all of one length."""
        rows = len(columns[0])
        if rows:
            self._pages.append([Packed.of(column) for column in columns])
            self._count += rows

    def __len__(self) -> int:
        """How many rows there are."""
        return self._count

    def records(self) -> Iterator[list[str]]:
        """Every row, with its place as one more cell; what cannot be text goes to `faults`."""
        self.faults.clear()
        number = 1
        for page in self._pages:
            ids = page[0].cells()
            places = _places(ids, number)
            number += len(ids)
            rows = map(list, zip(*(packed.cells() for packed in page), places, strict=True))
            yield from rows if not any(is_broken(packed.text) for packed in page) else self._whole(rows)

    def picked(self, positions: Sequence[int]) -> Iterator[tuple[str, ...]]:
        """Of every row the cells at `positions`, two or more: a third of the work of whole rows."""
        if any(is_broken(packed.text) for page in self._pages for packed in page):
            yield from map(itemgetter(*positions), self.records())
            return
        self.faults.clear()
        for page in self._pages:
            yield from zip(*[page[position].cells() for position in positions], strict=True)

    def _whole(self, rows: Iterator[list[str]]) -> Iterator[list[str]]:
        """The rows that can be text."""
        for cells in rows:
            place = cells.pop()
            if any(map(is_broken, cells)):
                self.faults.append(broken(place, cells))
            else:
                yield [*cells, place]


def _places(cells: Sequence[str], first: int) -> Sequence[str]:
    """Where rows stand, the first of them the row of the number `first`."""
    if all(cell and cell[0] != REJECTED for cell in cells):
        return cells
    return [cell if cell and cell[0] != REJECTED else str(number) for number, cell in enumerate(cells, first)]


def without_separators(cell: str) -> str:
    """The cell with blanks for the signs that packed rows are parted by."""
    return cell.translate(_SEPARATORS)


def is_broken(text: str) -> bool:
    """Whether a text holds half of a surrogate pair, as `\\ud83d` in JSON, or in UTF-16 that was cut."""
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def broken(place: str, cells: Sequence[str]) -> Fault:
    """The fault of a row that holds half a character; the cells that are whole are kept."""
    shown = place.encode("ascii", "replace").decode()
    return Fault(shown, ["" if is_broken(cell) else cell for cell in cells], _BROKEN, shifted=False)
