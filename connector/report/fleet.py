"""A fleet of schools as a table and as JSON: one line a school, and what they come to."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import Any, NamedTuple

from connector.domain.operation import Attempt, Ending, Health
from connector.report.json_text import json_text
from connector.report.runs import marks
from connector.report.sentences import listed, many, moment, number
from connector.report.terminal import WIDTH, Line, Table, Tone, laid_out

ENDING_WORDS = {Ending.DONE: "done", Ending.REFUSED: "refused", Ending.FAILED: "failed", Ending.BUSY: "left out"}


class SchoolLine(NamedTuple):
    """One school and how it is: its newest attempt, its last success, its students."""

    school: str
    health: Health


def fleet_text(lines: Sequence[SchoolLine], *, zone: tzinfo = UTC, colour: bool = False, width: int = WIDTH) -> str:
    """The schools by name, then what they come to; what went wrong is told in full below the table."""
    rows = [_row(line, zone) for line in lines]
    headers = ("School", "Last sync", "Ended", "Changes", "Students", "Last success")
    table = Table(many(len(lines), "school"), headers, rows, right=frozenset({"Students"}))
    faults = [Line(f"{line.school}: {_fault(line)}", Tone.BAD, 2) for line in lines if _fault(line)]
    title = [Line("\nWhat went wrong", Tone.STRONG)] if faults else []
    return laid_out([table, *title, *faults, Line(f"\n{_sum(lines)}")], colour=colour, width=width)


def fleet_json(lines: Sequence[SchoolLine]) -> str:
    """The same as one object: `schools`, and `totals` of endings, changes and students."""
    schools = [{"school": line.school, **_facts(line.health)} for line in lines]
    return json_text({"schools": schools, "totals": _totals(lines)}) + "\n"


def _row(line: SchoolLine, zone: tzinfo) -> tuple[str, ...]:
    health = line.health
    last, success = health.last, health.last_done
    return (
        line.school,
        moment(last.started_at, zone) if last else "never",
        _ending(line),
        marks(dict(last.counts)) if last else "",
        number(health.students) if not health.fault else "",
        moment(success.started_at, zone) if success else "unknown" if health.fault else "never",
    )


def _ending(line: SchoolLine) -> str:
    last = line.health.last
    if line.health.fault and last is None:
        return "unusable"
    if last is None:
        return "-"
    run = f", run {last.run}" if last.run is not None else ""
    return f"{ENDING_WORDS[last.ending]}{run}"


def _fault(line: SchoolLine) -> str:
    last = line.health.last
    if line.health.fault:
        return line.health.fault
    if last is None or last.ending is Ending.DONE:
        return ""
    if last.ending is Ending.REFUSED:
        return f"refused by the guard ({', '.join(last.refused)}); nothing was written"
    return last.message


def _sum(lines: Sequence[SchoolLine]) -> str:
    endings = Counter(_ending(line).partition(",")[0] for line in lines)
    words = [f"{number(count)} {'never synchronised' if word == '-' else word}" for word, count in endings.items()]
    students = sum(line.health.students for line in lines)
    return f"{listed(words)}; {many(students, 'student')} in all."


def _totals(lines: Sequence[SchoolLine]) -> dict[str, Any]:
    last = [line.health.last for line in lines if line.health.last is not None]
    changes: Counter[str] = Counter()
    for one in last:
        changes.update(one.counts)
    endings = Counter(one.ending.value for one in last)
    return {
        "schools": len(lines),
        "endings": {ending.value: endings[ending.value] for ending in Ending},
        "counts": dict(changes),
        "students": sum(line.health.students for line in lines),
    }


def _facts(health: Health) -> dict[str, Any]:
    return {
        "fault": health.fault or None,
        "students": health.students,
        "last": _attempt(health.last),
        "last_success": _attempt(health.last_done),
    }


def _attempt(one: Attempt | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "ending": one.ending.value,
        "run": one.run,
        "started_at": one.started_at.isoformat(),
        "finished_at": one.finished_at.isoformat(),
        "worker": one.actor or None,
        "counts": dict(one.counts),
        "findings": dict(one.findings),
        "refused": list(one.refused),
        "message": one.message or None,
    }
