"""What the SCIM edge asks of the store: people with what no column holds, groups, and filters on both."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from connector.domain.account import Account, UserType
from connector.domain.ports import RunWriter


class Compare(NamedTuple):
    """One attribute against a value (RFC 7644, section 3.4.2.2).

    `path` is the attribute in lower case, behind its schema's URN and a colon where it is an extension's; `sub` is
    its sub-attribute in lower case or "". `op` is eq, ne, co, sw, ew, gt, ge, lt or le. `exact` compares letter
    case too; without it both sides are compared by case_key.
    """

    path: str
    sub: str
    op: str
    value: str | bool | None
    exact: bool = False


class Present(NamedTuple):
    """An attribute that has a value."""

    path: str
    sub: str = ""


class Within(NamedTuple):
    """One and the same item of a multi-valued attribute for which `part` holds; its paths are `path` itself."""

    path: str
    part: "Predicate"


class Every(NamedTuple):
    """All parts hold."""

    parts: "tuple[Predicate, ...]"


class Some(NamedTuple):
    """One of the parts holds at least; without parts none does."""

    parts: "tuple[Predicate, ...]"


class Neither(NamedTuple):
    """The part does not hold."""

    part: "Predicate"


Predicate = Compare | Present | Within | Every | Some | Neither
"""A filter, whatever language the store speaks."""


class Order(NamedTuple):
    """What resources are sorted by; those without a value come last, first where it is descending."""

    path: str
    sub: str = ""
    descending: bool = False


class Window(NamedTuple):
    """Which of the resources found are wanted: `size` of them, from the `start`-th (from 0) or behind an id."""

    start: int = 0
    size: int = 100
    after: str | None = None


class Wanted(NamedTuple):
    """A person as a client wants them; a None is what the client says nothing of.

    `kept` is what TrackOne has no column for, `role_names` the roles in it.
    """

    username: str
    sis_code: str = ""
    user_type: UserType | None = None
    family_name: str = ""
    given_names: str = ""
    email: str = ""
    active: bool = True
    locked_out: bool = False
    override_network_authentication: bool | None = None
    year_level: str = ""
    campus: str = ""
    external_id: str = ""
    role_names: tuple[str, ...] = ()
    kept: Mapping[str, Any] = {}
    password: str = ""


class Stamp(NamedTuple):
    """When a resource was made and last changed."""

    created: datetime
    modified: datetime


class Membership(NamedTuple):
    """A group somebody is in."""

    group_id: str
    display_name: str


class Person(NamedTuple):
    """An account as one SCIM client sees it.

    `kept` are the attributes TrackOne has no column for, as they were sent. `external_id` is the client's own id.
    """

    account: Account
    kept: Mapping[str, Any]
    external_id: str
    groups: tuple[Membership, ...]
    stamp: Stamp


class Group(NamedTuple):
    """A group of SCIM clients, without its members; `version` counts its changes."""

    id: str
    display_name: str
    external_id: str
    stamp: Stamp
    version: int


class Member(NamedTuple):
    """An account in a group."""

    account_id: int
    display: str


class Document(NamedTuple):
    """A person's stored text, for those who only read; `text` is "" where there is none for this version."""

    account_id: int
    text: str
    etag: str
    external_id: str


Draw = Callable[[Person], Document]
"""Makes the text of a person."""


class Joined(NamedTuple):
    """The stored texts of a page in one, in UTF-8: how many they are, the id of the last, and whether there are more.

    `total` is how many people there are in all.
    """

    text: bytes
    size: int
    last: int
    more: bool
    total: int


class Found(NamedTuple):
    """One page of ids, and how many there are in all."""

    total: int
    ids: tuple[str, ...]


class DeskReader(Protocol):
    """The accounts and groups as one client sees them: no System accounts, none that it deleted itself."""

    def document(self, account_id: int) -> Document | None:
        """The stored text of an account; None where this client sees no such account."""

    def documents(self, ids: Sequence[int]) -> list[Document]:
        """The stored texts of these accounts, in their order."""

    def documents_called(self, wanted: Compare) -> list[Document] | None:
        """The stored texts of whoever has that id, username or id of the client; None for any other question."""

    def documents_from(self, start: int, size: int, after: str | None = None) -> list[Document]:
        """The stored texts of a page of everybody in the order of ids: from the `start`-th on, or behind an id."""

    def joined_from(self, start: int, size: int, after: str | None, opening: str) -> Joined | None:
        """The same texts joined by commas, each behind `opening`; None where one has to be made first.

        Where the client has an id of its own for somebody, it stands behind the brace that `opening` begins with.
        """

    def population(self) -> int:
        """How many accounts this client sees."""

    def person(self, account_id: int) -> Person | None:
        """An account with all that belongs to it; None where this client sees no such account."""

    def people(self, wanted: Predicate | None, order: Order | None, window: Window) -> Found:
        """The ids of the accounts that the predicate holds for, in a stable order."""

    def group(self, group_id: str) -> Group | None:
        """A group, or None."""

    def groups(self, wanted: Predicate | None, order: Order | None, window: Window) -> Found:
        """The ids of the groups that the predicate holds for, in a stable order."""

    def members(self, group_id: str) -> list[Member]:
        """Who is in a group, in the order of the accounts' ids."""

    def group_of_name(self, display_name: str) -> str | None:
        """The id of the group with that name, letter case aside."""

    def deactivations(self, since: datetime) -> int:
        """How many SIS-owned accounts this client has deactivated, deleted or renamed since then."""


class DeskWriter(DeskReader, RunWriter, Protocol):
    """The same in one transaction that is part of the client's run of this hour; `moment` is when it began."""

    moment: datetime

    def keep(self, person: Person, document: Document, *, changed: bool, new: bool = False) -> None:
        """Keep the text of a person as they are now, and the attributes beside the account where they have `changed`.

        A `new` account has none yet.
        """

    def note_deactivation(self, account_id: int) -> None:
        """Count one for `deactivations`."""

    def new_group(self, group_id: str, display_name: str, external_id: str) -> None:
        """Make a group. Raises StoreError when another has the name."""

    def change_group(self, group_id: str, display_name: str | None, external_id: str | None) -> None:
        """Give a group another name or id of the client (None: as it is), and the next version in any case."""

    def drop_group(self, group_id: str) -> None:
        """Remove a group and its memberships."""

    def add_members(self, group_id: str, account_ids: Collection[int]) -> list[int]:
        """Put accounts into a group; returns those that were not in it. Accounts that there are not are left out."""

    def drop_members(self, group_id: str, account_ids: Collection[int] | None) -> list[int]:
        """Take accounts out of a group (None: all); returns those that were in it."""


class Desk(Protocol):
    """Where the SCIM edge reads and writes."""

    def look(self, client: str) -> AbstractContextManager[DeskReader]:
        """A consistent view for one client."""

    def glance(self, client: str) -> AbstractContextManager[DeskReader]:
        """A view whose every answer is of its own moment: cheaper, for those who ask once."""

    def act(self, client: str, token: str) -> AbstractContextManager[DeskWriter]:
        """A transaction for one client. Raises StoreError when it cannot begin in time."""

    def cache(self, client: str, made: Sequence[tuple[Person, Document]]) -> None:
        """Keep texts made for reading, where that is possible just now and the person is still as they were read."""


@dataclass(frozen=True, slots=True)
class Authority:
    """Whose value stands when both the SIS and a SCIM client know a student: true where it is the SIS's."""

    names: bool = True
    year: bool = True
    campus: bool = True
    sis_code: bool = True
    username: bool = True
    email: bool = False
    active: bool = False
    external_id: bool = False


@dataclass(frozen=True, slots=True)
class ScimRules:
    """What a SCIM client may do: `max_deactivations` is in per cent of the SIS-owned accounts, 20 at least."""

    authority: Authority = field(default_factory=Authority)
    max_deactivations: float = 10.0


class Caller(NamedTuple):
    """Who asks: the client, the name of its token, and what it may do: read, write, protected."""

    client: str
    token: str
    scopes: frozenset[str]


ACCEPTED = "scim_accepted:"
"""With a client's name behind it, the state that holds when a person last accepted that client's deactivations.

The value is an ISO 8601 moment with its offset; only what came after it is counted by the guard.
"""

ALARMED = "scim_alarmed:"
"""The same of when the operator was last told that the guard holds the client back."""


LONGEST_NUMBER = 18


def account_number(scim_id: str) -> int | None:
    """The account with that SCIM id; None for a text that can be nobody's."""
    plain = scim_id.isascii() and scim_id.isdecimal() and len(scim_id) <= LONGEST_NUMBER
    return int(scim_id) if plain and not scim_id.startswith("0") else None


def deleted_by(archived_by: str, client: str) -> bool:
    """Whether the client is among those that deleted an archived account: `archived_by` names them all."""
    return f"scim:{client}" in archived_by.split(",")


def every_value(item: Any) -> Iterator[Any]:
    """The items of a list, or the one value that stands for a list."""
    yield from item if isinstance(item, list) else (item,)


def role_names(kept: Mapping[str, Any]) -> tuple[str, ...]:
    """The names in the `roles` that a client gave."""
    items = kept.get("roles", ())
    return tuple(str(item["value"]) for item in items if isinstance(item, Mapping) and item.get("value"))
