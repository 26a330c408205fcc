"""What the admin console keeps, beside the accounts and apart from the runs."""

from base64 import b64decode, b64encode
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from json import loads
from typing import Any
from zlib import compress, decompress
from zlib import error as ZlibError  # noqa: N812 - it is an exception

from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update

from connector.domain.console import (
    Administrator,
    AuditLine,
    Failures,
    Invitation,
    Preview,
    PreviewState,
    Role,
    Session,
)
from connector.domain.errors import StoreError
from connector.domain.run import Run
from connector.mapping.keys import case_key
from connector.store import record
from connector.store.codec import encode
from connector.store.faults import Place, explained
from connector.store.schema import (
    console_administrators,
    console_audit,
    console_failures,
    console_invitations,
    console_previews,
    console_sessions,
    outcomes,
    runs,
)
from connector.store.sqlite import IMMEDIATE

RUNS = 50
"""So many runs are read at a time."""

# What the console keeps has nothing to do with the accounts: on PostgreSQL nobody waits for a run to sign in.
_OWN_LOCK = {"write_lock": "console_audit"}


class SqlConsoleRecord:
    """What `ConsoleRecord` promises, on a SQL database."""

    def __init__(self, engine: Engine, path: Place) -> None:
        self._engine = engine
        self._path = path

    def administrators(self) -> list[Administrator]:
        """Everybody, by name."""
        with self._reading() as connection:
            rows = connection.execute(select(console_administrators).order_by(console_administrators.c.name_key))
            return [_administrator(row) for row in rows]

    def administrator(self, name: str) -> Administrator | None:
        """The one of that name, or None."""
        wanted = select(console_administrators).where(console_administrators.c.name_key == case_key(name))
        with self._reading() as connection:
            row = connection.execute(wanted).first()
            return _administrator(row) if row is not None else None

    def put_administrator(self, one: Administrator) -> bool:
        """Add an administrator, or replace the one of that name, whose sessions then end."""
        with self._writing() as connection:
            was_there = _drop(connection, one.name)
            connection.execute(insert(console_administrators).values(**_stored(one)))
            return not was_there

    def drop_administrator(self, name: str) -> None:
        """Remove an administrator with their sessions."""
        with self._writing() as connection:
            _drop(connection, name)

    def invite(self, one: Invitation) -> None:
        """Keep an invitation."""
        values = {**one._asdict(), "role": one.role.value, "expires": one.expires.isoformat()}
        with self._writing() as connection:
            connection.execute(insert(console_invitations).values(**values))

    def invitation(self, key: str, now: datetime) -> Invitation | None:
        """The invitation with that key, while it holds."""
        with self._reading() as connection:
            row = connection.execute(select(console_invitations).where(console_invitations.c.key == key)).first()
        if row is None or datetime.fromisoformat(row.expires) <= now:
            return None
        return Invitation(row.key, Role(row.role), row.by, datetime.fromisoformat(row.expires))

    def join(self, key: str, one: Administrator) -> bool:
        """Use up an invitation and add its administrator, both or neither."""
        holds = (console_invitations.c.key == key, console_invitations.c.expires > one.since.isoformat())
        with self._writing() as connection:
            used = connection.execute(delete(console_invitations).where(*holds)).rowcount
            if used:
                _drop(connection, one.name)
                connection.execute(insert(console_administrators).values(**_stored(one)))
            return bool(used)

    def begin_session(self, one: Session) -> None:
        """Keep a session."""
        moments = {"started": one.started.isoformat(), "seen": one.seen.isoformat()}
        values = {**one._asdict(), **moments, "role": one.role.value, "name_key": case_key(one.name)}
        with self._writing() as connection:
            connection.execute(insert(console_sessions).values(**values))

    def session(self, key: str) -> Session | None:
        """The session with that key, or None."""
        with self._reading() as connection:
            row = connection.execute(select(console_sessions).where(console_sessions.c.key == key)).first()
        if row is None:
            return None
        moments = (datetime.fromisoformat(row.started), datetime.fromisoformat(row.seen))
        return Session(row.key, row.name, Role(row.role), *moments)

    def touch_session(self, key: str, seen: datetime) -> None:
        """Move the last click on."""
        with self._writing() as connection:
            mine = update(console_sessions).where(console_sessions.c.key == key)
            connection.execute(mine.values(seen=seen.isoformat()))

    def end_session(self, key: str) -> None:
        """Forget a session."""
        with self._writing() as connection:
            connection.execute(delete(console_sessions).where(console_sessions.c.key == key))

    def end_sessions_before(self, started: datetime, seen: datetime) -> None:
        """Forget every session that started before, or was last seen before."""
        old = (console_sessions.c.started < started.isoformat()) | (console_sessions.c.seen < seen.isoformat())
        with self._writing() as connection:
            connection.execute(delete(console_sessions).where(old))

    def failures(self, keys: Collection[str]) -> dict[str, Failures]:
        """The failures under each of these keys."""
        with self._reading() as connection:
            rows = connection.execute(select(console_failures).where(console_failures.c.key.in_(keys)))
            return {row.key: Failures(row[1], datetime.fromisoformat(row.last)) for row in rows}

    def count_failure(self, keys: Collection[str], now: datetime, forget_before: datetime) -> None:
        """One more under each key; an old count begins anew."""
        with self._writing() as connection:
            old = console_failures.c.last < forget_before.isoformat()
            connection.execute(delete(console_failures).where(old))
            for key in sorted(set(keys)):
                mine = console_failures.c.key == key
                more = update(console_failures).where(mine)
                changed = connection.execute(more.values(count=console_failures.c.count + 1, last=now.isoformat()))
                if not changed.rowcount:
                    connection.execute(insert(console_failures).values(key=key, count=1, last=now.isoformat()))

    def forget_failures(self, keys: Collection[str]) -> None:
        """No failure under these keys."""
        with self._writing() as connection:
            connection.execute(delete(console_failures).where(console_failures.c.key.in_(keys)))

    def audit(self, line: AuditLine) -> None:
        """Add a line to the audit."""
        with self._writing() as connection:
            number = (connection.scalar(select(func.max(console_audit.c.number))) or 0) + 1
            said = line._asdict()
            moment = said.pop("at").isoformat()
            connection.execute(insert(console_audit).values(number=number, moment=moment, **said))

    def audit_lines(self, most: int, before: int | None = None) -> Sequence[tuple[int, AuditLine]]:
        """The newest lines with their numbers."""
        wanted = select(console_audit).order_by(console_audit.c.number.desc()).limit(most)
        if before is not None:
            wanted = wanted.where(console_audit.c.number < before)
        with self._reading() as connection:
            rows = connection.execute(wanted)
            return [(row[0], AuditLine(datetime.fromisoformat(row[1]), *row[2:])) for row in rows]

    def latest_runs(self, most: int) -> tuple[tuple[int, str], ...]:
        """The numbers of the latest runs, each with when it last wrote and its last change."""
        last = select(func.max(outcomes.c.sequence)).where(outcomes.c.run == runs.c.number).scalar_subquery()
        wanted = select(runs.c.number, runs.c.finished_at, last).order_by(runs.c.number.desc()).limit(most)
        with self._reading() as connection:
            return tuple((number, f"{finished} {change}") for number, finished, change in connection.execute(wanted))

    def run_total(self) -> int:
        """How many runs there are."""
        with self._reading() as connection:
            return connection.scalar(select(func.max(runs.c.number))) or 0

    def newest_runs(self, skip: int = 0) -> Iterator[Run]:
        """The runs behind the `skip` newest, the newest first, some at a time."""
        last = self.run_total() - skip
        while last > 0:
            with self._reading() as connection:
                some = record.newest_runs(connection, RUNS, last)
            yield from some
            last = some[-1].number - 1 if some else 0

    def run(self, number: int) -> Run | None:
        """The run with that number, or None."""
        with self._reading() as connection:
            return record.read_run(connection, number)

    def undone_by(self, numbers: Collection[int]) -> dict[int, int]:
        """By which run each of these was undone."""
        wanted = select(runs.c.undoes, runs.c.number).where(runs.c.undoes.in_(numbers)).order_by(runs.c.number)
        with self._reading() as connection:
            return {row.undoes: row.number for row in connection.execute(wanted)}

    def put_preview(self, one: Preview, forget_before: datetime) -> None:
        """Keep a preview; old ones, which hold people's data, go."""
        values = {
            **one._asdict(),
            "plan": _packed(one.plan),
            "made_at": one.made_at.isoformat(),
            "options": encode(dict(one.options)),
            "outcome": encode(dict(one.outcome)),
            "left_out": encode(sorted(one.left_out)),
            "accepted": encode(sorted(one.accepted)),
            "state": one.state.value,
        }
        with self._writing() as connection:
            old = console_previews.c.made_at < forget_before.isoformat()
            connection.execute(delete(console_previews).where(old))
            connection.execute(insert(console_previews).values(**values))

    def preview(self, preview_id: str) -> Preview | None:
        """The preview with that id, without the text of its plan; or None."""
        columns = [column for column in console_previews.c if column.name != "plan"]
        with self._reading() as connection:
            row = connection.execute(select(*columns).where(console_previews.c.id == preview_id)).first()
        return _preview(row) if row is not None else None

    def preview_plan(self, preview_id: str) -> str:
        """The text of a preview's plan."""
        wanted = select(console_previews.c.plan).where(console_previews.c.id == preview_id)
        with self._reading() as connection:
            return _unpacked(connection.scalar(wanted) or "")

    def leave_out(self, preview_id: str, left_out: Collection[int], accepted: Collection[str]) -> bool:
        """Keep the choices made in an open preview."""
        values = {"left_out": encode(sorted(left_out)), "accepted": encode(sorted(accepted))}
        return self._move(preview_id, PreviewState.OPEN, **values)

    def take_preview(self, preview_id: str, fingerprint: str) -> bool:
        """Begin to apply an open preview; True for exactly one caller."""
        state = PreviewState.TAKEN.value
        return self._move(preview_id, PreviewState.OPEN, state=state, fingerprint=fingerprint, told="")

    def give_back_preview(self, preview_id: str, told: str) -> None:
        """A taken preview is open again."""
        self._move(preview_id, PreviewState.TAKEN, state=PreviewState.OPEN.value, told=told)

    def finish_preview(self, preview_id: str, run: int | None, told: str) -> None:
        """A taken preview is done; what it said of people is in the run now."""
        self._move(preview_id, PreviewState.TAKEN, state=PreviewState.DONE.value, run=run, told=told)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with explained(self._path), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        engine = self._engine.execution_options(**IMMEDIATE, **_OWN_LOCK)
        with explained(self._path), engine.begin() as connection:
            yield connection

    def _move(self, preview_id: str, held: PreviewState, **values: Any) -> bool:
        there = (console_previews.c.id == preview_id, console_previews.c.state == held.value)
        with self._writing() as connection:
            return bool(connection.execute(update(console_previews).where(*there).values(**values)).rowcount)


def _packed(plan: str) -> str:
    """A plan's text made small: what stands behind it in its row is else a long way to read."""
    return b64encode(compress(plan.encode(), 1)).decode()


def _unpacked(text: str) -> str:
    """The plan's text again, also where it was kept as it is. Raises StoreError for what is none."""
    if text.startswith("{") or not text:
        return text
    try:
        return decompress(b64decode(text, validate=True)).decode()
    except (ValueError, ZlibError):
        raise StoreError("the preview's plan is damaged in the store", hint="Make the preview again.") from None


def _drop(connection: Connection, name: str) -> bool:
    key = case_key(name)
    connection.execute(delete(console_sessions).where(console_sessions.c.name_key == key))
    return bool(
        connection.execute(delete(console_administrators).where(console_administrators.c.name_key == key)).rowcount
    )


def _administrator(row: Row[Any]) -> Administrator:
    return Administrator(row.name, Role(row.role), row.verifier, datetime.fromisoformat(row.since))


def _stored(one: Administrator) -> dict[str, str]:
    moments = {"since": one.since.isoformat()}
    return {**one._asdict(), **moments, "role": one.role.value, "name_key": case_key(one.name)}


def _preview(row: Row[Any]) -> Preview:
    return Preview(
        id=row.id,
        owner=row.owner,
        made_at=datetime.fromisoformat(row.made_at),
        command=row.command,
        plan="",
        options=loads(row.options),
        back=row.back,
        outcome=loads(row.outcome),
        left_out=frozenset(loads(row.left_out)),
        accepted=frozenset(loads(row.accepted)),
        state=PreviewState(row.state),
        fingerprint=row.fingerprint,
        run=row.run,
        told=row.told,
    )
