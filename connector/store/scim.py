"""What the SCIM edge reads and writes: the accounts with what clients gave beside them, and groups."""

import json
from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, func, select

from connector.domain.account import Account
from connector.domain.scim import (
    Compare,
    Document,
    Found,
    Group,
    Joined,
    Member,
    Membership,
    Order,
    Person,
    Predicate,
    Stamp,
    Window,
    deleted_by,
)
from connector.mapping.keys import case_key
from connector.store import scim_statements as texts
from connector.store.codec import FIELDS, account_of, moment_of, moment_text
from connector.store.dialect import is_postgresql, rows_of
from connector.store.reader import SqlReader
from connector.store.schema import (
    accounts,
    scim_deactivations,
    scim_group_ids,
    scim_groups,
    scim_members,
    scim_values,
)
from connector.store.scim_everybody import Everybody, ids_of_all, mark
from connector.store.scim_predicate import group_condition, group_order, person_condition, person_order, visible
from connector.store.statements import fetch

_WIDTH = len(FIELDS)
_document = partial(tuple.__new__, Document)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_SPARSE = 4
"""A page whose ids lie further apart than this times its size is read one by one."""


class Read(NamedTuple):
    """A person as read, and whether a sync remembers anything of the account."""

    person: Person
    is_sighted: bool


class SqlDeskReader(SqlReader):
    """What `DeskReader` promises, in one connection's open transaction."""

    def __init__(self, connection: Connection, client: str, everybody: Everybody | None = None) -> None:
        """`everybody` remembers between readers who is there."""
        super().__init__(connection)
        self._client = client
        self._remembered = everybody

    def document(self, account_id: int) -> Document | None:
        """The stored text of an account; None where this client sees no such account."""
        found = self._texts(texts.DOCUMENT, self._client, account_id)
        return found[0] if found else None

    def documents(self, ids: Sequence[int]) -> list[Document]:
        """The stored texts of these accounts, in their order."""
        return [one for number in ids if (one := self.document(number)) is not None]

    def documents_called(self, wanted: Compare) -> list[Document] | None:
        """The stored texts of whoever has that id, username or id of the client; None for any other question."""
        if wanted.op != "eq" or not isinstance(wanted.value, str) or wanted.sub:
            return None
        if wanted.path == "username":
            key = case_key(wanted.value)
            return self._texts(texts.DOCUMENT_BY_USERNAME, self._client, key, key)
        if wanted.path == "externalid":
            return self._texts(texts.DOCUMENT_BY_EXTERNAL_ID, self._client, wanted.value)
        return None

    def documents_from(self, start: int, size: int, after: str | None = None) -> list[Document]:
        """The stored texts of a page of everybody in the order of ids: from the `start`-th on, or behind an id."""
        ids, _, _ = self._place(start, size, after)
        if not ids or _sparse(ids):
            return self.documents(ids)
        reach = ids[0], ids[-1]
        page = list(map(_document, rows_of(self._connection, texts.PAGE_OF_DOCUMENTS, reach)))
        if len(page) > len(ids):  # between them are accounts that this client does not see
            seen = set(ids)
            page = [one for one in page if one.account_id in seen]
        known_as: dict[int, str] = dict(rows_of(self._connection, texts.PAGE_OF_EXTERNAL_IDS, (self._client, *reach)))
        if known_as:
            page = [one._replace(external_id=known_as.get(one.account_id, "")) for one in page]
        return page

    def joined_from(self, start: int, size: int, after: str | None, opening: str) -> Joined | None:
        """The same texts joined by commas, each behind `opening`; None where one has to be made first."""
        ids, more, total = self._place(start, size, after)
        if not ids or _sparse(ids) or is_postgresql(self._connection):
            return None
        reach = ids[0], ids[-1]
        if rows_of(self._connection, texts.ANY_EXTERNAL_ID, (self._client, *reach)):
            asked = (opening, f",{opening[1:]}", self._client, *reach)
            [(found, ready, text)] = rows_of(self._connection, texts.JOINED_IDENTIFIED, asked)
        else:
            [(found, ready, text)] = rows_of(self._connection, texts.JOINED_DOCUMENTS, (f",{opening}", *reach))
            text = opening.encode() + (text or b"")
        return Joined(text, found, ids[-1], more, total) if found == ready == len(ids) else None

    def _place(self, start: int, size: int, after: str | None) -> tuple[Sequence[int], bool, int]:
        """The ids of a page of everybody, whether there are more behind it, and how many there are in all."""
        everybody = self._everybody()
        if after is not None:
            start = bisect_right(everybody, int(after))
        return everybody[start : start + size], start + size < len(everybody), len(everybody)

    def population(self) -> int:
        """How many accounts this client sees."""
        return len(self._everybody())

    def person(self, account_id: int) -> Person | None:
        """An account with all that belongs to it; None where this client sees no such account."""
        found = self._read(account_id)
        return found and found.person

    def _read(self, account_id: int) -> Read | None:
        row = next(fetch(self._connection, texts.PERSON, (account_id, mark(self._client))), None)
        if row is None:
            return None
        account = account_of(row)
        version, created, modified, kept, is_member, is_sighted = row[_WIDTH:]
        groups = self._memberships(account_id) if is_member else ()
        known_as = dict(account.external_ids).get(self._client, "") if account.external_ids else ""
        stamp = self._stamp(account, created, modified if version and abs(version) == account.version else None)
        person = Person(account, json.loads(kept) if kept else {}, known_as, groups, stamp)
        return Read(person, bool(is_sighted))

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

    def _texts(self, statement: str, *parameters: Any) -> list[Document]:
        return [
            Document(number, text or "", (text and etag) or "", external_id or "")
            for number, archived, archived_by, etag, text, external_id in rows_of(
                self._connection, statement, parameters
            )
            if not (archived and deleted_by(archived_by, self._client))
        ]

    def _memberships(self, account_id: int) -> tuple[Membership, ...]:
        return tuple(Membership(*one) for one in fetch(self._connection, texts.MEMBERSHIPS, (account_id,)))

    def _everybody(self) -> Sequence[int]:
        """The ids of everybody this client sees, in order."""
        if self._remembered is not None:
            return self._remembered.ids(self._connection, self._client)
        return ids_of_all(self._connection, self._client)

    def _stamp(self, account: Account, created: str | None, modified: str | None) -> Stamp:
        """When the account was made and last changed: as noted, else by the runs that did it."""
        if created is None or modified is None:
            first, last = next(fetch(self._connection, texts.TIMES_BY_RUNS, (account.id,)))
            created, modified = created or first or "", modified or last or ""
        return Stamp(moment_of(created) or _NEVER, moment_of(modified) or _NEVER)

    def _ids(self, query: Any, window: Window) -> tuple[str, ...]:
        page = query.limit(window.size)
        if window.start:
            page = page.offset(window.start)
        return tuple(str(number) for number in self._connection.scalars(page))


def _sparse(ids: Sequence[int]) -> bool:
    return ids[-1] - ids[0] > _SPARSE * len(ids)
