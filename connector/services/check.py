"""Whether a configuration holds together, and whether what it names can be reached."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from connector.domain.errors import ConfigError, ConnectorError, GuardError
from connector.domain.plan import GuardLine
from connector.domain.ports import Progress, Reading
from connector.domain.ruleset import RuleSet, Scope
from connector.domain.student import Reject, Status, Student
from connector.mapping.keys import fold_key
from connector.mapping.mapper import run_example
from connector.planning.guard import Measures, judge
from connector.report.sentences import guard_fact, guard_meaning
from connector.services.check_directory import check_directory
from connector.services.checked import Checked
from connector.services.decision import CODE_KIND, SCOPE, Request
from connector.services.parts import Parts


def check_examples(rules: RuleSet) -> Iterator[Checked]:
    """Run every [[example]] of the mapping file; one line for all that hold, one for each that does not."""
    held = 0
    for example in rules.examples:
        wrong = run_example(example, rules)
        if wrong:
            yield Checked(
                example.place or "example",
                well=False,
                seen="; ".join(wrong),
                next_step="Correct the rule or the example.",
                exit_code=ConfigError.exit_code,
            )
        else:
            held += 1
    if held:
        yield Checked("mapping examples", well=True, seen=f"{held} hold")
    elif not rules.examples:
        yield Checked("mapping examples", well=True, seen="there are none; an [[example]] shows what a rule does")


def check_connections(parts: Parts, request: Request, progress: Progress) -> Iterator[Checked]:
    """Reach the SIS, the directory and the store, and say what was seen of each."""
    yield _reached("SIS", lambda: _look_at_sis(parts, request, progress))
    if parts.directory is not None:
        yield from check_directory(parts.directory)
    yield _reached("store", lambda: _look_at_store(parts))


def _reached(what: str, look: Callable[[], Checked]) -> Checked:
    try:
        return look()
    except ConnectorError as error:
        return Checked(what, well=False, seen=error.message, next_step=error.hint, exit_code=error.exit_code)


@dataclass(slots=True)
class _Seen:
    """What one look at the whole SIS counts; `codes` by how many rows carry each."""

    rows: int = 0
    rejects: int = 0
    active: int = 0
    in_scope: int = 0
    first: str = ""
    codes: Counter[str] = field(default_factory=Counter)

    def count(self, item: Student | Reject, scope: Scope) -> None:
        """Count one row."""
        self.rows += 1
        if isinstance(item, Reject):
            self.rejects += 1
            self.first = self.first or f"; the first: {item.place}: {item.detail}"
            return
        self.codes[fold_key(item.sis_code)] += 1
        if item.status is Status.ACTIVE:
            self.active += 1
            self.in_scope += scope.covers(item.year_level)

    @property
    def doubled(self) -> int:
        """How many rows carry a code that another row carries too."""
        return sum(number for number in self.codes.values() if number > 1)


def _look_at_sis(parts: Parts, request: Request, progress: Progress) -> Checked:
    kind, baseline = _remembered(parts)
    reading = parts.source.open(request.as_of, kind)
    seen = _Seen()
    for row in reading.rows():
        seen.count(reading.student(row), parts.rules.scope)
        if seen.rows % 5_000 == 0:
            progress("Reading the SIS", seen.rows, None)
    refused = [line for line in _judged(seen, parts, baseline, delta=reading.delta) if line.refused]
    return Checked(
        "SIS",
        well=not refused,
        seen="\n".join((_facts(seen, reading), *_notes(reading))),
        next_step="\n".join(f"{line.code}: {guard_fact(line)}. {guard_meaning(line.code)}" for line in refused),
        exit_code=GuardError.exit_code,
    )


def _remembered(parts: Parts) -> tuple[str, int | None]:
    """The kind of code and the size of the last read; nothing where the store fails, of which its own line tells."""
    try:
        with parts.store.view() as accounts:
            known = accounts.state(SCOPE) == parts.scope
            size = accounts.baseline_size() + len(accounts.baseline_codes()) if known else None
            return accounts.state(CODE_KIND) or "", size
    except ConnectorError:
        return "", None


def _facts(seen: _Seen, reading: Reading) -> str:
    doubled = f", {seen.doubled:,} with a code that another row has too" if seen.doubled else ""
    code = f"; the SIS code is {reading.code_kind}" if reading.code_kind else ""
    numbers = f"{seen.rows:,} rows, {seen.active:,} active, {seen.rejects:,} rejected"
    return f"{reading.source}: {numbers}{doubled}{seen.first}{code}"


def _notes(reading: Reading) -> Iterator[str]:
    """What a plan would say of the read as a whole."""
    for found in reading.findings:
        yield f"{found.code}: {found.detail}. {found.suggestion}"
    yield from reading.warnings


def _judged(seen: _Seen, parts: Parts, baseline: int | None, *, delta: bool) -> tuple[GuardLine, ...]:
    """What the guard will say of the rows alone, whatever would become of the accounts."""
    measures = Measures(
        rows=seen.rows,
        rejects=seen.rejects + seen.doubled,
        active=seen.in_scope,
        population=0,
        baseline=baseline,
        shrunk=0,
        archives=0,
        renames=0,
        delta=delta,
    )
    return judge(measures, parts.limits, attended=True)


def _look_at_store(parts: Parts) -> Checked:
    with parts.store.view() as accounts:
        claimed = accounts.claimed_count()
    runs = parts.store.runs()
    last = f"the last run is {runs[0].number}" if runs else "no run yet"
    return Checked("store", well=True, seen=f"{claimed:,} synchronised students; {last}")
