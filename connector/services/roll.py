"""The roll: every account in memory, narrow, to be searched, sorted and paged at once however many there are."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple

from connector.domain.account import Account, UserType
from connector.domain.ports import Store
from connector.mapping.keys import fold_key, natural_key, search_words

PATCHED = 2_000
"""Up to so many changed accounts the roll is patched; beyond, it is read anew."""
REMEMBERED = 8
"""So many searches of an order are remembered, for the pages of each."""
CHUNK = 500


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


Mark = tuple[tuple[int, str], ...]
"""The latest runs with when each last wrote: what tells whether accounts have changed."""


@dataclass(slots=True)
class _Order:
    """One user type in one order; `texts` go with the lines, `found` remembers the latest searches."""

    lines: list[Line]
    texts: list[str]
    states: dict[str, int]
    found: dict[tuple[str, str], list[Line]] = field(default_factory=dict)

    def wanted(self, state: str, text: str) -> list[Line]:
        """The lines in a state that hold every word."""
        words = search_words(text)
        if not words and state not in STATES:
            return self.lines
        key = (state, " ".join(words))
        if key not in self.found:
            lines = self._holding(words[0]) if words else self.lines
            for word in words[1:]:
                lines = [line for line in lines if word in line.text]
            self.found = dict([*self.found.items()][-REMEMBERED:])
            self.found[key] = list(filter(STATES[state], lines)) if state in STATES else lines
        return self.found[key]

    def _holding(self, word: str) -> list[Line]:
        return [self.lines[place] for place, text in enumerate(self.texts) if word in text]


class Roll:
    """The roll of one store. `mark` tells of the latest runs; the roll is brought up to date whenever it changes."""

    def __init__(self, store: Store, mark: Callable[[], Mark]) -> None:
        self._store = store
        self._latest = mark
        self._lock = Lock()
        self._mark: Mark | None = None
        self._lines: dict[int, Line] = {}
        self._orders: dict[tuple[UserType, str], _Order] = {}
        self._counts: dict[UserType, int] = {}

    def counts(self) -> dict[UserType, int]:
        """How many accounts of each type there are."""
        with self._lock:
            self._refresh()
            return self._counts

    def page(self, query: Query, start: int, size: int) -> Found:
        """The accounts from the `start`-th (from 0) that the query finds, as they are in the store now."""
        lines, states = self._find(query)
        count = len(lines)
        places = range(count - 1, -1, -1) if query.descending else range(count)
        shown = [lines[place].id for place in places[start : start + size]]
        with self._store.view() as accounts:
            found = {one.id: one for one in accounts.accounts_with(shown)}
        return Found(count, [found[number] for number in shown if number in found], states)

    def numbers(self, query: Query) -> dict[UserType, int]:
        """How many accounts of each type hold the query's text, whatever their state."""
        return {kind: len(self._find(query._replace(user_type=kind, state=""))[0]) for kind in UserType}

    def everybody(self, query: Query) -> Iterator[Account]:
        """Every account the query finds, in its order."""
        lines, _states = self._find(query)
        numbers = [line.id for line in (reversed(lines) if query.descending else lines)]
        with self._store.view() as accounts:
            for start in range(0, len(numbers), CHUNK):
                some = numbers[start : start + CHUNK]
                found = {one.id: one for one in accounts.accounts_with(some)}
                yield from (found[number] for number in some if number in found)

    def _find(self, query: Query) -> tuple[list[Line], dict[str, int]]:
        with self._lock:
            self._refresh()
            order = self._order(query.user_type, query.sort)
            return order.wanted(query.state, query.text), order.states

    def _order(self, user_type: UserType, sort: str) -> _Order:
        key = (user_type, sort if sort in SORTS else "username")
        if key not in self._orders:
            mine = [line for line in self._lines.values() if line.user_type is user_type]
            mine.sort(key=SORTS[key[1]])
            states = {state: sum(map(holds, mine)) for state, holds in STATES.items()}
            self._orders[key] = _Order(mine, [line.text for line in mine], states)
        return self._orders[key]

    def _refresh(self) -> None:
        """Bring the roll up to date with what runs did since it was read."""
        mark = self._latest()
        if mark == self._mark:
            return
        changed = self._changed(mark)
        with self._store.view() as accounts:
            if changed is None:
                everybody = (*accounts.accounts(), *accounts.system_accounts())
                self._lines = {one.id: _line(one) for one in everybody}
            else:
                self._lines = {number: line for number, line in self._lines.items() if number not in changed}
                self._lines |= {one.id: _line(one) for one in accounts.accounts_with(list(changed))}
        counts = Counter(line.user_type for line in self._lines.values())
        self._counts = {kind: counts[kind] for kind in UserType}
        self._orders, self._mark = {}, mark

    def _changed(self, mark: Mark) -> Collection[int] | None:
        """The accounts that runs changed since; None where they are too many to tell, or unknown."""
        if self._mark is None:
            return None
        fresh = [number for number, _finished in set(mark) - set(self._mark)]
        if len(fresh) == len(mark):
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
