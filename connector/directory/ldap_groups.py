"""Who is in which group, where role rules ask for groups."""

from collections.abc import Iterable, Iterator, Mapping

from connector.directory.ldap_page import Raw
from connector.directory.ldap_search import Searcher
from connector.directory.person import ACTIVE_DIRECTORY
from connector.mapping.dn import Dn, dn_parser

_ACTIVE_DIRECTORY_GROUPS = "(objectCategory=group)"
_OTHER_GROUPS = "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup))"
_MEMBERS = ("member", "uniquemember")
_NEVER_EMPTY = frozenset((b"groupofnames", b"groupofuniquenames"))  # RFC 4519, 3.5 and 3.6: they must have a member

FOR_PEOPLE = ("memberof", "primarygroupid", "uid")
"""What people must be read with for `Groups.complete`."""


class Groups:
    """Every group of the directory; made before the people are read.

    `nesting` says which groups a group lies in directly.
    """

    def __init__(self, searcher: Searcher, kind: str, contexts: Iterable[str], asked: Iterable[str]) -> None:
        self._fault = ""
        self._hidden = ""
        self.nesting: dict[str, frozenset[str]] = {}
        self._by_rid: dict[bytes, bytes] = {}
        self._parse = dn_parser()
        self._by_member: dict[Dn, list[bytes]] = {}
        self._by_login: dict[bytes, list[bytes]] = {}
        self._asked_members: set[Dn] = set()
        if kind == ACTIVE_DIRECTORY:
            for context in contexts:
                self._take_active_directory(searcher, context)
        else:
            for context in contexts:
                self._take(searcher, context)
            self._nest_by_members()
        self._look_for(searcher, asked)

    @property
    def fault(self) -> str:
        """Why the groups cannot be relied on, once the people are complete; empty where they can.

        A group that a rule asks for is gone (renamed, perhaps), or who is in it is kept from the account.
        """
        return self._fault or self._hidden

    def complete(self, dn: str, raw: Raw) -> None:
        """Add to a person's memberOf what the server leaves out of it.

        Active Directory leaves out the primary group, OpenLDAP everything without its memberof overlay.
        """
        if "memberof" in raw:
            self._hidden = ""
        name = self._name(dn) if self._by_member or self._asked_members else ()
        found = raw.get("memberof", []) + self._by_member.get(name, [])
        for login in raw.get("uid", ()) if self._by_login else ():
            found += self._by_login.get(login, [])
        if not found and name in self._asked_members:
            self._complain("memberOf cannot be read: a member of a role rule's group seems to be in none")
        found += (self._by_rid[rid] for rid in raw.get("primarygroupid", ()) if rid in self._by_rid)
        if found:
            raw["memberof"] = list(dict.fromkeys(found))

    def _take_active_directory(self, searcher: Searcher, context: str) -> None:
        wanted = ("memberof", "objectsid")
        for dn, raw in searcher.everything(context, _ACTIVE_DIRECTORY_GROUPS, wanted, may_be_hidden=True):
            self._nest(dn, raw)
            for sid in raw.get("objectsid", ()):
                # A SID ends in the number that primaryGroupID gives ([MS-DTYP] 2.4.2.2).
                self._by_rid[str(int.from_bytes(sid[-4:], "little")).encode()] = dn.encode()

    def _take(self, searcher: Searcher, context: str) -> None:
        wanted = ("memberof", "memberuid", *_MEMBERS)
        for dn, raw in searcher.everything(context, _OTHER_GROUPS, wanted, may_be_hidden=True):
            self._nest(dn, raw)
            for member in self._members(raw):
                self._by_member.setdefault(member, []).append(dn.encode())
            for login in raw.get("memberuid", ()):
                self._by_login.setdefault(login, []).append(dn.encode())

    def _nest(self, dn: str, raw: Mapping[str, list[bytes]]) -> None:
        self.nesting[dn] = frozenset(value.decode(errors="replace") for value in raw.get("memberof", ()))

    def _nest_by_members(self) -> None:
        for dn, above in self.nesting.items():
            found = self._by_member.get(self._name(dn), ())
            self.nesting[dn] = above.union(value.decode(errors="replace") for value in found)

    def _look_for(self, searcher: Searcher, asked: Iterable[str]) -> None:
        """See that the groups of the rules are there, and who is in them."""
        for dn in asked:
            raw = searcher.one(dn, ("objectclass", *_MEMBERS))
            if raw is None:
                self._complain(f"the group {dn} of a role rule is not there (renamed, moved, not readable?)")
                continue
            members = set(self._members(raw))
            self._asked_members |= members
            if not members and not _NEVER_EMPTY.isdisjoint(value.lower() for value in raw.get("objectclass", ())):
                self._hidden = f"the members of the group {dn} of a role rule cannot be read, nor anybody's memberOf"

    def _complain(self, why: str) -> None:
        """Keep the first reason."""
        self._fault = self._fault or why

    def _members(self, raw: Mapping[str, list[bytes]]) -> Iterator[Dn]:
        """The members that a group names; Active Directory gives no more than the first of many."""
        for value in (one for attribute in (*_MEMBERS, "member;cut") for one in raw.get(attribute, ())):
            yield self._name(value.decode(errors="replace"))

    def _name(self, dn: str) -> Dn:
        r"""A DN as it can be compared: an entry is `CN=Smith\2C Anna` where its group says `CN=Smith\, Anna`."""
        try:
            return self._parse(dn)
        except ValueError:
            return (dn,)
