"""Doing the changes of a run at the service: one after the other, each outcome kept before the next."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from connector.domain.account import Account
from connector.domain.plan import Change
from connector.domain.run import Outcome
from connector.mapping.keys import case_key
from connector.store.remote_client import InDoubtError, RefusedError, ScimClient
from connector.store.remote_user import RemoteUser, document_of, facts_of, patch_of, user_of

_TRIES = 3


class Refusal(NamedTuple):
    """A change that the service would not do, and its words."""

    change: Change
    account_id: int
    words: str


@dataclass
class Target:
    """The users of the service by the id of the account here, and who has which username there."""

    client: ScimClient
    extended: bool
    users: dict[int, RemoteUser] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def keep(self, account_id: int, user: RemoteUser) -> None:
        """Remember what the service says of an account's user."""
        before = self.users.get(account_id)
        if before is not None and self.names.get(case_key(before.facts.username)) == before.id:
            del self.names[case_key(before.facts.username)]
        self.users[account_id] = user
        self.names[case_key(user.facts.username)] = user.id

    def forget(self, account_id: int) -> None:
        """The account has no user any more."""
        user = self.users.pop(account_id)
        self.names.pop(case_key(user.facts.username), None)

    def blocked(self, account_id: int, after: Account | None) -> bool:
        """Whether another user has the username that the account is to get."""
        if after is None:
            return False
        holder = self.names.get(case_key(after.username))
        own = self.users.get(account_id)
        return holder is not None and (own is None or holder != own.id)


def push(target: Target, outcomes: Iterable[Outcome], note: Callable[[Outcome], None]) -> list[Refusal]:
    """Do the changes at the service; `note` is told of each before the next. Gives what the service refused.

    A change waits for another to give up the username it needs; where they wait in a circle, one user gets a
    passing name. Raises OutageError where the service cannot be used: the rest is left for the next run.
    """
    refusals: list[Refusal] = []
    waiting = list(outcomes)
    while waiting:
        held: list[Outcome] = []
        for outcome in waiting:
            account_id = _id(outcome.change)
            if target.blocked(account_id, outcome.change.after) and len(waiting) > 1:
                held.append(outcome)
                continue
            try:
                _do(target, account_id, outcome.change)
            except RefusedError as error:
                refusals.append(Refusal(outcome.change, account_id, error.message))
            note(outcome)
        if len(held) == len(waiting):
            held = _part(target, held, refusals, note)
        waiting = held
    return refusals


def _id(change: Change) -> int:
    return change.subject.id


def _do(target: Target, account_id: int, change: Change) -> None:
    """Make the user what the account is after the change. Raises RefusedError and OutageError."""
    user = target.users.get(account_id)
    if change.after is None:
        if user is not None:
            target.client.send("DELETE", f"Users/{user.id}")
            target.forget(account_id)
    elif user is None:
        _create(target, account_id, change.after)
    else:
        _update(target, account_id, user, change.after)


def _create(target: Target, account_id: int, account: Account) -> None:
    facts = facts_of(account, extended=target.extended)
    for _ in range(_TRIES):
        try:
            answer = target.client.send("POST", "Users", document_of(facts, extended=target.extended))
        except InDoubtError:
            found = _look_up(target, account)
            if found is not None:
                target.keep(account_id, found)
                _update(target, account_id, found, account)
                return
        else:
            target.keep(account_id, user_of(answer.document, extended=target.extended))
            return
    raise RefusedError("no answer to the creation, and no such user is there", 0)


def _look_up(target: Target, account: Account) -> RemoteUser | None:
    """The user that a creation made after all: found by the SIS code, or by the username where there is none."""
    attribute, value = ("externalId", account.sis_code) if account.sis_code else ("userName", account.username)
    found = target.client.find(attribute, value)
    return user_of(found[0], extended=target.extended) if len(found) == 1 else None


def _update(target: Target, account_id: int, user: RemoteUser, account: Account) -> None:
    """PATCH what differs, if the user is still as it was seen; else look again, once."""
    for last in (False, True):
        patch = patch_of(user.facts, facts_of(account, extended=target.extended))
        if patch is None:
            return
        try:
            answer = target.client.send("PATCH", f"Users/{user.id}", patch, etag=user.etag)
        except RefusedError as error:
            if error.status != 412 or last:
                raise
            user = user_of(target.client.get(f"Users/{user.id}"), extended=target.extended)
            target.keep(account_id, user)
            continue
        document = answer.document or target.client.get(f"Users/{user.id}")
        target.keep(account_id, user_of(document, extended=target.extended))
        return


def _part(
    target: Target, held: list[Outcome], refusals: list[Refusal], note: Callable[[Outcome], None]
) -> list[Outcome]:
    """Break a circle of changes that wait for each other's names; without one, refuse the first that waits."""
    wanted = {case_key(outcome.change.username) for outcome in held}
    for outcome in held:
        user = target.users.get(_id(outcome.change))
        if user is None or case_key(user.facts.username) not in wanted:
            continue
        passing = user.facts._replace(username=f"{user.facts.username}-{user.id[:8]}-moving")
        patch = patch_of(user.facts, passing)
        if patch is not None:
            answer = target.client.send("PATCH", f"Users/{user.id}", patch)
            document = answer.document or target.client.get(f"Users/{user.id}")
            target.keep(_id(outcome.change), user_of(document, extended=target.extended))
            return held
    first, *rest = held
    words = f"the username {first.change.username} belongs to a user whom nothing here may move"
    refusals.append(Refusal(first.change, _id(first.change), words))
    note(first)
    return rest
