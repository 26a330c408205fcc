"""The columns of all files of a read side by side: which are asked for, and where they stand in the rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter

from connector.settings.values import SisSettings
from connector.sources.dates import date_reader
from connector.sources.headers import Matched, match
from connector.sources.interpreter import PACKED, SEVERAL, SINGLE, Layout
from connector.sources.lookup import Joiner, Lookup, Row, Tests, load, passing, tests_of
from connector.sources.memo import Memo
from connector.sources.preset import Join
from connector.sources.reading import Columns
from connector.sources.table import Table
from connector.sources.text import UNIT

_LINE = UNIT
"""Stands for a header over the line numbers; no file can have it."""

_EVERY = frozenset(SEVERAL)

Step = Callable[[Iterator[Row]], Iterator[Row]]
Joined = Sequence[tuple[Join, Table]]


@dataclass(frozen=True, slots=True)
class Computed:
    """A column called `name` that a reader makes of others; it is there when one of those is.

    `make` gets one text for each column `of`: what it holds, or "" where there is no such column; it is not asked
    where all are blank, and the answer is blank then.
    """

    name: str
    of: tuple[str, ...]
    make: Callable[..., str]


@dataclass(slots=True)
class Grid:
    """The headers of all files side by side: the main file's, the line number, the joined ones', the computed ones.

    `used` are the positions somebody asks for. Only those of the joined files are read into memory, so in the
    rows they stand closer together: `place` says where.
    """

    name: str
    width: int
    headers: list[str]
    starts: list[int]
    used: set[int] = field(default_factory=set)
    place: dict[int, int] = field(default_factory=dict)

    @classmethod
    def over(cls, main: Table, joined: Joined) -> "Grid":
        """The headers of the main file and of the joined ones."""
        headers, starts = [*main.headers, _LINE], []
        for join, table in joined:
            starts.append(len(headers))
            headers += [f"{join.name}.{header}" for header in table.headers]
        starts.append(len(headers))
        places = {position: position for position in range(len(main.headers) + 1)}
        return cls(main.name, len(main.headers), headers, starts, place=places)

    def add(self, computed: Sequence[Computed]) -> list[Computed]:
        """Put the computed columns behind the others; gives those that are made of a column that is there."""
        made = [column for column in computed if any(header in self.headers for header in column.of)]
        self.used.update(hit for column in made for hit in self.inputs(column) if hit is not None)
        self.headers += [column.name for column in made]
        return made

    def match(
        self,
        required: Mapping[str, tuple[str, ...]],
        optional: Mapping[str, tuple[str, ...]],
        *,
        strict: bool = True,
        settable: bool = True,
    ) -> Matched:
        """Find fields, and note their columns as used."""
        found = match(self.name, self.headers, required, optional, every=_EVERY, strict=strict, settable=settable)
        self.used.update(position for hits in found.positions.values() for position in hits)
        return found

    def inputs(self, column: Computed) -> list[int | None]:
        """The positions a computed column is made of."""
        return [self.headers.index(header) if header in self.headers else None for header in column.of]

    def join(self, joined: Joined, sis: SisSettings, as_of: date) -> list[Joiner]:
        """Read the joined files, as far as somebody asks for a column of theirs or they decide who is a student."""
        dates = Memo(date_reader(sis.date_formats, sis.null_dates))
        joiners = []
        for (join, table), start, on in self._needed(joined):
            take = self._taken(start, table) or [start]
            lookup = load(join, table, [position - start for position in take], as_of, dates)
            behind = len(self.place)
            self.place.update((position, behind + i) for i, position in enumerate(take))
            joiners.append(self._joiner(lookup, self.place[on]))
        return joiners

    def _taken(self, start: int, table: Table) -> list[int]:
        return [position for position in range(start, start + len(table.headers)) if position in self.used]

    def _needed(self, joined: Joined) -> list[tuple[tuple[Join, Table], int, int]]:
        """The joins to be read, with where their columns start and where their keys stand, in their order.

        A join may be needed only for the keys of a later one, so the last is looked at first.
        """
        needed = []
        for (join, table), start in reversed(list(zip(joined, self.starts, strict=False))):
            if join.only or self._taken(start, table):
                on = self.match({join.name: join.on}, {}, settable=False).positions[join.name][0]
                needed.append(((join, table), start, on))
        return needed[::-1]

    def _joiner(self, lookup: Lookup, on: int) -> Joiner:
        join = lookup.join
        lead = self.headers.index(join.lead) if join.lead in self.headers else None
        main = {header: position for position, header in enumerate(self.headers[: self.width])}
        return Joiner(lookup, on, lead, tests_of(join.spare, main))

    def computers(self, computed: Sequence[Computed]) -> list[Step]:
        """The steps that add the computed columns."""
        steps = []
        for number, column in enumerate(computed):
            self.place[self.starts[-1] + number] = len(self.place)
            inputs = [None if position is None else self.place[position] for position in self.inputs(column)]
            steps.append(_computer(column.make, inputs))
        return steps

    def packed(self, fields: Matched, extras: Matched, names: Sequence[str]) -> tuple[int, ...]:
        """Where in a row the cells stand that are packed: the line, then everything of the layout in its order."""
        found = [fields.positions[name] for name in (*PACKED, *SEVERAL) if name in fields.positions]
        hits = [position for positions in found for position in positions]
        hits += [extras.positions[name][0] for name in names]
        return tuple(self.place[position] for position in (self.width, *hits))

    def layout(self, fields: Matched, extras: tuple[str, ...]) -> Layout:
        """What the packed cells are."""
        classes, flags = (tuple(self.headers[hit] for hit in fields.positions.get(name, ())) for name in SEVERAL)
        return Layout(tuple(name for name in PACKED if name in fields.positions), classes, flags, extras)

    def columns(self, fields: Matched) -> Columns:
        """What `trackone check` shows."""
        by_field = {
            name: ", ".join(self.headers[hit] for hit in fields.positions[name])
            for name in (*SINGLE, *SEVERAL)
            if name in fields.positions
        }
        unknown = tuple(
            header
            for position, header in enumerate(self.headers[: self.width])
            if position not in self.used and header
        )
        return Columns(by_field, unknown, fields.absent)


def _computer(make: Callable[..., str], inputs: Sequence[int | None]) -> Step:
    there = [position for position in inputs if position is not None]
    glance = itemgetter(*there, *there)  # of one position it would give no tuple
    count = len(there) if len(there) == len(inputs) else 0

    def longer(records: Iterator[Row]) -> Iterator[Row]:
        for cells in records:
            seen = glance(cells)
            if not any(seen):
                cells.append("")
            elif count:
                cells.append(make(*seen[:count]))
            else:
                cells.append(make(*("" if position is None else cells[position] for position in inputs)))
            yield cells

    return longer


def chained(tests: Tests, joiners: Sequence[Joiner], computers: Sequence[Step]) -> Step:
    """One step of them all: rows that pass the tests, longer by every join and every computed column."""

    def longer(records: Iterator[Row]) -> Iterator[Row]:
        records = passing(records, tests)
        for joiner in joiners:
            records = joiner.longer(records)
        for computer in computers:
            records = computer(records)
        return records

    return longer
