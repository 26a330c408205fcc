"""The roll: every account in memory, narrow, to be searched, sorted and paged at once however many there are."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from connector.domain.account import Account, UserType
from connector.domain.ports import Store
from connector.mapping.keys import fold_key, natural_key

PATCHED = 2_000
"""Up to so many changed accounts the roll is patched; beyond, it is read anew."""
_RECENT = 50


class Line(NamedTuple):
    """One account as the roll knows it: what it is found, filtered and sorted by."""

    id: int
    user_type: UserType
    username: str
    sis_code: str
    family_name: str
    given_names: str
    email: str
    archived: bool
    approved: bool
    locked_out: bool
    override: bool
    text: str


SORTS: dict[str, Callable[[Line], tuple[str, ...]]] = {
    "username": lambda one: (one.username,),
    "sis_code": lambda one: (one.sis_code, one.username),
    "family_name": lambda one: (one.family_name, one.given_names, one.username),
    "given_names": lambda one: (one.given_names, one.family_name, one.username),
    "email": lambda one: (one.email, one.username),
}
"""What the roll can be sorted by."""

STATES: dict[str, Callable[[Line], bool]] = {
    "live": lambda one: not one.archived,
    "not-approved": lambda one: not one.archived and not one.approved,
    "locked-out": lambda one: not one.archived and one.locked_out,
    "override": lambda one: not one.archived and one.override,
    "archived": lambda one: one.archived,
}
"""What the roll can be filtered by; anything else is everybody."""


class Query(NamedTuple):
    """Which accounts are wanted, in which order."""

    user_type: UserType = UserType.STUDENT
    text: str = ""
    state: str = ""
    sort: str = "username"
    descending: bool = False


class Found(NamedTuple):
    """How many accounts a query finds, those of one page, and how many there are in each state."""

    total: int
    accounts: list[Account]
    states: dict[str, int]


@dataclass(slots=True)
class _Order:
    """One user type in one order: its lines, and how many are in each state."""

    lines: list[Line]
    states: dict[str, int]


class Roll:
    """The roll of one store; `page` first looks whether any run changed accounts since."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._mark: tuple[tuple[int, str], ...] | None = None
        self._lines: dict[int, Line] = {}
        self._orders: dict[tuple[UserType, str], _Order] = {}
        self._counts: dict[UserType, int] = {}

    def counts(self) -> dict[UserType, int]:
        """How many accounts of each type there are."""
        self._refresh()
        if not self._counts:
            self._counts = dict.fromkeys(UserType, 0)
            for line in self._lines.values():
                self._counts[line.user_type] += 1
        return self._counts

    def page(self, query: Query, start: int, size: int) -> Found:
        """The accounts from the `start`-th (from 0) that the query finds, as they are in the store now."""
        self._refresh()
        order = self._order(query.user_type, query.sort)
        lines = list(_wanted(order.lines, query)) if query.text or query.state in STATES else order.lines
        if query.descending:
            lines = lines[::-1]
        with self._store.view() as accounts:
            found = [accounts.account(line.id) for line in lines[start : start + size]]
        return Found(len(lines), [one for one in found if one is not None], order.states)

    def everybody(self, query: Query) -> Iterator[Account]:
        """Every account the query finds, in its order."""
        self._refresh()
        lines = list(_wanted(self._order(query.user_type, query.sort).lines, query))
        with self._store.view() as accounts:
            for line in reversed(lines) if query.descending else lines:
                account = accounts.account(line.id)
                if account is not None:
                    yield account

    def _order(self, user_type: UserType, sort: str) -> _Order:
        key = (user_type, sort if sort in SORTS else "username")
        if key not in self._orders:
            mine = [line for line in self._lines.values() if line.user_type is user_type]
            mine.sort(key=SORTS[key[1]])
            states = {state: sum(map(holds, mine)) for state, holds in STATES.items()}
            self._orders[key] = _Order(mine, states)
        return self._orders[key]

    def _refresh(self) -> None:
        """Bring the roll up to date with what runs did since it was read."""
        mark = tuple((run.number, str(run.finished_at)) for run in self._store.runs()[:_RECENT])
        if mark == self._mark:
            return
        changed = self._changed(mark)
        with self._store.view() as accounts:
            if changed is None:
                everybody = (*accounts.accounts(), *accounts.system_accounts())
                self._lines = {one.id: _line(one) for one in everybody}
            else:
                for number in changed:
                    account = accounts.account(number)
                    if account is None:
                        self._lines.pop(number, None)
                    else:
                        self._lines[number] = _line(account)
        self._orders, self._counts, self._mark = {}, {}, mark

    def _changed(self, mark: tuple[tuple[int, str], ...]) -> Collection[int] | None:
        """The accounts that runs changed since; None where they are too many to tell, or unknown."""
        if self._mark is None:
            return None
        fresh = [number for number, _finished in set(mark) - set(self._mark)]
        if len(fresh) == len(mark) == _RECENT:
            return None
        return _within(PATCHED, (_ids(self._store, number) for number in fresh))


def _ids(store: Store, number: int) -> Iterator[int]:
    for outcome in store.outcomes(number):
        yield outcome.change.subject.id


def _within(most: int, groups: Iterable[Iterable[int]]) -> set[int] | None:
    found: set[int] = set()
    for group in groups:
        for number in group:
            found.add(number)
            if len(found) > most:
                return None
    return found


def _wanted(lines: Iterable[Line], query: Query) -> Iterable[Line]:
    holds = STATES.get(query.state)
    words = fold_key(query.text).split()
    if holds is not None:
        lines = filter(holds, lines)
    for word in words:
        lines = _holding(lines, word)
    return lines


def _holding(lines: Iterable[Line], word: str) -> Iterable[Line]:
    return (line for line in lines if word in line.text)


def _line(one: Account) -> Line:
    username, family, given = fold_key(one.username), fold_key(one.family_name), fold_key(one.given_names)
    email = fold_key(one.email)
    said = (username, fold_key(one.sis_code), given, family, email)
    return Line(
        one.id,
        one.user_type,
        username,
        natural_key(one.sis_code),
        family,
        given,
        email,
        one.archived,
        one.approved,
        one.locked_out,
        one.override_network_authentication,
        "\n".join(said),
    )
