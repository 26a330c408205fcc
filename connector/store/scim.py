"""What the SCIM edge reads and writes: the accounts with what clients gave beside them, and groups."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, and_, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from connector.domain.account import Account
from connector.domain.ports import Clock, RunRequest
from connector.domain.scim import (
    DeskReader,
    DeskWriter,
    Document,
    Found,
    Group,
    Member,
    Membership,
    Order,
    Person,
    Predicate,
    Stamp,
    Window,
)
from connector.mapping.keys import case_key
from connector.store.codec import FIELDS, account_of, moment_of, moment_text
from connector.store.faults import explained
from connector.store.reader import SqlReader
from connector.store.schema import (
    accounts,
    external_ids,
    outcomes,
    runs,
    scim_deactivations,
    scim_documents,
    scim_facts,
    scim_group_ids,
    scim_groups,
    scim_members,
    scim_values,
    state,
)
from connector.store.scim_predicate import group_condition, group_order, person_condition, person_order, visible
from connector.store.scim_values import value_rows
from connector.store.sqlite import IMMEDIATE
from connector.store.writer import SqlRun

_ACCOUNT = tuple(accounts.c[name] for name in FIELDS)
_WIDTH = len(FIELDS)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_CHUNK = 500

_DOCUMENT = (
    select(
        accounts.c.id,
        accounts.c.version,
        accounts.c.user_type,
        accounts.c.archived,
        accounts.c.archived_by,
        scim_documents.c.version,
        scim_documents.c.etag,
        scim_documents.c.document,
        external_ids.c.external_id,
    )
    .outerjoin_from(accounts, scim_documents, scim_documents.c.account_id == accounts.c.id)
    .outerjoin(
        external_ids,
        and_(external_ids.c.account_id == accounts.c.id, external_ids.c.client == bindparam("client")),
    )
)
_ONE_DOCUMENT = _DOCUMENT.where(accounts.c.id == bindparam("id"))
_DOCUMENTS = _DOCUMENT.where(accounts.c.id.in_(bindparam("ids", expanding=True)))


class SqlDeskReader(SqlReader):
    """What `DeskReader` promises, in one connection's open transaction."""

    def __init__(self, connection: Connection, client: str) -> None:
        super().__init__(connection)
        self._client = client

    def document(self, account_id: int) -> Document | None:
        """The stored text of an account; None where this client sees no such account."""
        found = self._connection.execute(_ONE_DOCUMENT, {"id": account_id, "client": self._client}).first()
        return None if found is None else self._document(found)

    def documents(self, ids: Sequence[int]) -> list[Document]:
        """The stored texts of these accounts, in their order."""
        rows = self._connection.execute(_DOCUMENTS, {"ids": list(ids), "client": self._client})
        made = {row[0]: self._document(row) for row in rows}
        return [one for number in ids if (one := made.get(number)) is not None]

    def person(self, account_id: int) -> Person | None:
        """An account with all that belongs to it; None where this client sees no such account."""
        row = self._connection.execute(
            select(*_ACCOUNT, scim_facts)
            .outerjoin_from(accounts, scim_facts, scim_facts.c.account_id == accounts.c.id)
            .where(accounts.c.id == account_id, visible(self._client))
        ).first()
        if row is None:
            return None
        account = account_of(row)
        _, version, created, modified, kept = row[_WIDTH:]
        stamp = self._stamp(account, created, modified if version == account.version else None)
        return Person(
            account,
            json.loads(kept) if kept else {},
            dict(account.external_ids).get(self._client, ""),
            self._memberships(account_id),
            stamp,
        )

    def people(self, wanted: Predicate | None, order: Order | None, window: Window) -> Found:
        """The ids of the accounts that the predicate holds for, in a stable order."""
        condition = visible(self._client)
        if wanted is not None:
            condition = and_(condition, person_condition(wanted, self._client))
        total = self._connection.scalar(select(func.count()).select_from(accounts).where(condition)) or 0
        query = select(accounts.c.id).where(condition)
        query = query.order_by(*(person_order(order, self._client) if order else (accounts.c.id,)))
        if window.after is not None:
            query = query.where(accounts.c.id > int(window.after))
        return Found(total, self._ids(query, window) if total and window.size else ())

    def deleted(self, username_key: str) -> Account | None:
        """The archived account with that name (fold_key) that this client deleted, or None."""
        theirs = and_(accounts.c.archived == 1, accounts.c.archived_by == f"scim:{self._client}")
        row = self._connection.execute(select(*_ACCOUNT).where(accounts.c.name_key == username_key, theirs)).first()
        return None if row is None else account_of(row)

    def group(self, group_id: str) -> Group | None:
        """A group, or None."""
        known_as = select(scim_group_ids.c.external_id).where(
            scim_group_ids.c.group_id == group_id, scim_group_ids.c.client == self._client
        )
        row = self._connection.execute(select(scim_groups).where(scim_groups.c.id == group_id)).first()
        if row is None:
            return None
        stamp = Stamp(moment_of(row.created) or _NEVER, moment_of(row.modified) or _NEVER)
        return Group(row.id, row.display_name, self._connection.scalar(known_as) or "", stamp, row.version)

    def groups(self, wanted: Predicate | None, order: Order | None, window: Window) -> Found:
        """The ids of the groups that the predicate holds for, in a stable order."""
        query = select(scim_groups.c.id)
        if wanted is not None:
            query = query.where(group_condition(wanted, self._client))
        total = self._connection.scalar(select(func.count()).select_from(query.subquery())) or 0
        query = query.order_by(*(group_order(order, self._client) if order else (scim_groups.c.id,)))
        if window.after is not None:
            query = query.where(scim_groups.c.id > window.after)
        return Found(total, self._ids(query, window) if total and window.size else ())

    def members(self, group_id: str) -> list[Member]:
        """Who is in a group, in the order of the accounts' ids."""
        name = select(scim_values.c.value).where(
            scim_values.c.account_id == accounts.c.id, scim_values.c.path == "displayname"
        )
        shown = func.coalesce(
            name.scalar_subquery(), func.trim(accounts.c.given_names + " " + accounts.c.family_name)
        )
        wanted = (
            select(accounts.c.id, shown)
            .join_from(scim_members, accounts, accounts.c.id == scim_members.c.account_id)
            .where(scim_members.c.group_id == group_id, visible(self._client))
            .order_by(accounts.c.id)
        )
        return [Member(*row) for row in self._connection.execute(wanted)]

    def group_of_name(self, display_name: str) -> str | None:
        """The id of the group with that name, letter case aside."""
        return self._connection.scalar(
            select(scim_groups.c.id).where(scim_groups.c.name_key == case_key(display_name))
        )

    def deactivations(self, since: datetime) -> int:
        """How many SIS-owned accounts this client has deactivated, deleted or renamed since then."""
        counted = select(func.count(scim_deactivations.c.account_id.distinct())).where(
            scim_deactivations.c.client == self._client, scim_deactivations.c.moment > moment_text(since)
        )
        return self._connection.scalar(counted) or 0

    def _document(self, row: Any) -> Document | None:
        account_id, version, user_type, archived, archived_by, made_for, etag, text, external_id = row
        if user_type == "System" or (archived and archived_by == f"scim:{self._client}"):
            return None
        current = made_for == version
        return Document(account_id, text if current else "", etag if current else "", external_id or "")

    def _memberships(self, account_id: int) -> tuple[Membership, ...]:
        mine = (
            select(scim_groups.c.id, scim_groups.c.display_name)
            .join_from(scim_members, scim_groups, scim_groups.c.id == scim_members.c.group_id)
            .where(scim_members.c.account_id == account_id)
            .order_by(scim_groups.c.name_key)
        )
        return tuple(Membership(*row) for row in self._connection.execute(mine))

    def _stamp(self, account: Account, created: str | None, modified: str | None) -> Stamp:
        """When the account was made and last changed: as noted, else by the runs that did it."""
        if created is not None and modified is not None:
            return Stamp(moment_of(created) or _NEVER, moment_of(modified) or _NEVER)
        by_runs = (
            select(func.min(runs.c.started_at), func.max(runs.c.started_at))
            .join_from(outcomes, runs, runs.c.number == outcomes.c.run)
            .where(outcomes.c.account_id == account.id)
        )
        first, last = self._connection.execute(by_runs).one()
        return Stamp(moment_of(created or first or "") or _NEVER, moment_of(modified or last or "") or _NEVER)

    def _ids(self, query: Any, window: Window) -> tuple[str, ...]:
        page = query.limit(window.size)
        if window.start:
            page = page.offset(window.start)
        return tuple(str(number) for number in self._connection.scalars(page))


class SqlDeskRun(SqlDeskReader, SqlRun):
    """What `DeskWriter` promises: the client's run of this hour goes on."""

    def __init__(self, connection: Connection, client: str, clock: Clock) -> None:
        now = clock()
        SqlRun.__init__(
            self,
            connection,
            RunRequest("scim", f"scim:{client}", client),
            clock,
            number=_run_of_the_hour(connection, client, now),
        )
        self._client = client
        self._now = now
        _remember_run(connection, client, now, self.number)

    def keep(self, account_id: int, kept: Mapping[str, Any]) -> None:
        """Keep these attributes beside the account, instead of those kept before."""
        now = moment_text(self._now)
        version = self._connection.scalar(select(accounts.c.version).where(accounts.c.id == account_id))
        told = {"version": version, "modified": now, "kept": json.dumps(kept, ensure_ascii=False) if kept else ""}
        mine = scim_facts.c.account_id == account_id
        if not self._connection.execute(update(scim_facts).where(mine).values(**told)).rowcount:
            created = self._stamp(Account("", id=account_id), None, None).created
            made = now if created == _NEVER or version == 1 else moment_text(created)
            self._connection.execute(insert(scim_facts).values(account_id=account_id, created=made, **told))
        self._connection.execute(delete(scim_values).where(scim_values.c.account_id == account_id))
        rows = [{"account_id": account_id, **row} for row in value_rows(kept)]
        if rows:
            self._connection.execute(insert(scim_values), rows)

    def note_deactivation(self, account_id: int) -> None:
        """Count one for `deactivations`."""
        told = {"client": self._client, "account_id": account_id, "moment": moment_text(self._now)}
        same = and_(*(scim_deactivations.c[name] == value for name, value in told.items()))
        self._connection.execute(delete(scim_deactivations).where(same))
        self._connection.execute(insert(scim_deactivations).values(**told))

    def save(self, documents: Sequence[Document]) -> None:
        """Keep the texts of accounts as they are now."""
        save_documents(self._connection, documents)

    def new_group(self, group_id: str, display_name: str, external_id: str) -> None:
        """Make a group. Raises StoreError when another has the name."""
        now = moment_text(self._now)
        self._connection.execute(
            insert(scim_groups).values(
                id=group_id,
                display_name=display_name,
                name_key=case_key(display_name),
                version=1,
                created=now,
                modified=now,
            )
        )
        self._know_group_as(group_id, external_id)

    def change_group(self, group_id: str, display_name: str | None, external_id: str | None) -> None:
        """Give a group another name or id of the client (None: as it is), and the next version in any case."""
        told: dict[str, Any] = {"version": scim_groups.c.version + 1, "modified": moment_text(self._now)}
        if display_name is not None:
            told |= {"display_name": display_name, "name_key": case_key(display_name)}
            self._forget_documents(self._everybody_in(group_id))
        self._connection.execute(update(scim_groups).where(scim_groups.c.id == group_id).values(**told))
        if external_id is not None:
            self._know_group_as(group_id, external_id)

    def drop_group(self, group_id: str) -> None:
        """Remove a group and its memberships."""
        self.drop_members(group_id, None)
        self._connection.execute(delete(scim_group_ids).where(scim_group_ids.c.group_id == group_id))
        self._connection.execute(delete(scim_groups).where(scim_groups.c.id == group_id))

    def add_members(self, group_id: str, account_ids: Collection[int]) -> list[int]:
        """Put accounts into a group; returns those that were not in it. Accounts that there are not are left out."""
        fresh: list[int] = []
        for part in _parts(account_ids):
            seen = select(accounts.c.id).where(accounts.c.id.in_(part), visible(self._client))
            inside = select(scim_members.c.account_id).where(
                scim_members.c.group_id == group_id, scim_members.c.account_id.in_(part)
            )
            there = set(self._connection.scalars(inside))
            fresh += [number for number in self._connection.scalars(seen) if number not in there]
        if fresh:
            rows = [{"group_id": group_id, "account_id": number} for number in fresh]
            self._connection.execute(insert(scim_members), rows)
            self._forget_documents(fresh)
        return fresh

    def drop_members(self, group_id: str, account_ids: Collection[int] | None) -> list[int]:
        """Take accounts out of a group (None: all); returns those that were in it."""
        gone: list[int] = []
        for part in _parts(self._everybody_in(group_id) if account_ids is None else account_ids):
            inside = and_(scim_members.c.group_id == group_id, scim_members.c.account_id.in_(part))
            found = list(self._connection.scalars(select(scim_members.c.account_id).where(inside)))
            self._connection.execute(delete(scim_members).where(inside))
            gone += found
        self._forget_documents(gone)
        return gone

    def _everybody_in(self, group_id: str) -> list[int]:
        inside = select(scim_members.c.account_id).where(scim_members.c.group_id == group_id)
        return list(self._connection.scalars(inside))

    def _know_group_as(self, group_id: str, external_id: str) -> None:
        mine = and_(scim_group_ids.c.group_id == group_id, scim_group_ids.c.client == self._client)
        self._connection.execute(delete(scim_group_ids).where(mine))
        if external_id:
            self._connection.execute(
                insert(scim_group_ids).values(client=self._client, group_id=group_id, external_id=external_id)
            )

    def _forget_documents(self, account_ids: Collection[int]) -> None:
        for part in _parts(account_ids):
            self._connection.execute(delete(scim_documents).where(scim_documents.c.account_id.in_(part)))


class SqlDesk:
    """What `Desk` promises, on a SQL store. Writers of one process queue here rather than in the database."""

    def __init__(self, engine: Engine, clock: Clock, path: Path) -> None:
        self._engine = engine
        self._clock = clock
        self._path = path
        self._writing = Lock()

    @contextmanager
    def look(self, client: str) -> Iterator[DeskReader]:
        """A consistent view for one client."""
        with explained(self._path), self._engine.begin() as connection:
            yield SqlDeskReader(connection, client)

    @contextmanager
    def act(self, client: str, token: str) -> Iterator[DeskWriter]:  # noqa: ARG002 - told in each change's reasons
        """A transaction for one client. Raises StoreError when it cannot begin in time."""
        with explained(self._path), self._writing:
            engine = self._engine.execution_options(**IMMEDIATE)
            with engine.begin() as connection:
                run = SqlDeskRun(connection, client, self._clock)
                yield run
                run.end()

    def cache(self, documents: Sequence[Document]) -> None:
        """Keep texts made for reading, where that is possible just now."""
        if not documents or not self._writing.acquire(blocking=False):
            return
        try:
            with self._engine.execution_options(**IMMEDIATE).begin() as connection:
                save_documents(connection, documents)
        except (OperationalError, IntegrityError):
            return  # a sync has the store, or the account is gone: the text is made again next time
        finally:
            self._writing.release()


def save_documents(connection: Connection, documents: Sequence[Document]) -> None:
    """Keep texts under the version their accounts have now."""
    ids = [one.account_id for one in documents]
    versions = dict(
        connection.execute(select(accounts.c.id, accounts.c.version).where(accounts.c.id.in_(ids))).tuples().all()
    )
    connection.execute(delete(scim_documents).where(scim_documents.c.account_id.in_(ids)))
    rows = [
        {
            "account_id": one.account_id,
            "version": versions[one.account_id],
            "etag": one.etag,
            "document": one.text,
        }
        for one in documents
        if one.account_id in versions
    ]
    if rows:
        connection.execute(insert(scim_documents), rows)


def _run_key(client: str) -> str:
    return f"scim_run:{client}"


def _run_of_the_hour(connection: Connection, client: str, now: datetime) -> int | None:
    """The number of the client's run of this hour, None where there is none yet."""
    noted = connection.scalar(select(state.c.value).where(state.c.key == _run_key(client)))
    hour, _, number = (noted or "").partition(" ")
    return int(number) if hour == _hour(now) else None


def _remember_run(connection: Connection, client: str, now: datetime, number: int) -> None:
    value = f"{_hour(now)} {number}"
    noted = state.c.key == _run_key(client)
    if connection.scalar(select(state.c.value).where(noted)) == value:
        return
    connection.execute(delete(state).where(noted))
    connection.execute(insert(state).values(key=_run_key(client), value=value))


def _hour(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H")


def _parts(numbers: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(set(numbers))
    for start in range(0, len(ordered), _CHUNK):
        yield ordered[start : start + _CHUNK]

