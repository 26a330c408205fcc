"""Invented accounts, the changes made to them, and runs that make the changes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from connector.domain.account import Account, Grant
from connector.domain.plan import Action, Change
from connector.domain.ports import Clock, RunRequest, Store
from connector.store.open import Reach, open_store

DAWN = datetime(2026, 2, 2, 6, 0, tzinfo=UTC)
SYNC = RunRequest("sync", "cli", "tester")


class TickingClock:
    """A clock that moves on by a second each time it is read."""

    def __init__(self) -> None:
        """Start at DAWN."""
        self.now = DAWN

    def __call__(self) -> datetime:
        """The next moment."""
        self.now += timedelta(seconds=1)
        return self.now


class Address(NamedTuple):
    """Where a store is, as three words that another process can be given."""

    url: str
    schema: str = ""
    key_file: str = "trackone.key"

    def opened(self, clock: Clock) -> Store:
        """The store there."""
        return open_store(self.url, clock, Reach(self.schema, key_file=Path(self.key_file)))


def student(username: str, sis_code: str = "", **more: object) -> Account:
    """A Student account with the usual role."""
    grants = (Grant("Student Security", "rule:default"),)
    return Account(username, sis_code, roles=("Student Security",), grants=grants)._replace(**more)


def create(account: Account) -> Change:
    """The change that makes the account."""
    return Change(Action.CREATE, None, account, (), ("new in the SIS",))


def update(before: Account, **values: object) -> Change:
    """The change that sets these fields."""
    return Change(Action.UPDATE, before, before._replace(**values), tuple(values), ("differs from the SIS",))


def rename(before: Account, username: str) -> Change:
    """The change that gives another username."""
    return update(before, username=username)._replace(action=Action.RENAME)


def archive(before: Account) -> Change:
    """The change that archives, as a sync does."""
    return update(before, archived=True, archived_by="sync")._replace(action=Action.ARCHIVE)


def remove(before: Account) -> Change:
    """The change that removes, as an undo does."""
    return Change(Action.REMOVE, before, None)


def inverse(change: Change) -> Change:
    """The change that undoes a change nobody built upon."""
    if change.before is None:
        return remove(change.after)
    if change.after is None:
        return create(change.before)
    return Change(Action.UPDATE, change.after, change.before)


def run(store: Store, *changes: Change, undoes: int | None = None, **more: object) -> list[int]:
    """Write the changes in one call of a run of their own; returns the ids."""
    with store.run(SYNC._replace(undoes=undoes)) as writer:
        return writer.write(changes, **more)


def undo(store: Store, number: int) -> None:
    """Undo a run in a run of its own, the last change first."""
    changes = [inverse(outcome.change) for outcome in store.outcomes(number)]
    run(store, *reversed(changes), undoes=number)


def by_name(store: Store) -> dict[str, Account]:
    """The accounts by username."""
    with store.view() as view:
        return {account.username: account for account in view.accounts()}


def names(store: Store) -> dict[str, list[str]]:
    """Each account's username with the former ones reserved for it."""
    with store.view() as view:
        return {account.username: view.retired_names(account.id) for account in view.accounts()}


OpenStore = Callable[[], Store]
