"""A table whose rows were gathered over a connection: held in memory, each row packed into one text."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from connector.sources.interpreter import REJECTED
from connector.sources.table import Fault
from connector.sources.text import PART, UNIT

_SEPARATORS = dict.fromkeys(range(0x1C, 0x20), " ")
_BROKEN = "holds half a character, which no text can"


@dataclass
class GatheredTable:
    """A table of rows already fetched; `add` takes one, `records` gives them all, as often as it is asked.

    A row stands where its first cell says, else at its number.
    """

    name: str
    headers: tuple[str, ...]
    remarks: Sequence[str] = ()
    faults: deque[Fault] = field(default_factory=deque)
    truncated: bool = False
    _rows: list[str] = field(default_factory=list)

    def add(self, cells: Sequence[str]) -> None:
        """Keep one row, `cells` being as many as the headers."""
        packed = UNIT.join(cells)
        if packed.count(UNIT) != len(cells) - 1 or PART in packed:
            packed = UNIT.join(map(without_separators, cells))
        self._rows.append(packed)

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def records(self) -> Iterator[list[str]]:
        """Every row, with its place as one more cell; what cannot be text goes to `faults`."""
        self.faults.clear()
        for number, packed in enumerate(self._rows, 1):
            cells = packed.split(UNIT)
            place = cells[0]
            if not place or place[0] == REJECTED:
                place = str(number)
            if not packed.isascii() and is_broken(packed):
                self.faults.append(broken(place, cells))
            else:
                cells.append(place)
                yield cells


def without_separators(cell: str) -> str:
    """The cell with blanks for the signs that packed rows are parted by."""
    return cell.translate(_SEPARATORS)


def is_broken(text: str) -> bool:
    """Whether a text holds half of a surrogate pair, as `\\ud83d` in JSON, or in UTF-16 that was cut."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def broken(place: str, cells: Sequence[str]) -> Fault:
    """The fault of a row that holds half a character; the cells that are whole are kept."""
    shown = place.encode("ascii", "replace").decode()
    return Fault(shown, ["" if is_broken(cell) else cell for cell in cells], _BROKEN, shifted=False)
