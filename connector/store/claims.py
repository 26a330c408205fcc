"""Whether the changes of one call may be done: every row as it was, every name and code free for the taking."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection

from connector.domain.account import Account
from connector.domain.errors import PlanError, StoreError
from connector.domain.plan import Change
from connector.store import statements
from connector.store.codec import Keys, Row, account_keys
from connector.store.statements import fetch_by_key

_NAMED = 10
"""How many taken names one message lists."""


class Standing(NamedTuple):
    """How an account stands before the call: its version and what it holds."""

    account_id: int
    version: int
    user_type: str
    username: str
    keys: Keys


@dataclass(slots=True)
class Claims:
    """What the changes of one call claim and give up.

    `names` and `codes` say which account wants a key; new accounts have ids from `next_id` on. `moved` holds the
    accounts that leave a name or a code, with those that are `removed`; `destinations` are the rows that give
    the others their new keys.
    """

    next_id: int
    names: dict[str, int] = field(default_factory=dict)
    codes: dict[tuple[str, str], int] = field(default_factory=dict)
    altered: list[int] = field(default_factory=list)
    moved: dict[int, Standing] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)
    destinations: list[Row] = field(default_factory=list)

    def create(self, account: Account) -> None:
        """A new account, under the next id."""
        self._want(self.next_id, account, account_keys(account))
        self.next_id += 1

    def alter(self, standing: Standing, account: Account) -> None:
        """Another state of an account."""
        self.altered.append(standing.account_id)
        keys = account_keys(account)
        user_type = str(account.user_type)
        if keys != standing.keys or user_type != standing.user_type:
            self.moved[standing.account_id] = standing
            self.destinations.append((user_type, *keys, standing.account_id))
            self._want(standing.account_id, account, keys)

    def remove(self, standing: Standing) -> None:
        """The end of an account."""
        self.moved[standing.account_id] = standing
        self.removed.add(standing.account_id)

    def parked(self) -> list[Row]:
        """Keys that nobody has, for the accounts that leave theirs: so that names can go round in a circle."""
        return [(f"\x01{account_id}", account_id) for account_id in self.moved]

    def given_up(self) -> list[Standing]:
        """The accounts that stay and leave a name which no other change takes."""
        staying = (one for one in self.moved.values() if one.account_id not in self.removed)
        return [one for one in staying if one.keys.name_key not in self.names]

    def _want(self, account_id: int, account: Account, keys: Keys) -> None:
        name_key, _, code_key = keys
        if self.names.setdefault(name_key, account_id) != account_id:
            raise StoreError(f"two changes of one run want the username {account.username}; nothing was written")
        kind = str(account.user_type)
        if code_key is not None and self.codes.setdefault((kind, code_key), account_id) != account_id:
            raise StoreError(f"two changes of one run want the SIS code {account.sis_code}; nothing was written")


def claim(connection: Connection, changes: Sequence[Change], next_id: int) -> Claims:
    """What the changes claim, with ids from `next_id` for new accounts.

    Raises PlanError that names every row which is no longer what its change was made for.
    """
    standings = _standings(connection, changes)
    claims = Claims(next_id)
    for change in changes:
        if change.before is None:
            claims.create(change.subject)
        elif change.after is None:
            claims.remove(standings[change.before.id])
        else:
            claims.alter(standings[change.before.id], change.after)
    return claims


def refuse_taken(connection: Connection, claims: Claims) -> list[Row]:
    """The reservations that end because their own account takes the name back.

    Raises StoreError that names who holds or has reserved a name or a code which a change wants.
    """
    own: list[Row] = []
    taken = list(_held(connection, claims))
    for _, username, sis_code, _, archived, *reservation in fetch_by_key(
        connection, statements.RESERVERS_BY_NAME, claims.names
    ):
        name_key, _, _, owner, _ = reservation
        if owner == claims.names[name_key]:
            own.append(tuple(reservation))
        elif owner not in claims.removed:
            who = called(username, sis_code, archived=archived)
            taken.append(f"the username {name_key} is reserved for {who}, who had it before")
    if taken:
        more = f"; and {len(taken) - _NAMED} more" if len(taken) > _NAMED else ""
        raise StoreError(f"{'; '.join(taken[:_NAMED])}{more}; nothing was written", hint="make a new plan")
    return own


def called(username: str, sis_code: str, *, archived: bool = False) -> str:
    """An account in a message: its username, its SIS code where it has one, and whether it is archived."""
    facts = [*([f"SIS code {sis_code}"] if sis_code else []), *(["archived"] if archived else [])]
    return f"{username} ({', '.join(facts)})" if facts else username


def _standings(connection: Connection, changes: Sequence[Change]) -> dict[int, Standing]:
    expected = [change.before for change in changes if change.before is not None]
    rows = fetch_by_key(connection, statements.STANDINGS_BY_ID, (account.id for account in expected))
    found = {row[0]: Standing._make((*row[:4], Keys._make(row[4:]))) for row in rows}
    drifted = [one for one in expected if one.id not in found or found[one.id].version != one.version]
    if drifted:
        names = ", ".join(called(one.username, one.sis_code) for one in drifted)
        raise PlanError(f"changed since the plan was made: {names}; nothing was written", hint="make a new plan")
    if len(found) < len(expected):
        raise StoreError("two changes of one call touch the same account; nothing was written")
    return found


def _held(connection: Connection, claims: Claims) -> Iterator[str]:
    for key, who in _others(connection, statements.HOLDERS_BY_NAME, claims.names, claims):
        yield f"the username {key} is held by {who}"
    by_type: dict[str, dict[str, int]] = {}
    for (user_type, code), account_id in claims.codes.items():
        by_type.setdefault(user_type, {})[code] = account_id
    for user_type, codes in by_type.items():
        for key, who in _others(connection, statements.HOLDERS_BY_CODE, codes, claims, user_type):
            yield f"the SIS code {key} is held by {who}"


def _others(
    connection: Connection, statement: str, wanted: Mapping[str, int], claims: Claims, *parameters: str
) -> Iterator[tuple[str, str]]:
    """Who has a wanted key, is not the account that wants it, and does not leave it in the same call."""
    for account_id, username, sis_code, _, archived, key in fetch_by_key(connection, statement, wanted, *parameters):
        if account_id != wanted[key] and account_id not in claims.moved:
            yield key, called(username, sis_code, archived=archived)
