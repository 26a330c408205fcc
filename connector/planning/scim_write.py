"""What a SCIM client's wish makes of an account, attribute by attribute.

What the SIS owns of an account that a SIS row has claimed is left as it is and named; the rest is done.
"""

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from connector.domain.account import EXPORT_KEYS, Account, Grant, UserType, effective_roles, export
from connector.domain.plan import WITHOUT_COLUMN, Action, Change
from connector.domain.scim import Authority, Caller, Person, ScimRules, Wanted
from connector.mapping.roles import DEFAULT
from connector.planning.scim_roles import ScimRoleBook


class ScimWrites(NamedTuple):
    """The rules by which writes are judged. `locally`: a new account signs in with a password of its own."""

    book: ScimRoleBook
    rules: ScimRules
    locally: bool

    def new_account(self, caller: Caller, wanted: Wanted) -> Account:
        """The account that a client asks for, where there is none yet."""
        by = f"scim:{caller.client}"
        override = wanted.override_network_authentication
        account = Account(
            username=wanted.username,
            sis_code=wanted.sis_code,
            user_type=wanted.user_type or UserType.STUDENT,
            family_name=wanted.family_name,
            given_names=wanted.given_names,
            email=wanted.email,
            approved=wanted.active,
            locked_out=wanted.locked_out,
            override_network_authentication=self.locally if override is None else override,
            year_level=wanted.year_level,
            campus=wanted.campus,
            external_ids=((caller.client, wanted.external_id),) if wanted.external_id else (),
            disabled_by="" if wanted.active else by,
            email_by=by if wanted.email else "",
        )
        given = self.book.default if account.user_type is UserType.STUDENT else ()
        account = account._replace(grants=tuple(Grant(role, DEFAULT) for role in sorted(given)))
        return self.with_roles(caller, account, wanted.role_names)

    def revised(self, caller: Caller, person: Person, wanted: Wanted) -> tuple[Account, tuple[str, ...]]:
        """The account with what this client may say of it, and the names of what is the SIS's."""
        before, by = person.account, f"scim:{caller.client}"
        if wanted.user_type is None:
            wanted = wanted._replace(user_type=before.user_type)
        theirs = _owned_by_sis(self.rules.authority) if before.claimed else _NOTHING
        ignored = tuple(name for name, keys in theirs.items() if any(_differs(before, wanted, key) for key in keys))
        kept = {key for keys in theirs.values() for key in keys}
        told = {key: getattr(wanted, key) for key in _differing(before, wanted) if key not in kept}
        if wanted.external_id != person.external_id:
            if "external_id" in kept:
                ignored = (*ignored, "externalId")
            else:
                told["external_ids"] = _with_id(before, caller.client, wanted.external_id)
        override = wanted.override_network_authentication
        if override is not None and override != before.override_network_authentication:
            told["override_network_authentication"] = override
        if "email" in told:
            told["email_by"] = by if told["email"] else ""
        active = before.approved and before.live
        if wanted.active != active and "active" not in kept:
            if before.archived:
                ignored = (*ignored, "active")
            else:
                told |= {"approved": wanted.active, "disabled_by": "" if wanted.active else by}
        names = (*wanted.role_names, *(group.display_name for group in person.groups))
        return self.with_roles(caller, before._replace(**told) if told else before, names), ignored

    def with_roles(self, caller: Caller, account: Account, names: Collection[str]) -> Account:
        """The account with the roles that its SCIM roles and groups give, and without those they no longer give.

        A client that may not touch protected roles leaves those that another has given as they are.
        """
        protected = "protected" in caller.scopes
        roles = frozenset(self.book.roles(account, names, protected=protected))
        theirs = () if protected else from_scim(account)
        if theirs:
            roles |= self.book.protected(account).intersection(theirs)
        grants = _granted(account.grants, roles, f"scim:{caller.client}")
        granted = effective_roles(grants, account.denies)
        same = grants == account.grants and granted == account.roles
        return account if same else account._replace(grants=grants, roles=granted)


SURVIVING = ("sis_code", "family_name", "given_names", "email", "year_level", "campus")
"""What an account keeps through its deletion, unless the request that restores it says otherwise."""

_PLAIN = (
    *("username", "sis_code", "user_type", "family_name", "given_names", "email", "locked_out"),
    *("year_level", "campus"),
)
_plain = attrgetter(*_PLAIN)


_EXPORTED = tuple(key for key in EXPORT_KEYS if key != "external_id")
"""What the export shows of the columns as it is; `external_id` stands before them in `external_ids`."""
_exported = attrgetter(*_EXPORTED)

_NOTHING: Mapping[str, tuple[str, ...]] = {}


@lru_cache(maxsize=8)
def _owned_by_sis(authority: Authority) -> Mapping[str, tuple[str, ...]]:
    """What of an account that a SIS row has claimed is the SIS's, by the name clients know it under."""
    sides = {
        "userName": (authority.username, ("username",)),
        "name": (authority.names, ("family_name", "given_names")),
        "emails": (authority.email, ("email",)),
        "active": (authority.active, ("active",)),
        "sisCode": (authority.sis_code, ("sis_code",)),
        "userType": (True, ("user_type",)),
        "yearLevel": (authority.year, ("year_level",)),
        "campus": (authority.campus, ("campus",)),
        "externalId": (authority.external_id, ("external_id",)),
    }
    return {name: keys for name, (sis, keys) in sides.items() if sis}


def _differing(before: Account, wanted: Wanted) -> list[str]:
    """Of the attributes that have a column of their own, those that are wanted otherwise."""
    pairs = zip(_PLAIN, _plain(before), _plain(wanted), strict=True)
    return [key for key, is_now, is_wanted in pairs if is_now != is_wanted]


def _differs(before: Account, wanted: Wanted, key: str) -> bool:
    if key == "external_id":
        return False  # each client has its own: compared where the client is known
    now = before.approved and before.live if key == "active" else getattr(before, key)
    return bool(getattr(wanted, key) != now)


@lru_cache(maxsize=1024)
def _granted(grants: tuple[Grant, ...], roles: frozenset[str], by: str) -> tuple[Grant, ...]:
    """The grants, of which those that SCIM clients gave are these roles now; a new one is given `by` this client."""
    others = (grant for grant in grants if not grant.by.startswith("scim:"))
    givers = {grant.role: grant.by for grant in grants if grant.by.startswith("scim:")}
    return tuple(sorted((*others, *(Grant(role, givers.get(role, by)) for role in roles))))


def from_scim(account: Account) -> dict[str, str]:
    """The roles that SCIM clients gave, each with who did."""
    return {grant.role: grant.by for grant in account.grants if grant.by.startswith("scim:")}


def _with_id(account: Account, client: str, external_id: str) -> tuple[tuple[str, str], ...]:
    others = tuple(pair for pair in account.external_ids if pair[0] != client)
    return tuple(sorted((*others, (client, external_id)))) if external_id else others


def known_to_sis(account: Account) -> bool:
    """Whether the account has a code of the SIS, claimed or not: such a one is restored, never made again."""
    return account.claimed or bool(account.sis_code)


def _changed(before: Account, after: Account) -> Iterator[str]:
    """The keys of the export that differ."""
    for key, was, now in zip(_EXPORTED, _exported(before), _exported(after), strict=True):
        if was != now:
            if key == "external_ids" and export(before)["external_id"] != export(after)["external_id"]:
                yield "external_id"
            yield key


def change_of(before: Account, after: Account, why: str, *, other: bool = False) -> Change:
    """The change from one image to another; `other` says that what no column holds changed too."""
    changed = tuple(_changed(before, after))
    if other:
        changed = (*changed, WITHOUT_COLUMN)
    if after.archived and not before.archived:
        action = Action.ARCHIVE
    elif before.archived and not after.archived:
        action = Action.RESTORE
    else:
        action = Action.RENAME if "username" in changed else Action.UPDATE
    return Change(action, before, after, changed, (why,))
