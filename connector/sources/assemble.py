"""Putting a read together: what is asked for, the main file, the joined files, and the read they make."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from connector.domain.errors import ConfigError, SourceError
from connector.settings.values import SchoolSettings, SisSettings
from connector.sources.delimited import open_table
from connector.sources.files import Bundle, Watch, find
from connector.sources.grid import Computed, Grid, Joined, chained
from connector.sources.headers import match
from connector.sources.interpreter import Interpreter
from connector.sources.lookup import Joiner, Tests, tests_of
from connector.sources.notes import counted
from connector.sources.preset import Join, Shape, Words
from connector.sources.reading import TableReading
from connector.sources.table import Table

_MAX_JOINED_ROWS = 20_000_000


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
    opened: list[tuple[Join, Table]] = []
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
    grid = Grid.over(main, joined)
    made = grid.add(computed)
    fields = grid.match(asked.required, {**asked.optional, **_window_fields(asked, joined)}, strict=asked.strict)
    extras = grid.match({name: (name,) for name in asked.extras}, {})
    tests = _tests(main, files.shape.where)
    grid.used.update(position for position, _ in tests)
    joiners = grid.join(joined, sis, as_of)
    return TableReading(
        source=main.name,
        table=main,
        watch=files.watch,
        chain=chained(tests, joiners, grid.computers(made)),
        pack=grid.packed(fields, extras, asked.extras),
        interpreter=Interpreter(grid.layout(fields, asked.extras), sis, school, main.name, as_of),
        columns=grid.columns(fields),
        delta=sis.mode == "delta",
        remarks=[*_decoding(files), *fields.warnings, *extras.warnings, *_losses(joiners)],
        afterthoughts=lambda: _strangers(joiners),
        damaged=[
            f"rows of {one.lookup.name} were lost" for one in joiners if one.lookup.damaged and one.lookup.join.only
        ],
    )


def _decoding(files: Files) -> Iterator[str]:
    for table in (files.main, *(other for _, other in files.joined)):
        yield from table.remarks


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
    found = match(main.name, main.headers, {header: (header,) for header in where}, {}, settable=False)
    return tests_of(where, {header: hits[0] for header, hits in found.positions.items()})
