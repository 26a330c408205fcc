"""One whole read of a directory over LDAP."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from connector.directory.gather import Gathering
from connector.directory.ldap_connect import Target, connect
from connector.directory.ldap_deadline import Deadline, Monotonic, TimeUpError
from connector.directory.ldap_faults import LostError, too_slow
from connector.directory.ldap_groups import FOR_PEOPLE, Groups
from connector.directory.ldap_page import Raw
from connector.directory.ldap_policies import lock_policies, login_suffixes
from connector.directory.ldap_schema import known_attributes
from connector.directory.ldap_search import Searcher
from connector.directory.ldap_server import OPENLDAP, Server, ask_server
from connector.directory.person import ACTIVE_DIRECTORY
from connector.directory.scope import scope_of
from connector.domain.entry import Completeness, DirectoryRead
from connector.domain.errors import DirectoryError
from connector.mapping.dn import dn_parser, is_under, parse_dn
from connector.settings.values import DirectorySettings

PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each further attempt at a read whose connection was lost."""

_SERVER_FILTER = "(&(objectCategory=person)(objectClass=user))"
_LOOK_ALIKE_FILTER = "(objectClass=user)"
"""Computers, users too, are left out here: where that class is unknown a server finds nobody who is none."""
_OTHER_FILTER = "(|(objectClass=person)(objectClass=posixAccount)(objectClass=user))"
_DELETED_FILTER = "(&(isDeleted=TRUE)(objectClass=user))"

# What tells groups and policies in an export from people; here the filter has done that.
_NOT_OF_PEOPLE = frozenset(("member", "grouptype", "lockoutduration", "pwdlockoutduration", "memberof"))
_OF_DELETED = frozenset(("isdeleted", "lastknownparent"))


@dataclass(frozen=True, slots=True)
class Order:
    """What to read from where: `groups` are the DNs that role rules ask for, none where they ask for none."""

    target: Target
    settings: DirectorySettings
    groups: frozenset[str] = frozenset()


def read_directory(
    order: Order, now: datetime, sleep: Callable[[float], None] = time.sleep, monotonic: Monotonic = time.monotonic
) -> DirectoryRead:
    """Every person of the directory, whole; a read whose connection was lost begins again from the start.

    Raises DirectoryError in every other case, all attempts included within the timeout of the settings.
    """
    deadline = Deadline(order.settings.timeout.total_seconds(), monotonic)
    lost: LostError | None = None
    for pause in (*PAUSES, None):
        attempt = _Attempt(order, now, deadline)
        try:
            return attempt.read()
        except TimeUpError:
            raise lost or too_slow(str(order.target.address), deadline.seconds, attempt.entries) from None
        except LostError as error:
            if lost is None and not attempt.connected:
                raise
            lost = lost or error
            if pause is None or not deadline.allows(pause):
                raise LostError(f"{lost.message}; every further attempt failed too", hint=error.hint) from error
        sleep(pause)
    raise AssertionError("the last attempt returns or raises")


class _Attempt:
    """One connection and all that is read over it."""

    def __init__(self, order: Order, now: datetime, deadline: Deadline) -> None:
        self.connected = False
        self.entries = 0
        self._order = order
        self._settings = order.settings
        self._where = str(order.target.address)
        self._now = now
        self._deadline = deadline
        # Bases and filter are the server's business, exclusions are judged here.
        self._local = replace(order.settings, bases=(), filter="")
        self._judged_here = scope_of(self._local).names
        self._groups: Groups | None = None
        self._known: frozenset[str] | None = None

    def read(self) -> DirectoryRead:
        """Everything, in the order that the parts need each other."""
        with connect(self._order.target, self._deadline) as session:
            self.connected = True
            searcher = Searcher(session, self._where)
            try:
                return self._read(searcher, session.protocol)
            finally:
                self.entries = searcher.entries

    def _read(self, searcher: Searcher, protocol: str) -> DirectoryRead:
        server = ask_server(searcher)
        kind = self._settings.type if self._settings.type != "auto" else server.kind
        contexts = self._contexts(server)
        if server.product == OPENLDAP:
            self._known = known_attributes(searcher, server.subschema)
        gathering = Gathering(replace(self._local, type=kind or "auto"), self._now)
        for dn, raw in lock_policies(searcher, server, contexts):
            gathering.add(dn, raw)
        if self._order.groups:
            self._groups = Groups(searcher, server.kind, contexts, sorted(self._order.groups))
        filter_ = self._settings.filter or _people_filter(kind, server)
        entries, pages, referrals = searcher.entries, searcher.pages, searcher.referrals
        for base in self._settings.bases:
            self._read_base(searcher, gathering, base, filter_)
        came, pages = searcher.entries - entries, searcher.pages - pages
        referrals = searcher.referrals - referrals
        notes = (self._signed_in(protocol), *self._read_deleted(searcher, gathering, server))
        suffixes = login_suffixes(searcher, server)
        proof = Completeness(
            reason=self._groups.fault if self._groups else "",
            source=f"{self._where} ({server})",
            pages=pages,
            referrals=referrals,
            notes=notes,
        )
        read = gathering.read(proof)
        if not read.entries:
            raise self._nobody(filter_, came, read.completeness.excluded)
        told = replace(read.completeness, bases=self._settings.bases, filter=filter_)
        nesting = self._groups.nesting if self._groups else {}
        return replace(read, completeness=told, suffixes=suffixes, nesting=nesting)

    def _contexts(self, server: Server) -> tuple[str, ...]:
        """The trees that hold the bases: where groups and policies are looked for."""
        bases = [parse_dn(base) for base in self._settings.bases]
        trees = (server.domain,) if server.kind == ACTIVE_DIRECTORY and server.domain else server.contexts
        holding = tuple(tree for tree in trees if tree and any(is_under(base, parse_dn(tree)) for base in bases))
        return holding or self._settings.bases

    def _wanted(self, gathering: Gathering) -> frozenset[str]:
        """The attributes to read people with; groups only where somebody asks for them."""
        asked = frozenset(FOR_PEOPLE) if self._groups else frozenset[str]()
        wanted = gathering.wanted - _NOT_OF_PEOPLE - _OF_DELETED | asked | self._judged_here
        return wanted if self._known is None else wanted & self._known

    def _read_base(self, searcher: Searcher, gathering: Gathering, base: str, filter_: str) -> None:
        before, add, groups = searcher.entries, gathering.add, self._groups
        for dn, raw in searcher.everything(base, filter_, self._wanted(gathering)):
            if groups is not None:
                groups.complete(dn, raw)
            add(dn, raw)
        if searcher.entries == before and not searcher.one(base, ("objectclass",)):
            raise DirectoryError(
                f'{self._where}: the account sees nothing under "{base}", not even that entry itself, though the '
                f"search succeeded",
                hint="Give bind_dn the right to read there (list and read all attributes); see docs/directory.md.",
            )

    def _read_deleted(self, searcher: Searcher, gathering: Gathering, server: Server) -> tuple[str, ...]:
        """Add the people who were deleted from under a base, where the account may see them; else say so."""
        if server.kind != ACTIVE_DIRECTORY or not server.domain:
            return ()
        parse, bases = dn_parser(), [parse_dn(base) for base in self._settings.bases]
        seen = 0
        place = f"CN=Deleted Objects,{server.domain}"
        wanted = self._wanted(gathering) | _OF_DELETED
        for dn, raw in searcher.everything(place, _DELETED_FILTER, wanted, deleted=True, may_be_hidden=True):
            seen += 1
            if any(is_under(_place(raw, parse), base) for base in bases):
                gathering.add(dn, raw)
        if seen:
            return (f"{seen:,} deleted accounts of the domain can be seen",)
        return ("no deleted account can be seen (reading CN=Deleted Objects is a right of its own)",)

    def _signed_in(self, protocol: str) -> str:
        who = f"signed in as {self._order.target.name}" if self._order.target.name else "read without signing in"
        return f"{who}, {protocol or 'in clear'}"

    def _nobody(self, filter_: str, came: int, excluded: int) -> DirectoryError:
        bases = " or ".join(f'"{base}"' for base in self._settings.bases)
        if came:
            return DirectoryError(
                f"{self._where}: none of the {came:,} entries under {bases} counts as a person ({excluded:,} were "
                f"excluded by rule, the others have neither login nor key)",
                hint="Check [directory] exclude and [directory.attributes] login, and whether bind_dn may read them.",
            )
        return DirectoryError(
            f"{self._where}: there is nobody under {bases} who matches {filter_}",
            hint="Check [directory] base and filter, and whether bind_dn may read the people there.",
        )


def _people_filter(kind: str, server: Server) -> str:
    """What people are on that server; one that only looks like Active Directory may lack objectCategory."""
    if server.kind == ACTIVE_DIRECTORY:
        return _SERVER_FILTER
    return _LOOK_ALIKE_FILTER if kind == ACTIVE_DIRECTORY else _OTHER_FILTER


def _place(raw: Raw, parse: Callable[[str], tuple[str, ...]]) -> tuple[str, ...]:
    """Where a deleted entry was."""
    parent = next(iter(raw.get("lastknownparent", ())), b"").decode(errors="replace")
    try:
        return parse(parent)
    except ValueError:
        return ()
