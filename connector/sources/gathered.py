"""A table whose rows were gathered over a connection: held in memory, each row packed into one text."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from connector.sources.table import Fault
from connector.sources.text import PART, UNIT

_SEPARATORS = dict.fromkeys(range(0x1C, 0x20), " ")
_BROKEN = "holds half a character, which no text can"


@dataclass
class GatheredTable:
    """A table of rows already fetched; `add` takes one, `records` gives them all, as often as it is asked."""

    name: str
    headers: tuple[str, ...]
    remarks: Sequence[str] = ()
    faults: deque[Fault] = field(default_factory=deque)
    truncated: bool = False
    _rows: list[str] = field(default_factory=list)

    def add(self, place: str, cells: Sequence[str]) -> None:
        """Keep one row, `cells` being as many as the headers, and `place` where it stands in the source."""
        self._rows.append(pack(cells, place))

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def records(self) -> Iterator[list[str]]:
        """Every row, with its place as one more cell; what cannot be text goes to `faults`."""
        self.faults.clear()
        yield from sound(map(_unpacked, self._rows), self.faults)


def pack(cells: Sequence[str], place: str) -> str:
    """The cells and the place as one text; the signs that part them are blanks inside."""
    packed = UNIT.join((*cells, place))
    if packed.count(UNIT) == len(cells) and PART not in packed:
        return packed
    return UNIT.join(map(without_separators, (*cells, place)))


def without_separators(cell: str) -> str:
    """The cell with blanks for the signs that packed rows are parted by."""
    return cell.translate(_SEPARATORS)


def _unpacked(packed: str) -> list[str]:
    return packed.split(UNIT)


def sound(rows: Iterable[list[str]], faults: deque[Fault]) -> Iterator[list[str]]:
    """The rows that are text throughout; those with half of a surrogate pair (`\\ud83d` in JSON) go to `faults`."""
    for cells in rows:
        if not "".join(cells).isascii() and any(map(_is_broken, cells)):
            place = cells.pop()
            kept = ["" if _is_broken(cell) else cell for cell in cells]
            faults.append(Fault(place, kept, _BROKEN, shifted=False))
        else:
            yield cells


def _is_broken(cell: str) -> bool:
    try:
        cell.encode()
    except UnicodeEncodeError:
        return True
    return False
