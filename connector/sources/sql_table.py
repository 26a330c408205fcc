"""The rows of a SELECT as a table of texts, read in a thread of its own so that no driver can hold up a run."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from queue import Empty, Full, Queue
from typing import Any

from connector.domain.errors import ConnectorError, SourceError
from connector.sources.gathered import broken, is_broken, without_separators
from connector.sources.sql_query import Query
from connector.sources.table import Fault
from connector.sources.text import PART, UNIT

MAX_ROWS = 2_000_000
MAX_CELL = 1 << 16
_BATCH = 1000
_WAITING = 4
_LOOK_EVERY = 0.2

Steady = Callable[[], float]
Batch = list[list[str]]
Parcel = tuple[str, ...] | Batch | ConnectorError | None
"""What comes from the thread: the headers, then rows, at the end None or what went wrong."""


class SqlTable:
    """The Table of a Query. It is sent at once, since only the answer tells the headers; `records` reads on.

    Asked for its records again, it is sent again. Raises SourceError and ConfigError as `Query.sent` does.
    """

    name = "query"
    truncated = False
    remarks: Sequence[str] = ()

    def __init__(self, query: Query, steady: Steady) -> None:
        self._query = query
        self._steady = steady
        self.faults: deque[Fault] = deque()
        self._emptied: set[int] = set()
        self._answer: _Answer | None = _Answer(query, steady)
        self.headers = self._answer.headers()

    def records(self) -> Iterator[list[str]]:
        """Every row, with its number as one more cell. Raises SourceError when the answer breaks off."""
        answer, self._answer = self._answer or _Answer(self._query, self._steady), None
        self.faults.clear()
        try:
            yield from self._numbered(answer)
        finally:
            answer.stop.set()

    def give_up(self) -> None:
        """Let the answer go unread."""
        if self._answer is not None:
            self._answer.stop.set()

    def afterthoughts(self) -> list[str]:
        """After the last row: which columns hold what is no text."""
        names = ", ".join(self.headers[position] or "?" for position in sorted(self._emptied))
        return [f"binary values, and those over 64 KiB, were left empty in: {names}"] if names else []

    def _numbered(self, answer: "_Answer") -> Iterator[list[str]]:
        for number, cells in enumerate(answer.rows(), 1):
            if number > MAX_ROWS:
                raise SourceError(f"the query gives more than {MAX_ROWS:,} rows", hint="Select the students only.")
            if any(map(is_broken, cells)):
                self.faults.append(broken(str(number), cells))
                continue
            cells.append(str(number))
            yield cells
        self._emptied |= answer.emptied


@dataclass
class _Answer:
    """One sending of the query: a thread reads, this side waits no longer than the query's limit allows."""

    query: Query
    steady: Steady
    stop: threading.Event = field(default_factory=threading.Event)
    emptied: set[int] = field(default_factory=set)
    parcels: "Queue[Parcel]" = field(default_factory=lambda: Queue(_WAITING))
    until: float = field(init=False)

    def __post_init__(self) -> None:
        """Send it."""
        self.until = self.steady() + self.query.seconds
        threading.Thread(target=self._read, name="sql", daemon=True).start()

    def headers(self) -> tuple[str, ...]:
        """The names of the columns. Raises SourceError and ConfigError."""
        parcel = self._next()
        assert isinstance(parcel, tuple)  # noqa: S101 - the thread begins with them
        return parcel

    def rows(self) -> Iterator[list[str]]:
        """The rows. Raises SourceError."""
        parcel = self._next()
        while parcel is not None:
            if isinstance(parcel, list):
                yield from parcel
            parcel = self._next()

    def _next(self) -> Parcel:
        try:
            parcel = self.parcels.get(timeout=max(0.0, self.until - self.steady()))
        except Empty:
            self.stop.set()
            raise SourceError(
                f"{self.query.place}: no whole answer within {self.query.seconds:g} s",
                hint="Make the SELECT faster, or allow more with [sis.connection] timeout.",
            ) from None
        if isinstance(parcel, ConnectorError):
            raise parcel
        return parcel

    def _read(self) -> None:
        """In the thread: send the query and hand over what comes, until told to stop."""
        try:
            with self.query.sent(self._is_over) as result:
                self._give(tuple(" ".join(str(name).split()) for name in result.keys()))  # noqa: SIM118 - no mapping
                while (rows := result.fetchmany(_BATCH)) and not self._is_over():
                    self._give([self._cells(row) for row in rows])
            self._give(None)
        except ConnectorError as error:
            self._give(error)
        except Exception as error:  # noqa: BLE001 - a driver's own; it must reach the reader, not end a thread
            self._give(SourceError(f"{self.query.place}: {type(error).__name__}", hint="Check [sis] url and query."))

    def _is_over(self) -> bool:
        return self.stop.is_set() or self.steady() > self.until

    def _give(self, parcel: Parcel) -> None:
        while not self._is_over():
            try:
                self.parcels.put(parcel, timeout=_LOOK_EVERY)
            except Full:
                continue
            return

    def _cells(self, row: Sequence[Any]) -> list[str]:
        cells = [value if type(value) is str else self._text(value, position) for position, value in enumerate(row)]
        joined = "".join(cells)
        if UNIT in joined or PART in joined:
            cells = [without_separators(cell) for cell in cells]
        if len(joined) > MAX_CELL:
            cells = [self._short(cell, position) for position, cell in enumerate(cells)]
        return cells

    def _text(self, value: object, position: int) -> str:
        if isinstance(value, bytes | bytearray | memoryview):
            self.emptied.add(position)
            return ""
        return cell_of(value)

    def _short(self, cell: str, position: int) -> str:
        if len(cell) <= MAX_CELL:
            return cell
        self.emptied.add(position)
        return ""


def cell_of(value: object) -> str:
    """A database value as a cell: whole numbers without a point, days as YYYY-MM-DD, nothing for NULL."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | float) and isfinite(value) and value == int(value):
        return str(int(value))
    return str(value)
