"""One read of a table of students, with or without files joined to it, as the port Reading asks for it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter

from connector.domain.errors import ConfigError, SourceError
from connector.domain.finding import Finding, finding
from connector.domain.student import Reject, Student
from connector.sources.files import Watch
from connector.sources.interpreter import REJECTED, Interpreter
from connector.sources.lookup import Row
from connector.sources.notes import counted
from connector.sources.table import Fault, Table
from connector.sources.text import UNIT, clean

_SHOWN = 12
_NEXT_STEP = "correct it in the SIS and export again"


@dataclass(frozen=True, slots=True)
class Columns:
    """What `trackone check` shows of a file: the header each field is read from, and what is left over.

    `unknown` are headers that no field takes, `absent` the optional fields that have no column.
    """

    by_field: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


@dataclass(slots=True)
class TableReading:
    """A Reading over the rows of `table`, made longer by `chain`.

    `pack` are the positions of a row's cells in packing order: line, code and the rest. `remarks` says what was
    noticed before the first row, `afterthoughts` what is known after the last; `damaged` why absence means
    nothing even if the main file is whole; `unmentioned` are headers that need no mention when nothing reads them.
    `row_count` is true once `rows` has ended.
    """

    source: str
    table: Table
    watch: Watch
    chain: Callable[[Iterator[Row]], Iterator[Row]]
    pack: tuple[int, ...]
    interpreter: Interpreter
    columns: Columns
    code_kind: str = ""
    bookmark: str = ""
    delta: bool = False
    remarks: Sequence[str] = ()
    afterthoughts: Callable[[], Sequence[str]] = tuple
    damaged: Sequence[str] = ()
    unmentioned: frozenset[str] = frozenset()
    row_count: int = 0
    _ended: bool = False
    _codeless: int = 0
    _first_codeless: str = ""

    def take_code_from(self, header: str) -> None:
        """Read the code from another column of the main file. Raises ConfigError where it has none of that name."""
        if header not in self.table.headers:
            raise ConfigError(
                f"{self.table.name} has no column {header}, which the SIS code is to come from",
                hint="Check [sis] sis_code_from, or export that column.",
            )
        self.code_kind = header
        self.pack = (self.pack[0], self.table.headers.index(header), *self.pack[2:])
        unknown = tuple(other for other in self.columns.unknown if other != header)
        self.columns = replace(self.columns, by_field={**self.columns.by_field, "sis_code": header}, unknown=unknown)

    def rows(self) -> Iterator[str]:
        """Every data row, packed: line number, code and the other cells, parted by U+001F.

        Raises SourceError when the read cannot go on, and at its end when a file changed in the meantime.
        """
        self._ended, self._codeless, self.row_count = False, 0, 0
        try:
            yield from self._packed()
        except SourceError:
            self.watch.check()  # a file that changes looks broken in many ways; say the cause
            raise
        self.watch.check()
        self._ended = True

    def _packed(self) -> Iterator[str]:
        faults, get, join, at = self.table.faults, itemgetter(*self.pack), UNIT.join, self.pack[1]
        count = 0
        for cells in self.chain(self.table.records()):
            if faults:
                yield from self._refused()
            if not cells[at].strip():
                if not any(cell.strip() for cell in cells[: self.pack[0]]):
                    continue
                self._miss_code(cells[self.pack[0]])
            count += 1
            yield join(get(cells))
        yield from self._refused()
        self.row_count += count

    def _miss_code(self, line: str) -> None:
        self._codeless += 1
        if self._codeless == 1:
            self._first_codeless = f"{self.table.name}:{line}"

    def _refused(self) -> Iterator[str]:
        """The rows the table refused since the last time, packed with the code where it can be trusted."""
        while self.table.faults:
            fault = self.table.faults.popleft()
            code = self._code_of(fault)
            if not code:
                self._miss_code(str(fault.line))
            self.row_count += 1
            yield UNIT.join((f"{REJECTED}{fault.line}", code, f"{fault.detail}; {_NEXT_STEP}"))

    def _code_of(self, fault: Fault) -> str:
        """The code of a refused row: not where cells have shifted before it or it may itself be cut short."""
        at = self.pack[1]
        if at >= len(fault.cells) or (fault.shifted and at > 0):
            return ""
        cut = self.table.truncated and not self.table.faults and at == len(fault.cells) - 1
        return "" if cut else clean(fault.cells[at])

    @property
    def context(self) -> str:
        """A digest of everything but the row that shapes a Student."""
        return self.interpreter.context

    def code(self, row: str) -> str:
        """The SIS code of a packed row, cleaned; empty where there is none or it cannot be read."""
        return self.interpreter.code(row)

    def student(self, row: str) -> Student | Reject:
        """The Student of a packed row, or why it cannot be one."""
        return self.interpreter.student(row)

    @property
    def complete(self) -> bool:
        """Whether absence means anything: the read has ended, is no delta, and lost no row and no code."""
        return self._ended and not self.delta and not self._gaps()

    @property
    def findings(self) -> Sequence[Finding]:
        """`incomplete-read` where rows or codes were lost, with all the reasons."""
        gaps = self._gaps()
        if not gaps:
            return ()
        return (finding("incomplete-read", detail="; ".join(gaps), suggestion="Nobody counts as missing this time."),)

    def _gaps(self) -> list[str]:
        gaps = list(self.damaged)
        if self.table.truncated:
            gaps.append(f"{self.table.name} ends in the middle of its last row")
        if self._codeless:
            gaps.append(f"no student code can be read in {counted(self._codeless)}, first {self._first_codeless}")
        return gaps

    @property
    def warnings(self) -> Sequence[str]:
        """What `check` and the plan should say of the read, in plain words."""
        return (*self.remarks, *self._leftovers(), *self.afterthoughts(), *self.interpreter.notes.lines())

    def _leftovers(self) -> Iterator[str]:
        """What is to be known of columns that are not there, or that nothing reads."""
        name, columns = self.table.name, self.columns
        if not {"status", "enabled", "exit_date"} & columns.by_field.keys():
            yield f"{name} has no column for status or leaving: every row counts as an active student"
        if columns.absent:
            yield f"{name} has no column for {', '.join(columns.absent)}: left empty"
        unread = [header for header in columns.unknown if header not in self.unmentioned]
        if unread:
            more = ", ..." if len(unread) > _SHOWN else ""
            yield f"nothing reads these columns of {name}: {', '.join(unread[:_SHOWN])}{more}"
