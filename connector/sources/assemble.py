"""Putting a read together: the main file, the joined files, the columns, and what each row is packed from."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from operator import itemgetter

from connector.domain.errors import ConfigError, SourceError
from connector.settings.values import SchoolSettings, SisSettings
from connector.sources.dates import date_reader
from connector.sources.delimited import Table, open_table
from connector.sources.files import Bundle, Watch, find
from connector.sources.headers import Matched, match
from connector.sources.interpreter import SEVERAL, SINGLE, Interpreter, Layout
from connector.sources.lookup import Joiner, Lookup, Row, Tests, load, passing, tests_of
from connector.sources.memo import Memo
from connector.sources.notes import counted
from connector.sources.preset import Join, Shape, Words
from connector.sources.reading import Columns, TableReading
from connector.sources.text import UNIT

_MAX_JOINED_ROWS = 20_000_000
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """The columns a read asks for: by field those that must be there and those that may, then those by name.

    `own` are the fields the settings speak of themselves. `strict`: an optional header that looks misspelt stops
    the read.
    """

    required: Mapping[str, tuple[str, ...]]
    optional: Mapping[str, tuple[str, ...]]
    extras: tuple[str, ...] = ()
    own: frozenset[str] = frozenset()
    strict: bool = True

    def headers(self) -> Iterator[str]:
        """Every header that is asked for."""
        for names in (*self.required.values(), *self.optional.values(), self.extras):
            yield from names


@dataclass(frozen=True, slots=True)
class Files:
    """The opened files of one read, how they belong together, and the watch that sees them change."""

    main: Table
    joined: Joined
    shape: Shape
    watch: Watch


def wanted(sis: SisSettings, optional: Mapping[str, tuple[str, ...]]) -> Wanted:
    """What the settings ask for, `optional` being the preset's; a field mapped to "" is asked for by nobody.

    Raises ConfigError where no column is named for the code or for any name.
    """
    own = {name: tuple(header for header in headers if header) for name, headers in sis.columns.items()}
    required = {name: headers for name, headers in own.items() if headers}
    wished = {name: headers for name, headers in optional.items() if name not in own}
    named = required.keys() | wished.keys()
    if "sis_code" not in named or not named & {"given_names", "family_name"}:
        lacking = "given_names or family_name" if "sis_code" in named else "sis_code"
        raise ConfigError(
            f"[sis.columns] names no column for {lacking}",
            hint='Write for example sis_code = "Student Code", or choose a preset.',
        )
    return Wanted(required, wished, sis.extra_columns, frozenset(own))


def open_joined(bundle: Bundle | None, joins: Sequence[Join], fallback: str) -> list[tuple[Join, Table]]:
    """The joined files that are there, opened. Raises SourceError where a required one is not."""
    opened = []
    for join in joins:
        name = find(bundle, join.files) if bundle else None
        if bundle is not None and name is not None:
            opened.append((join, open_table(bundle.file(name), fallback, max_rows=_MAX_JOINED_ROWS)))
        elif join.required:
            raise SourceError(
                f"there is no {join.files[0]} beside the main file",
                hint="Export that file too, and give the folder of the whole export as [sis] path.",
            )
    return opened


def assemble(
    files: Files,
    asked: Wanted,
    sis: SisSettings,
    school: SchoolSettings,
    as_of: date,
    computed: Sequence[Computed] = (),
) -> TableReading:
    """Find the columns, read the joined files, and give the read as it stands before its first row.

    Raises ConfigError for a column that is missing or doubled, SourceError for a joined file that cannot be read.
    """
    main, joined = files.main, files.joined
    if sis.ignore_role_dates:
        joined = [(replace(join, window=()), table) for join, table in joined]
    grid = _Grid.over(main, joined)
    made = grid.add(computed)
    fields = grid.match(asked.required, {**asked.optional, **_window_fields(asked, joined)}, strict=asked.strict)
    extras = grid.match({name: (name,) for name in asked.extras}, {})
    tests = _tests(main, files.shape.where)
    grid.used.update(position for position, _ in tests)
    joiners = grid.join(joined, sis, as_of)
    chain = _chain(tests, joiners, grid.computers(made))
    return TableReading(
        source=main.name,
        table=main,
        watch=files.watch,
        chain=chain,
        pack=grid.packed(fields, extras, asked.extras),
        interpreter=Interpreter(grid.layout(fields, asked.extras), sis, school, main.name, as_of),
        columns=grid.columns(fields),
        delta=sis.mode == "delta",
        remarks=[
            *_decoding(files),
            *fields.warnings,
            *extras.warnings,
            *_losses(joiners),
        ],
        afterthoughts=lambda: _strangers(joiners),
        damaged=[
            f"rows of {one.lookup.name} were lost" for one in joiners if one.lookup.damaged and one.lookup.join.only
        ],
    )


def _decoding(files: Files) -> Iterator[str]:
    for table in (files.main, *(other for _, other in files.joined)):
        if table.survey.fell_back is not None:
            yield f"{table.name} is read as {table.survey.encoding}: byte {table.survey.fell_back} is not UTF-8"


def _losses(joiners: Sequence[Joiner]) -> Iterator[str]:
    for joiner in joiners:
        yield from joiner.lookup.warnings


def _strangers(joiners: Sequence[Joiner]) -> list[str]:
    """After the last row: how many rows were passed over because a joined file does not know them at all."""
    return [
        f"not in {joiner.lookup.name}, so no students: {counted(joiner.strangers)}"
        for joiner in joiners
        if joiner.lookup.join.only and joiner.strangers
    ]


def _window_fields(asked: Wanted, joined: Joined) -> dict[str, tuple[str, ...]]:
    """The days of a join's rows as dates of entry and leaving, where no column is named for those."""
    found: dict[str, tuple[str, ...]] = {}
    for join, _ in joined:
        days = () if join.current else join.window
        for name, header in zip(("entry_date", "exit_date"), days, strict=False):
            if name not in asked.own and name not in asked.optional:
                found[name] = (f"{join.name}.{header}",)
    return found


def _tests(main: Table, where: Words) -> Tests:
    found = match(main.name, main.headers, {header: (header,) for header in where}, {})
    return tests_of(where, {header: hits[0] for header, hits in found.positions.items()})


def _chain(tests: Tests, joiners: Sequence[Joiner], computers: Sequence[Step]) -> Step:
    def longer(records: Iterator[Row]) -> Iterator[Row]:
        records = passing(records, tests)
        for joiner in joiners:
            records = joiner.longer(records)
        for computer in computers:
            records = computer(records)
        return records

    return longer


@dataclass(slots=True)
class _Grid:
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
    def over(cls, main: Table, joined: Joined) -> "_Grid":
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
        self, required: Mapping[str, tuple[str, ...]], optional: Mapping[str, tuple[str, ...]], *, strict: bool = True
    ) -> Matched:
        """Find fields, and note their columns as used."""
        found = match(self.name, self.headers, required, optional, every=_EVERY, strict=strict)
        self.used.update(position for hits in found.positions.values() for position in hits)
        return found

    def inputs(self, column: Computed) -> list[int | None]:
        """The positions a computed column is made of."""
        return [self.headers.index(header) if header in self.headers else None for header in column.of]

    def join(self, joined: Joined, sis: SisSettings, as_of: date) -> list[Joiner]:
        """Read the joined files, as far as somebody asks for a column of theirs or they decide who is a student."""
        ons = [self.match({join.name: join.on}, {}).positions[join.name][0] for join, _ in joined]
        dates = Memo(date_reader(sis.date_formats, sis.null_dates))
        joiners = []
        for number, (join, table) in enumerate(joined):
            start, end = self.starts[number : number + 2]
            take = sorted(position for position in self.used if start <= position < end)
            if not take and not join.only:
                continue
            take = take or [start]
            lookup = load(join, table, [position - start for position in take], as_of, dates)
            behind = len(self.place)
            self.place.update((position, behind + i) for i, position in enumerate(take))
            joiners.append(self._joiner(lookup, self.place[ons[number]]))
        return joiners

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
        found = [fields.positions[name] for name in (*SINGLE, *SEVERAL) if name in fields.positions]
        hits = [position for positions in found for position in positions]
        hits += [extras.positions[name][0] for name in names]
        return tuple(self.place[position] for position in (self.width, *hits))

    def layout(self, fields: Matched, extras: tuple[str, ...]) -> Layout:
        """What the packed cells are."""
        classes, flags = (tuple(self.headers[hit] for hit in fields.positions.get(name, ())) for name in SEVERAL)
        return Layout(tuple(name for name in SINGLE if name in fields.positions), classes, flags, extras)

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
    glance = itemgetter(*there, *there)

    def longer(records: Iterator[Row]) -> Iterator[Row]:
        for cells in records:
            if any(glance(cells)):
                cells.append(make(*("" if position is None else cells[position] for position in inputs)))
            else:
                cells.append("")
            yield cells

    return longer
