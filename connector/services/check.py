"""Whether a configuration holds together, and whether what it names can be reached."""

from collections.abc import Callable, Iterator

from connector.domain.errors import ConnectorError
from connector.domain.ports import Progress
from connector.domain.ruleset import RuleSet
from connector.domain.student import Reject, Student
from connector.mapping.mapper import run_example
from connector.services.check_directory import check_directory
from connector.services.checked import Checked
from connector.services.decision import CODE_KIND, Request
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


def _reached(what: str, look: Callable[[], str]) -> Checked:
    try:
        return Checked(what, well=True, seen=look())
    except ConnectorError as error:
        return Checked(what, well=False, seen=error.message, next_step=error.hint)


def _look_at_sis(parts: Parts, request: Request, progress: Progress) -> str:
    with parts.store.view() as accounts:
        reading = parts.source.open(request.as_of, accounts.state(CODE_KIND) or "")
    rows = rejects = active = 0
    first = ""
    for row in reading.rows():
        rows += 1
        item = reading.student(row)
        if isinstance(item, Reject):
            rejects += 1
            first = first or f"; the first: {item.place}: {item.detail}"
        elif isinstance(item, Student):
            active += item.status == "active"
        if rows % 5_000 == 0:
            progress("Reading the SIS", rows, None)
    whole = "" if reading.complete else "; the read is INCOMPLETE"
    notes = "".join(f"\n{note}" for note in reading.warnings)
    return f"{reading.source}: {rows:,} rows, {active:,} active, {rejects:,} rejected{first}{whole}{notes}"


def _look_at_store(parts: Parts) -> str:
    with parts.store.view() as accounts:
        claimed = accounts.claimed_count()
    runs = parts.store.runs()
    last = f"the last run is {runs[0].number}" if runs else "no run yet"
    return f"{claimed:,} synchronised students; {last}"
