"""Files beside the main one, held as tables of values by key, and the rows of the main file made longer by them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from connector.sources.dates import UnreadableDateError
from connector.sources.delimited import Table
from connector.sources.headers import match
from connector.sources.memo import Memo
from connector.sources.preset import Join, Words
from connector.sources.text import PART

Row = list[str]
Tests = list[tuple[int, Memo[bool]]]
"""Positions of a row, and whether the text there is one of the words asked for."""

Rank = tuple[int, int, int, int]
"""How far back a row stands: whether it is gone, its days (cover, to come, over), whether not first, how far off."""

_Entry = tuple[Rank, tuple[str, ...]]
_SAME: Rank = (0, 0, 0, 0)


def tests_of(words: Words, positions: Mapping[str, tuple[int, ...]]) -> Tests:
    """A test for each column of `words` that has a position; letter case does not matter."""
    return [(positions[header][0], Memo(_one_of(texts))) for header, texts in words.items() if header in positions]


def _one_of(words: Iterable[str]) -> Callable[[str], bool]:
    known = {word.casefold() for word in words}
    return lambda text: text.strip().casefold() in known


def passing(rows: Iterator[Row], tests: Tests) -> Iterator[Row]:
    """The rows that pass every test."""
    for position, passes in tests:
        rows = _passing(rows, position, passes)
    return rows


def _passing(rows: Iterator[Row], position: int, passes: Memo[bool]) -> Iterator[Row]:
    return (cells for cells in rows if passes[cells[position]])


@dataclass(frozen=True, slots=True)
class Lookup:
    """The values of one join by key; () for a key none of whose rows count. `damaged`: rows of it were lost."""

    join: Join
    name: str
    values: Mapping[str, tuple[str, ...]]
    width: int
    warnings: tuple[str, ...] = ()
    damaged: bool = False

    def find(self, keys: Sequence[str]) -> tuple[str, ...] | None:
        """The values of all the keys together, each once, in their order; None where no row has any of them."""
        found = [values for key in keys if (values := self._one(key)) is not None]
        return _together([values for values in found if values]) if found else None

    def _one(self, key: str) -> tuple[str, ...] | None:
        values = self.values.get(key)
        return (key,) * self.width if values is None and self.join.keep and key else values


def load(join: Join, table: Table, take: Sequence[int], as_of: date, dates: Memo[date | None]) -> Lookup:
    """Read a joined file into memory: the columns at `take`, by key.

    Raises SourceError as reading a table does, ConfigError for a key or `where` column that is missing.
    """
    key, order = _order(join, table, as_of, dates)
    entries: dict[str, list[_Entry]] = {}
    shared: dict[_Entry, list[_Entry]] = {}
    for cells in table.records():
        name = cells[key].strip()
        if not order.counts(cells):
            entries.setdefault(name, [])
            continue
        entry = (order.rank(cells), tuple([cells[position].strip() for position in take]))
        alone = shared.setdefault(entry, [entry])
        entries[name] = [*before, entry] if (before := entries.get(name)) else alone
    warnings = _losses(table, order.unread)
    values = {name: _settled(found) for name, found in entries.items()}
    return Lookup(join, table.name, values, len(take), warnings, damaged=bool(table.faults) or table.truncated)


def _losses(table: Table, unread: list[str]) -> tuple[str, ...]:
    warnings = []
    if table.faults:
        fault = table.faults[0]
        place = f"{table.name}:{fault.line}"
        warnings.append(f"{len(table.faults)} rows of {table.name} are left out, first {place}: {fault.detail}")
    if unread:
        warnings.append(f'{len(unread)} dates of {table.name} are taken as blank, like "{unread[0]}"')
    return tuple(warnings)


@dataclass(slots=True)
class _Order:
    """Which rows of a join count, and in which order the rows of one key stand."""

    where: Tests
    without: Tests
    first: Tests
    last: Tests
    window: tuple[int, int] | None
    as_of: date
    dates: Memo[date | None]
    unread: list[str] = field(default_factory=list)

    def counts(self, cells: Row) -> bool:
        return _all(self.where, cells) and not (self.without and _all(self.without, cells))

    def rank(self, cells: Row) -> Rank:
        if not (self.first or self.last or self.window):
            return _SAME
        gone = bool(self.last) and _all(self.last, cells)
        state, distance = self._days(cells)
        return int(gone), state, int(not _all(self.first, cells)), distance

    def _days(self, cells: Row) -> tuple[int, int]:
        if self.window is None:
            return 0, 0
        begin, end = (self._day(cells[position]) for position in self.window)
        if end is not None and end < self.as_of:
            return 2, (self.as_of - end).days
        if begin is not None and begin > self.as_of:
            return 1, (begin - self.as_of).days
        return 0, 0

    def _day(self, text: str) -> date | None:
        try:
            return self.dates[text]
        except UnreadableDateError:
            self.unread.append(text)
            return None


def _all(tests: Tests, cells: Row) -> bool:
    return all(passes[cells[position]] for position, passes in tests)


def _order(join: Join, table: Table, as_of: date, dates: Memo[date | None]) -> tuple[int, _Order]:
    needed = {"key": join.key} | {header: (header,) for header in join.where}
    wished = {header: (header,) for words in (join.without, join.first, join.last) for header in words}
    wished |= {header: (header,) for header in join.window}
    positions = match(table.name, table.headers, needed, wished, strict=False).positions
    window = [positions[header][0] for header in join.window if header in positions]
    order = _Order(
        where=tests_of(join.where, positions),
        without=tests_of(join.without, positions),
        first=tests_of(join.first, positions),
        last=tests_of(join.last, positions),
        window=(window[0], window[1]) if len(window) == 2 else None,
        as_of=as_of,
        dates=dates,
    )
    return positions["key"][0], order


def _settled(entries: list[_Entry]) -> tuple[str, ...]:
    """The values of the rows of one key, in their order; rows whose days cover the day push out the others."""
    if len(entries) < 2:
        return entries[0][1] if entries else ()
    ordered = sorted(entries, key=lambda entry: entry[0])
    best = ordered[0][0][:2]
    return _together([values for rank, values in ordered if rank[:2] == best])


def _together(rows: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Column by column all the values, each once, parted by PART."""
    if len(rows) < 2:
        return rows[0] if rows else ()
    return tuple(PART.join(dict.fromkeys(value for value in column if value)) for column in zip(*rows, strict=True))


@dataclass(slots=True)
class Joiner:
    """Makes rows longer by what a lookup says of the keys at `on`; counts the rows whose key no row has."""

    lookup: Lookup
    on: int
    lead: int | None = None
    spare: Tests = field(default_factory=list)
    strangers: int = 0

    def longer(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The rows with the lookup's columns behind; of an `only` join those alone that it knows or spares."""
        blanks = ("",) * self.lookup.width
        values, only, on, spare = self.lookup.values, self.lookup.join.only, self.on, self.spare
        self.strangers = 0
        for cells in rows:
            found = values.get(cells[on])
            if found is None:
                found = self._search(cells)
            if not found:
                if only and not (spare and _all(spare, cells)):
                    continue
                found = blanks
            cells.extend(found)
            yield cells

    def _search(self, cells: Row) -> tuple[str, ...] | None:
        split = self.lookup.join.split
        text = cells[self.on].replace(split, PART) if split else cells[self.on]
        keys = [key.strip() for key in text.split(PART)]
        if self.lead is not None and (lead := cells[self.lead].strip()) in keys:
            keys.sort(key=lambda key: key != lead)
        found = self.lookup.find(keys)
        self.strangers += found is None
        return found
