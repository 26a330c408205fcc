"""One person of the school directory (LDAP), and how complete a read of it was."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple


class DirectoryEntry(NamedTuple):
    """An LDAP person, as Active Directory, OpenLDAP or an LDIF export tells it; text is decoded, not folded.

    `key` is the attribute that holds the SIS code, `stable_id` objectGUID or entryUUID in lower-case text.
    `locked` and `password_expired` mean what the server means (directory.md 3). Times are UTC, None where
    the server gives none or says never. `deleted` entries carry `last_parent`, the DN they were deleted from.
    """

    dn: str
    login: str = ""
    key: str = ""
    stable_id: str = ""
    upn: str = ""
    mail: str = ""
    given: str = ""
    family: str = ""
    display: str = ""
    enabled: bool = True
    locked: bool = False
    password_expired: bool = False
    password_not_required: bool = False
    expires: datetime | None = None
    last_sign_in: datetime | None = None
    created: datetime | None = None
    deleted: bool = False
    last_parent: str = ""
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Completeness:
    """The proof that a directory read was whole, or why it was not.

    `complete` is False when the read ended early; `reason` then says why in one line. `excluded` counts the
    entries left out by rule, `unreadable` the attributes the bind account could not read. `notes` is what else
    the adapter noticed, in plain words.
    """

    complete: bool = True
    reason: str = ""
    source: str = ""
    kind: str = ""
    bases: tuple[str, ...] = ()
    filter: str = ""
    entries: int = 0
    pages: int = 0
    excluded: int = 0
    referrals: int = 0
    unreadable: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DirectoryRead:
    """Every person one read of the directory gave, with its completeness.

    `suffixes` are the UPN suffixes the directory allows; empty where unknown. `nesting` gives, for each group's
    DN, the groups it lies in directly.
    """

    entries: tuple[DirectoryEntry, ...] = ()
    completeness: Completeness = field(default_factory=Completeness)
    suffixes: tuple[str, ...] = ()
    nesting: Mapping[str, frozenset[str]] = field(default_factory=dict)
