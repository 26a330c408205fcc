"""What others did at a service, as changes of the accounts here."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from connector.domain.account import PERSON, Account, Grant, UserType, effective_roles
from connector.domain.plan import Action, Change
from connector.domain.ports import AccountReader
from connector.mapping.keys import case_key, fold_key
from connector.store.remote_target import Target
from connector.store.remote_user import Facts, RemoteUser, account_of, facts_of

_TAKEN = ("username", "family_name", "given_names", "email", "active", "roles", "year_level", "campus")


class Known(NamedTuple):
    """The accounts here by SIS code and by username."""

    by_code: Mapping[str, Account]
    by_name: Mapping[str, Account]

    @classmethod
    def over(cls, accounts: AccountReader) -> "Known":
        """All accounts; of several with one code the student's."""
        every = sorted(accounts.accounts(), key=lambda one: one.user_type is UserType.STUDENT)
        codes = {fold_key(one.sis_code): one for one in every if one.sis_code}
        return cls(codes, {case_key(one.username): one for one in every})

    def names(self, facts: Facts) -> bool:
        """Whether an account has this username: of several users with its SIS code, that one is its user."""
        return case_key(facts.username) in self.by_name

    def of(self, facts: Facts) -> Account | None:
        """Whose user it is: by the SIS code the service keeps, else by the username, if nothing speaks against it."""
        code = fold_key(facts.sis_code or facts.external_id)
        named = self.by_name.get(case_key(facts.username))
        if named is not None and (not code or not named.sis_code or fold_key(named.sis_code) == code):
            return named
        return self.by_code.get(code) if code else None


def drift(accounts: AccountReader, target: Target, strangers: Iterable[RemoteUser]) -> list[Change]:
    """The changes that make the accounts here what the users there are, as far as they can be.

    A name that is held or reserved here for somebody else is not taken over, nor is a SIS code that another has:
    such a user is left as known here, or unknown.
    """
    every = list(accounts.accounts())
    changes = [change for one in every if (change := drifted(one, target)) is not None]
    codes = {fold_key(one.sis_code) for one in every if one.sis_code}
    changes += [_found(user, codes) for user in strangers if user.facts.username]
    return _possible(changes, accounts)


def drifted(account: Account, target: Target) -> Change | None:
    """What somebody changed at the service since the last look, as a change here; None for nothing."""
    user = target.users.get(account.id)
    if user is None:
        if not account.live:
            return None
        after = account._replace(archived=True, archived_by=PERSON)
        return Change(Action.ARCHIVE, account, after, ("archived",), ("gone from the service",))
    here, there = facts_of(account, extended=target.extended), user.facts
    return _changed(account, there, [name for name in _TAKEN if getattr(here, name) != getattr(there, name)])


def _changed(account: Account, there: Facts, names: Iterable[str]) -> Change | None:
    """The account with these values of the user; None for none."""
    changed = tuple(names)
    if not changed:
        return None
    action = Action.RENAME if "username" in changed else Action.UPDATE
    return Change(action, account, _as_there(account, there, changed), changed, ("changed at the service",))


def _found(user: RemoteUser, codes: set[str]) -> Change:
    """A user whom nobody here knows, as an account; a code counts for the first who has it."""
    account = account_of(user.facts)
    code = fold_key(account.sis_code)
    if code in codes:
        account = account._replace(sis_code="")
    codes.add(code)
    return Change(Action.CREATE, None, account, (), ("found at the service",))


def _possible(changes: list[Change], accounts: AccountReader) -> list[Change]:
    """The changes without the names that somebody here holds or has reserved, unless it gives them up."""
    wanted = {fold_key(change.after.username) for change in changes if change.after is not None}
    holders = accounts.holders(wanted)
    while True:
        leaving = {change.subject.id for change in changes if change.action is Action.RENAME}
        possible: list[Change] = []
        seen: set[str] = set()
        for change in changes:
            key = fold_key(change.username)
            holder = holders.get(key)
            free = holder is None or holder.account_id == change.subject.id
            free = free or (holder is not None and not holder.retired and holder.account_id in leaving)
            if change.action not in (Action.CREATE, Action.RENAME) or (free and key not in seen):
                possible.append(change)
                seen.add(key)
            elif (rest := _without_name(change)) is not None:
                possible.append(rest)
        if possible == changes:
            return changes
        changes = possible


def _without_name(change: Change) -> Change | None:
    if change.before is None or change.after is None:
        return None
    changed = tuple(name for name in change.changed if name != "username")
    after = change.after._replace(username=change.before.username)
    return change._replace(action=Action.UPDATE, after=after, changed=changed) if changed else None


def _as_there(account: Account, there: Facts, changed: tuple[str, ...]) -> Account:
    makers: Mapping[str, Callable[[Account], Account]] = {
        "active": lambda one: _activated(one, active=there.active),
        "roles": lambda one: _with_roles(one, there.roles),
        "email": lambda one: one._replace(email=there.email, email_by=PERSON),
    }
    for name in changed:
        plain = {name: getattr(there, name)}
        account = makers[name](account) if name in makers else account._replace(**plain)
    return account


def _activated(account: Account, *, active: bool) -> Account:
    if active:
        return account._replace(approved=True, archived=False, archived_by="", disabled_by="")
    return account._replace(approved=False, disabled_by=PERSON)


def _with_roles(account: Account, roles: tuple[str, ...]) -> Account:
    kept = tuple(grant for grant in account.grants if grant.role in roles)
    given = tuple(Grant(role, PERSON) for role in roles if role not in {grant.role for grant in kept})
    denies = tuple(deny for deny in account.denies if deny.role not in roles)
    grants = kept + given
    return account._replace(grants=grants, denies=denies, roles=effective_roles(grants, denies))
