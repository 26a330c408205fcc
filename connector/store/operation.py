"""What is kept of running unattended, beside the accounts and the runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from json import loads
from typing import Any

from sqlalchemy import Connection, Engine, Row, case, cast, delete, func, insert, literal, select, update
from sqlalchemy.types import Text

from connector.domain.operation import Attempt, Ending, Totals
from connector.domain.plan import Action
from connector.domain.run import SCRUBBED
from connector.store.codec import encode, listed, moment_of, moment_text
from connector.store.faults import Place, explained
from connector.store.record import go_on_no_more
from connector.store.schema import attempt_totals, attempts, outcomes, reservation_outcomes, runs
from connector.store.sqlite import IMMEDIATE

REMOVED = "removed from the record"
"""What stands as the reason of a change whose details are gone."""

_KINDS = Totals._fields


class SqlJournal:
    """What `Journal` promises, on a SQL database."""

    def __init__(self, engine: Engine, path: Place) -> None:
        self._engine = engine
        self._path = path

    def note(self, attempt: Attempt) -> None:
        """Keep an attempt, and count it."""
        with self._writing() as connection:
            last = connection.scalar(select(func.max(attempts.c.number))) or 0
            connection.execute(insert(attempts).values(number=last + 1, **_stored(attempt)))
            for name, label, value in _counted(attempt):
                _add(connection, name, label, value)

    def attempts(self, most: int) -> list[Attempt]:
        """The newest attempts, the newest first."""
        with self._reading() as connection:
            wanted = select(attempts).order_by(attempts.c.number.desc()).limit(most)
            return [_attempt(row) for row in connection.execute(wanted)]

    def last(self, ending: Ending | None = None) -> Attempt | None:
        """The newest attempt that ended so, or at all."""
        wanted = select(attempts).order_by(attempts.c.number.desc()).limit(1)
        if ending is not None:
            wanted = wanted.where(attempts.c.ending == ending.value)
        with self._reading() as connection:
            row = connection.execute(wanted).first()
            return _attempt(row) if row is not None else None

    def totals(self) -> Totals:
        """What all attempts so far come to."""
        found: dict[str, dict[str, float]] = {kind: {} for kind in _KINDS}
        with self._reading() as connection:
            for name, label, value in connection.execute(select(attempt_totals)):
                found[name][label] = value
        return Totals(**found)

    def scrub(self, before: datetime, now: datetime) -> list[int]:
        """Take everybody's data out of the record of runs that ended before that moment; returns their numbers."""
        with self._writing() as connection:
            old = select(runs.c.number, runs.c.summary).where(
                runs.c.finished_at != "", runs.c.finished_at < moment_text(before)
            )
            summaries = {row.number: loads(row.summary) for row in connection.execute(old)}
            fresh = {number: summary for number, summary in summaries.items() if SCRUBBED not in summary}
            for number, summary in fresh.items():
                _scrub_run(connection, number, {**summary, SCRUBBED: moment_text(now)})
            # the newest stays, whatever its age: it says when all was well
            newest = select(func.max(attempts.c.number)).group_by(attempts.c.ending)
            connection.execute(
                delete(attempts).where(
                    attempts.c.finished_at < moment_text(before), attempts.c.number.not_in(newest.scalar_subquery())
                )
            )
            return list(fresh)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with explained(self._path), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with explained(self._path), self._engine.execution_options(**IMMEDIATE).begin() as connection:
            yield connection


def _scrub_run(connection: Connection, number: int, summary: dict[str, Any]) -> None:
    """Leave of a run what it was and how many accounts it changed, by their numbers only."""
    stub = literal('{"username":"(removed)","id":') + cast(outcomes.c.account_id, Text) + literal(',"version":0}')
    made = (outcomes.c.action == "create") | (outcomes.c.after_image != "")
    connection.execute(
        update(outcomes)
        .where(outcomes.c.run == number)
        .values(
            changed="",
            reasons=listed((REMOVED,)),
            before_image=case((outcomes.c.before_image != "", stub), else_=""),
            after_image=case((made, stub), else_=""),
        )
    )
    connection.execute(delete(reservation_outcomes).where(reservation_outcomes.c.run == number))
    go_on_no_more(connection, number)
    connection.execute(update(runs).where(runs.c.number == number).values(summary=encode(summary)))


def _counted(attempt: Attempt) -> Iterator[tuple[str, str, float]]:
    """What an attempt adds to the totals; a refused one changed nothing."""
    yield "endings", attempt.ending.value, 1
    yield "seconds", attempt.ending.value, attempt.seconds
    yield from (("refusals", code, 1) for code in attempt.refused)
    if attempt.ending is Ending.DONE:
        yield from (("changes", action.value, count) for action in Action if (count := attempt.counts.get(action)))


def _add(connection: Connection, name: str, label: str, value: float) -> None:
    total = attempt_totals
    mine = (total.c.name == name, total.c.label == label)
    if not connection.execute(update(total).where(*mine).values(value=total.c.value + value)).rowcount:
        connection.execute(insert(total).values(name=name, label=label, value=value))


def _stored(attempt: Attempt) -> dict[str, Any]:
    return {
        **attempt._asdict(),
        "started_at": moment_text(attempt.started_at),
        "finished_at": moment_text(attempt.finished_at),
        "ending": attempt.ending.value,
        "counts": encode(dict(attempt.counts)),
        "findings": encode(dict(attempt.findings)),
        "refused": listed(attempt.refused),
        "told": moment_text(attempt.told),
    }


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        started_at=datetime.fromisoformat(row.started_at),
        finished_at=datetime.fromisoformat(row.finished_at),
        origin=row.origin,
        actor=row.actor,
        ending=Ending(row.ending),
        run=row.run,
        counts=loads(row.counts),
        findings=loads(row.findings),
        refused=tuple(loads(row.refused)) if row.refused else (),
        message=row.message,
        hint=row.hint,
        told=moment_of(row.told),
    )
