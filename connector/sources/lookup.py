"""Files beside the main one, held as tables of values by key, and the rows of the main file made longer by them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter

from connector.sources.dates import UnreadableDateError
from connector.sources.gathered import GatheredTable
from connector.sources.headers import match
from connector.sources.memo import Memo
from connector.sources.notes import counted
from connector.sources.preset import Join, Words
from connector.sources.table import Table
from connector.sources.text import PART

Row = list[str]
Tests = list[tuple[int, Memo[str, bool]]]
"""Positions of a row, and whether the text there is one of the words asked for."""

Rank = tuple[int, int, int, int]
"""How far back a row stands: whether it is gone, its days (cover, to come, over), whether not first, how far off."""

Entry = tuple[Rank, tuple[str, ...]]
"""A row of a joined file: where it stands among the rows of its key, and its values."""

_SAME: Rank = (0, 0, 0, 0)
_NOTHING: Entry = (_SAME, ())
"""A row that does not count."""


def tests_of(words: Words, positions: Mapping[str, int]) -> Tests:
    """A test for each column of `words` that has a position; letter case does not matter."""
    return [(positions[header], Memo(_one_of(texts))) for header, texts in words.items() if header in positions]


def _one_of(words: Iterable[str]) -> Callable[[str], bool]:
    known = {word.casefold() for word in words}
    return lambda text: text.strip().casefold() in known


def passing(records: Iterator[Row], tests: Tests) -> Iterator[Row]:
    """The rows that pass every test."""
    for position, passes in tests:
        records = _passing(records, position, passes)
    return records


def _passing(records: Iterator[Row], position: int, passes: Memo[str, bool]) -> Iterator[Row]:
    return (cells for cells in records if passes[cells[position]])


def _all(tests: Tests, cells: Sequence[str]) -> bool:
    return all(passes[cells[position]] for position, passes in tests)


@dataclass(frozen=True, slots=True)
class Lookup:
    """What one join knows of each key, `width` values; none for a key none of whose rows count.

    `damaged`: rows of the file were lost.
    """

    join: Join
    name: str
    entries: Mapping[str, Entry]
    width: int
    warnings: tuple[str, ...] = ()
    damaged: bool = False

    def find(self, keys: Sequence[str]) -> Entry | None:
        """What is known of all the keys together, each value once, in their order; None where no key is known."""
        found = list(map(self.entries.get, keys))
        if None in found:
            found = [self._one(key.strip()) for key in keys]
        known = [entry for entry in found if entry is not None]
        return _together([entry for entry in known if entry[1]]) if known else None

    def _one(self, key: str) -> Entry | None:
        entry = self.entries.get(key)
        return (_SAME, (key,) * self.width) if entry is None and self.join.keep and key else entry


def load(join: Join, table: Table, take: Sequence[int], as_of: date, dates: Memo[str, date | None]) -> Lookup:
    """Read a joined file into memory: the columns at `take`, by key.

    Raises SourceError as reading a table does, ConfigError for a key or `where` column that is missing.
    """
    order = _order(join, table, as_of, dates)
    start, keep = len(order.seen), join.keep
    known: Memo[tuple[str, ...], Entry] = Memo(lambda texts: order.entry(texts, texts[start:]))
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for cells in _picked(table, (order.key, *order.seen, *take)):
        key, entry = cells[0].strip(), known[cells[1:]]
        if keep and "" in entry[1]:
            entry = (entry[0], tuple(value or key for value in entry[1]))
        rows = found[key]
        if entry is not _NOTHING:
            rows.append(entry)
    entries = {key: _settled(rows) for key, rows in found.items()}
    warnings = _losses(table, order.unread)
    if order.window and not join.current and not _any_covers(entries):
        warnings.append(
            f"no row of {table.name} covers {as_of}: all are over or to come; see [sis] as_of and ignore_role_dates"
        )
    damaged = bool(table.faults) or table.truncated
    return Lookup(join, table.name, entries, len(take), tuple(warnings), damaged)


def _picked(table: Table, positions: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """Of every row the cells at `positions`."""
    if isinstance(table, GatheredTable):
        return table.picked(positions)
    return map(itemgetter(*positions), table.records())


def _any_covers(entries: Mapping[str, Entry]) -> bool:
    """Whether the days of some row that counts cover the day; also where no row counts at all."""
    counts = False
    for (_, state, _, _), values in entries.values():
        if values and state == 0:
            return True
        counts = counts or bool(values)
    return not counts


def _losses(table: Table, unread: list[str]) -> list[str]:
    warnings = []
    if table.faults:
        fault = table.faults[0]
        place = f"{table.name}:{fault.line}"
        warnings.append(f"left out of {table.name}: {counted(len(table.faults))}, first {place}: {fault.detail}")
    if unread:
        warnings.append(f'dates of {table.name} like "{unread[0]}" fit none of date_formats: taken as open')
    return warnings


@dataclass(slots=True)
class _Order:
    """Which rows of a join count, and in which order the rows of one key stand.

    `seen` are the positions that decide this; the tests and the window count from 0 along them.
    """

    key: int
    seen: tuple[int, ...]
    where: Tests
    without: Tests
    first: Tests
    last: Tests
    window: tuple[int, ...]
    current: bool
    as_of: date
    dates: Memo[str, date | None]
    unread: list[str] = field(default_factory=list)

    def entry(self, seen: Sequence[str], values: Sequence[str]) -> Entry:
        """The entry of a row, or _NOTHING for a row that does not count."""
        if not _all(self.where, seen) or (self.without and _all(self.without, seen)):
            return _NOTHING
        gone = bool(self.last) and _all(self.last, seen)
        state, distance = self._days(seen)
        if state and self.current:
            return _NOTHING
        rank = (int(gone), state, int(not _all(self.first, seen)), distance)
        return rank, tuple(value.strip() for value in values)

    def _days(self, seen: Sequence[str]) -> tuple[int, int]:
        """0 where the row's days cover the day, 1 where they are to come, 2 where they are over; and how far off."""
        begin, end = [self._day(seen[position]) for position in self.window] or (None, None)
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


def _order(join: Join, table: Table, as_of: date, dates: Memo[str, date | None]) -> _Order:
    needed = {"key": join.key} | {header: (header,) for header in join.where}
    wished = {header: (header,) for words in (join.without, join.first, join.last) for header in words}
    wished |= {header: (header,) for header in join.window}
    positions = {
        name: hits[0]
        for name, hits in match(
            table.name, table.headers, needed, wished, strict=False, settable=False
        ).positions.items()
    }
    headers = [name for name in positions if name != "key"]
    at = {header: number for number, header in enumerate(headers)}
    window = tuple(at[header] for header in join.window if header in at)
    return _Order(
        key=positions["key"],
        seen=tuple(positions[header] for header in headers),
        where=tests_of(join.where, at),
        without=tests_of(join.without, at),
        first=tests_of(join.first, at),
        last=tests_of(join.last, at),
        window=window if len(window) == 2 else (),
        current=join.current,
        as_of=as_of,
        dates=dates,
    )


def _settled(entries: list[Entry]) -> Entry:
    """The rows of one key as one, in their order; rows whose days cover the day push out the others."""
    first = entries[0][0] if entries else _SAME
    for rank, _ in entries:
        if rank != first:
            entries.sort(key=itemgetter(0))
            best = entries[0][0][:2]
            entries = [entry for entry in entries if entry[0][:2] == best]
            break
    return _together(entries)


def _together(entries: Sequence[Entry]) -> Entry:
    """Column by column all the values, each once, parted by PART."""
    if len(entries) < 2:
        return entries[0] if entries else _NOTHING
    if len(entries[0][1]) > 1:
        columns = zip(*[values for _, values in entries], strict=True)
        return entries[0][0], tuple(PART.join(dict.fromkeys(filter(None, column))) for column in columns)
    known = {value: None for _, (value,) in entries}
    known.pop("", None)
    return entries[0][0], (PART.join(known),)


@dataclass(slots=True)
class Joiner:
    """Makes rows longer by what a lookup says of the keys at `on`; counts the rows whose key no row has."""

    lookup: Lookup
    on: int
    lead: int | None = None
    spare: Tests = field(default_factory=list)
    strangers: int = 0
    _found: Memo[tuple[str, str], Entry | None] = field(init=False)

    def __post_init__(self) -> None:
        """Many rows ask for the same: students have their schools in common, and classes."""
        self._found = Memo(self._search)

    def longer(self, records: Iterator[Row]) -> Iterator[Row]:
        """The rows with the lookup's columns behind; of an `only` join those alone that it knows or spares."""
        blanks = ("",) * self.lookup.width
        known, only, on, spare = self.lookup.entries, self.lookup.join.only, self.on, self.spare
        self.strangers = 0
        for cells in records:
            entry = known.get(cells[on])
            if entry is None:
                entry = self._searched(cells)
            if entry[1]:
                cells.extend(entry[1])
            elif only and not (spare and _all(spare, cells)):
                continue
            else:
                cells.extend(blanks)
            yield cells

    def _searched(self, cells: Row) -> Entry:
        found = self._found[cells[self.on], "" if self.lead is None else cells[self.lead].strip()]
        self.strangers += found is None
        return found or _NOTHING

    def _search(self, asked: tuple[str, str]) -> Entry | None:
        """What is known of all the keys in a cell, the one that leads first; None where no key is known."""
        text, lead = asked
        split = self.lookup.join.split
        keys = (text.replace(split, PART) if split else text).split(PART)
        if lead:
            keys.sort(key=lambda key: key.strip() != lead)
        return self.lookup.find(keys)
