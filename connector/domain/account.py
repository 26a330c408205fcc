"""One row of the TrackOne user store."""

from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple


class UserType(StrEnum):
    """The four kinds of TrackOne account; System accounts are the product's own."""

    STUDENT = "Student"
    STAFF = "Staff"
    PARENT = "Parent"
    SYSTEM = "System"


SYNC = "sync"
PERSON = "person"


class Grant(NamedTuple):
    """A role somebody gave (or denied): which role, who (`rule:NAME`, `scim:CLIENT`, `person`)."""

    role: str
    by: str


class Sighting(NamedTuple):
    """What the applied syncs remember of an account, beside the account itself.

    `digest` is a 64-bit digest of the SIS row and rules under which nothing was left to do, None where there
    is none; it holds until the day `until` (None: for ever) and only while the account's version is `version`.
    `missing_reads` counts consecutive complete reads without the code. `baseline` says that the last applied
    read showed the student as active and in scope.
    """

    digest: int | None = None
    version: int = 0
    until: date | None = None
    missing_reads: int = 0
    baseline: bool = False


class Account(NamedTuple):
    """A TrackOne account: the columns of its users table, then what the connector keeps beside them.

    `roles` are the effective roles, sorted: the union of `grants` less the `denies`. `archived_by` and
    `disabled_by` are "", `sync`, `scim:CLIENT` or `person`; where several SCIM clients deleted an account, commas
    part them in `archived_by`. `email_by` names who wrote the e-mail last.
    `claimed` is true once a SIS row carried this account's code (rules.md 4). `stable_id` is the directory's
    durable id of the person last linked. `version` counts the writes to the row; 0 means not stored yet.
    """

    username: str
    sis_code: str = ""
    user_type: UserType = UserType.STUDENT
    family_name: str = ""
    given_names: str = ""
    email: str = ""
    roles: tuple[str, ...] = ()
    approved: bool = True
    locked_out: bool = False
    override_network_authentication: bool = False
    archived: bool = False
    year_level: str = ""
    campus: str = ""
    external_ids: tuple[tuple[str, str], ...] = ()
    grants: tuple[Grant, ...] = ()
    denies: tuple[Grant, ...] = ()
    archived_by: str = ""
    disabled_by: str = ""
    email_by: str = ""
    claimed: bool = False
    stable_id: str = ""
    last_sign_in: datetime | None = None
    id: int = 0
    version: int = 0

    @property
    def live(self) -> bool:
        """Not archived."""
        return not self.archived


EXPORT_KEYS = (
    "username",
    "sis_code",
    "user_type",
    "family_name",
    "given_names",
    "email",
    "roles",
    "approved",
    "locked_out",
    "override_network_authentication",
    "archived",
    "year_level",
    "campus",
    "external_id",
    "external_ids",
)


def export(account: Account) -> dict[str, Any]:
    """The account as `trackone accounts export` shows it, in the order of EXPORT_KEYS.

    `external_id` is the only entry of `external_ids`, or None (rules.md 34).
    """
    ids = account.external_ids
    return {
        "username": account.username,
        "sis_code": account.sis_code,
        "user_type": str(account.user_type),
        "family_name": account.family_name,
        "given_names": account.given_names,
        "email": account.email,
        "roles": list(account.roles),
        "approved": account.approved,
        "locked_out": account.locked_out,
        "override_network_authentication": account.override_network_authentication,
        "archived": account.archived,
        "year_level": account.year_level,
        "campus": account.campus,
        "external_id": ids[0][1] if len(ids) == 1 else None,
        "external_ids": dict(ids),
    }


@lru_cache(4096)
def effective_roles(grants: tuple[Grant, ...], denies: tuple[Grant, ...] = ()) -> tuple[str, ...]:
    """The union of what was granted less what was denied, sorted (rules.md 17)."""
    denied = {deny.role for deny in denies}
    return tuple(sorted({grant.role for grant in grants} - denied))


class Holder(NamedTuple):
    """Who holds or has reserved a username: the account, and whether the name is only a retired one.

    `since` is when a retired name was given up, None where nobody knows.
    """

    account_id: int
    username: str
    sis_code: str
    user_type: UserType
    archived: bool
    retired: bool
    since: datetime | None = None
