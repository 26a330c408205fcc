"""One transaction of the SCIM edge that writes: a part of its client's run of the hour."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from connector.domain.account import Account, Sighting
from connector.domain.plan import Change
from connector.domain.ports import Clock, Credential, RunRequest
from connector.domain.scim import Document, Person
from connector.mapping.keys import case_key
from connector.store import scim_statements as texts
from connector.store import statements
from connector.store.codec import FIELDS, Row, encode, listed, moment_text, stored
from connector.store.record import GOES_ON, GOING_ON
from connector.store.schema import (
    accounts,
    scim_deactivations,
    scim_group_ids,
    scim_groups,
    scim_members,
    scim_people,
)
from connector.store.scim import Read, SqlDeskReader
from connector.store.scim_hours import hour_of, is_due, run_of
from connector.store.scim_predicate import visible
from connector.store.scim_values import value_rows
from connector.store.statements import run_many
from connector.store.writer import SqlRun

_CHUNK = 500
_NAMED = FIELDS.index("user_type") + 1
"""So many columns, the first, are what others could want or hold: username, SIS code and type."""


class SqlDeskRun(SqlDeskReader, SqlRun):
    """What `DeskWriter` promises: the client's run of this hour goes on."""

    def __init__(self, connection: Connection, client: str, clock: Clock, moment: datetime) -> None:
        self.hour = hour_of(moment)
        run = run_of(connection, client, self.hour)
        request = RunRequest(GOES_ON, f"scim:{client}", client)
        SqlRun.__init__(self, connection, request, clock, run)
        self._client = client
        self._remembered = None
        self._noted: datetime | None = None
        self.go_on(moment, 0)
        self._begins = run is None
        if self._begins:
            self.set_state(f"{GOING_ON}{client}", f"{self.hour} {self.number}")

    def go_on(self, moment: datetime, next_id: int) -> None:
        """Go on in another transaction of the same connection, which nobody but it has written since.

        `next_id` is the id of the next new account, 0 where nobody has looked.
        """
        self.moment = moment
        self._as_read: dict[int, Read] = {}
        self._first = self._sequence
        self._begins = self._closed = False
        self._fresh_id = next_id

    @property
    def next_id(self) -> int:
        """The id of the next new account, 0 where nobody has looked."""
        return self._fresh_id

    @property
    def _connection(self) -> Connection:
        """The connection; nothing is ever being written in a thread here."""
        return self._given

    def person(self, account_id: int) -> Person | None:
        """An account with all that belongs to it; None where this client sees no such account."""
        read = self._read(account_id)
        if read is None:
            return None
        self._as_read[account_id] = read
        return read.person

    def write(
        self,
        changes: Sequence[Change],
        credential: Callable[[], Credential] | None = None,
        sightings: Sequence[Sighting | None] | None = None,
    ) -> list[int]:
        """Do the changes and record them, in order; returns each account's id.

        Raises StoreError and PlanError as every run does. What this transaction has read is as it was: one account
        that keeps its names and code is written without looking again.
        """
        as_read, self._as_read = self._as_read, {}
        before, after = (changes[0].before, changes[0].after) if len(changes) == 1 else (None, None)
        read = as_read.get(before.id) if before is not None else None
        if before is None or after is None or read is None or read.person.account is not before:
            return SqlRun.write(self, changes, credential, sightings)
        if before[:_NAMED] != after[:_NAMED]:
            return SqlRun.write(self, changes, credential, sightings)
        self._alter(before, after, changes[0])
        if read.is_sighted:
            run_many(self._given, statements.FORGET_DIGEST, [(before.id,)])
        return [before.id]

    def set_credential(self, account_id: int, credential: Credential) -> None:
        """Replace the account's password; its version moves on. Raises StoreError for an unknown id."""
        self._as_read.pop(account_id, None)
        SqlRun.set_credential(self, account_id, credential)

    def end(self) -> None:
        """Bring the record of the run up to date, where it begins or has done something and that is due."""
        if self._begins or (self._sequence > self._first and is_due(self._noted, self.moment)):
            super().end()
            self._noted = self.moment

    def keep(self, person: Person, document: Document, *, changed: bool, new: bool = False) -> None:
        """Keep the text of a person as they are now, and the attributes beside the account where they have `changed`.

        A `new` account has none yet.
        """
        if not changed:
            save_document(self._connection, person, document)
            return
        account_id = person.account.id
        run_many(self._connection, texts.KEEP_PERSON_ANEW, [_person_row(person, encode(person.kept), document)])
        if not new:
            run_many(self._connection, texts.FORGET_VALUES, [(account_id,)])
        run_many(self._connection, texts.KEEP_VALUE, [(account_id, *row) for row in value_rows(person.kept)])

    def note_deactivation(self, account_id: int) -> None:
        """Count one for `deactivations`."""
        told = {"client": self._client, "account_id": account_id, "moment": moment_text(self.moment)}
        same = and_(*(scim_deactivations.c[name] == value for name, value in told.items()))
        self._connection.execute(delete(scim_deactivations).where(same))
        self._connection.execute(insert(scim_deactivations).values(**told))

    def new_group(self, group_id: str, display_name: str, external_id: str) -> None:
        """Make a group. Raises StoreError when another has the name."""
        now = moment_text(self.moment)
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
        told: dict[str, Any] = {"version": scim_groups.c.version + 1, "modified": moment_text(self.moment)}
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

    def _alter(self, before: Account, after: Account, change: Change) -> None:
        """Write and record one account that keeps its names and code.

        Its first image, which other runs write down before they change an account, is here that of the change itself.
        """
        was, old = stored(before, before.id, before.version)
        now, new = stored(after, before.id, before.version + 1)
        told = {name: value for name, value, other in zip(FIELDS, now, was, strict=True) if value != other}
        action, done = str(change.action), (listed(change.changed), listed(change.reasons))
        outcome = (self.number, self._sequence, before.id, action, *done, old, new)
        run_many(self._given, _setting(tuple(told)), [(*told.values(), before.id)])
        run_many(self._given, statements.INSERT_OUTCOME, [outcome])
        if "external_ids" in told:
            known_as = [(client, before.id, external_id) for client, external_id in after.external_ids]
            run_many(self._given, statements.DELETE_EXTERNAL_IDS, [(before.id,)])
            run_many(self._given, statements.INSERT_EXTERNAL_ID, known_as)
        self._sequence += 1
        self._done[action] += 1

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
            theirs = update(scim_people).where(scim_people.c.account_id.in_(part))
            self._connection.execute(theirs.values(version=-func.abs(scim_people.c.version)))


def save_document(connection: Connection, person: Person, document: Document) -> None:
    """Keep the text of a person as they are now; what else is kept of them stays."""
    run_many(connection, texts.KEEP_PERSON, [_person_row(person, "", document)])


def _person_row(person: Person, kept: str, document: Document) -> Row:
    """The columns of scim_people."""
    account, (created, modified) = person.account, person.stamp
    return (
        *(account.id, account.version, moment_text(created), moment_text(modified)),
        *(kept, document.etag, document.text),
    )


@lru_cache(maxsize=64)
def _setting(names: tuple[str, ...]) -> str:
    """An UPDATE of these columns only: of others that an index has, it would write the index again."""
    return f"UPDATE accounts SET {', '.join(f'{name} = ?' for name in names)} WHERE id = ?"  # noqa: S608 - our columns


def _parts(numbers: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(set(numbers))
    for start in range(0, len(ordered), _CHUNK):
        yield ordered[start : start + _CHUNK]
