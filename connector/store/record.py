"""The record of runs and of what each did."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from json import loads
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, case, delete, func, insert, select

from connector.domain.account import Account
from connector.domain.errors import StoreError
from connector.domain.plan import Action, Change
from connector.domain.ports import RunRequest
from connector.domain.run import Outcome, Run
from connector.store import statements
from connector.store.codec import FIELDS, account_in, account_of, encode, listed, moment_of, moment_text
from connector.store.schema import accounts, outcomes, runs, state
from connector.store.statements import fetch, run_many

# An account that nobody changed since is itself the image of its creation; else the first change may have kept it.
_CREATED = and_(outcomes.c.action == Action.CREATE, outcomes.c.after_image == "")
_AS_CREATED = and_(accounts.c.id == outcomes.c.account_id, accounts.c.version == 1, _CREATED)
_LATER = outcomes.alias("later")
_BEFORE_IT_CHANGED = (
    select(_LATER.c.before_image)
    .where(_LATER.c.account_id == outcomes.c.account_id, _LATER.c.before_image.like('%"version":1}'))
    .limit(1)
    .scalar_subquery()
)
_OUTCOMES = select(
    outcomes,
    case((and_(_CREATED, accounts.c.id.is_(None)), _BEFORE_IT_CHANGED), else_="").label("first_image"),
    *(accounts.c[name].label(f"account_{name}") for name in FIELDS),
).outerjoin_from(outcomes, accounts, _AS_CREATED)
_OWN = len(outcomes.c) + 1
_ACCOUNT_ID = outcomes.c.keys().index("account_id")
_GONE = Account("(removed)")

_SINCE = "SELECT action, count(*) FROM outcomes WHERE run = ? AND sequence > ? GROUP BY action"

GOES_ON = "scim"
"""The command of the runs that go on with each write: their counts are noted once a second."""

GOING_ON = "scim_run:"
"""Before the client's name, the key of the state that tells hour and number of its run."""


def begin_run(connection: Connection, request: RunRequest, started: datetime) -> int:
    """Open the record of a run; returns its number."""
    if request.undoes is not None:
        require_run(connection, request.undoes)
        go_on_no_more(connection, request.undoes)
    number = (connection.scalar(select(func.max(runs.c.number))) or 0) + 1
    connection.execute(
        insert(runs).values(
            number=number,
            started_at=moment_text(started),
            finished_at="",
            command=request.command,
            origin=request.origin,
            actor=request.actor,
            plan=request.plan,
            undoes=request.undoes,
            counts="{}",
            accepted="",
            summary="{}",
        )
    )
    return number


def go_on_no_more(connection: Connection, number: int) -> None:
    """A SCIM client's run that is undone or scrubbed is over: what the client does next is a run of its own."""
    is_it = and_(state.c.key.startswith(GOING_ON, autoescape=True), state.c.value.endswith(f" {number}"))
    connection.execute(delete(state).where(is_it))


class SoFar(NamedTuple):
    """A run that goes on: the numbers of its next outcome and next effect on a reservation, and what it has done.

    `next_id` is the id of the next new account, 0 where nobody has looked.
    """

    number: int
    sequence: int
    effect: int
    done: Mapping[str, int]
    next_id: int = 0


def so_far(connection: Connection, number: int) -> SoFar:
    """What there is by now of a run that goes on."""
    counts, last, effect = next(fetch(connection, statements.SO_FAR, (number,)))
    return SoFar(number, (last or 0) + 1, 0 if effect is None else effect + 1, _counted(connection, number, counts))


def finish_run(
    connection: Connection,
    number: int,
    finished: datetime,
    counts: dict[str, int],
    summary: dict[str, Any],
    accepted: Collection[str],
) -> None:
    """Complete the record of a run."""
    told = (moment_text(finished), encode(counts), encode(summary), listed(tuple(accepted)), number)
    run_many(connection, statements.FINISH_RUN, [told])


def read_runs(connection: Connection) -> list[Run]:
    """All runs, the newest first."""
    return [_run(connection, row) for row in connection.execute(select(runs).order_by(runs.c.number.desc())).all()]


def read_run(connection: Connection, number: int) -> Run | None:
    """The run with that number, or None."""
    row = connection.execute(select(runs).where(runs.c.number == number)).first()
    return None if row is None else _run(connection, row)


def newest_runs(connection: Connection, most: int, up_to: int) -> list[Run]:
    """The newest runs with numbers up to `up_to`, at most `most` of them."""
    wanted = select(runs).where(runs.c.number <= up_to).order_by(runs.c.number.desc()).limit(most)
    return [_run(connection, row) for row in connection.execute(wanted).all()]


def applied_as(connection: Connection, fingerprint: str) -> int | None:
    """The first run that applied the plan with this fingerprint, or None."""
    if not fingerprint:
        return None
    first: int | None = connection.scalar(select(func.min(runs.c.number)).where(runs.c.plan == fingerprint))
    return first


def require_run(connection: Connection, number: int) -> None:
    """Raise StoreError for a run there never was."""
    if connection.scalar(select(runs.c.number).where(runs.c.number == number)) is None:
        raise StoreError(f"there is no run {number}", hint="`trackone runs list` shows the runs there are")


def read_outcomes(connection: Connection, number: int, after: int = 0) -> Iterator[Outcome]:
    """The changes of a run in the order they were done, behind the `after`-th, one at a time."""
    wanted = _OUTCOMES.where(outcomes.c.run == number, outcomes.c.sequence > after).order_by(outcomes.c.sequence)
    for row in connection.execute(wanted, execution_options={"yield_per": 500}):
        yield _outcome(row)


def read_history(connection: Connection, account_id: int) -> list[Outcome]:
    """Every recorded change of one account, the newest first.

    The run of a SCIM client goes on for an hour, so the numbers of runs do not tell which change came first.
    """
    wanted = _OUTCOMES.where(outcomes.c.account_id == account_id)
    newest = wanted.order_by(outcomes.c.run.desc(), outcomes.c.sequence.desc())
    found = [_outcome(row) for row in connection.execute(newest)]
    return sorted(found, key=_version_made, reverse=True)


def _version_made(outcome: Outcome) -> int:
    """The version of its account that a change made."""
    before, after = outcome.change.before, outcome.change.after
    return after.version if after is not None else before.version + 1 if before is not None else 0


def _run(connection: Connection, row: Row[Any]) -> Run:
    started = moment_of(row.started_at)
    assert started is not None  # noqa: S101 - written with every run
    return Run(
        number=row.number,
        started_at=started,
        finished_at=moment_of(row.finished_at),
        command=row.command,
        origin=row.origin,
        actor=row.actor,
        counts=_counted(connection, row.number, row.counts) if row.command == GOES_ON else loads(row.counts),
        accepted=_words(row.accepted),
        plan=row.plan,
        undoes=row.undoes,
        summary=loads(row.summary),
    )


def _counted(connection: Connection, number: int, noted: str) -> dict[str, int]:
    """What a run that goes on has done: what is noted of it, and its changes since."""
    counts = Counter[str](loads(noted))
    since = fetch(connection, _SINCE, (number, counts.total()))
    counts.update(dict(since))
    return dict(counts)


def _outcome(row: Row[Any]) -> Outcome:
    made = account_of(row[_OWN:]) if row[_OWN] is not None else account_in(row.after_image or row.first_image or "")
    if made is None and row.action == Action.CREATE:  # its first change lost what it did, which an older run may do
        made = _GONE._replace(id=row[_ACCOUNT_ID])
    change = Change(Action(row.action), account_in(row.before_image), made, _words(row.changed), _words(row.reasons))
    return Outcome(row.run, row.sequence, change)


def _words(text: str) -> tuple[str, ...]:
    return tuple(loads(text)) if text else ()
