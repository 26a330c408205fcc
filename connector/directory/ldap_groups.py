"""Who is in which group, where role rules ask for groups."""

from collections.abc import Iterable, Iterator, Mapping

from connector.directory.ldap_page import Raw
from connector.directory.ldap_search import Searcher
from connector.directory.person import ACTIVE_DIRECTORY
from connector.mapping.dn import Dn, dn_parser

_ACTIVE_DIRECTORY_GROUPS = "(objectCategory=group)"
_OTHER_GROUPS = "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup))"
_MEMBERS = ("member", "uniquemember")

FOR_PEOPLE = ("memberof", "primarygroupid", "uid")
"""What people must be read with for `Groups.complete`."""


class Groups:
    """Every group of the directory; made before the people are read.

    `nesting` says which groups a group lies in directly. `fault` is why the groups cannot be relied on: a group
    that a rule asks for is gone (renamed, perhaps), or somebody's own groups are kept from the account.
    """

    def __init__(self, searcher: Searcher, kind: str, contexts: Iterable[str], asked: Iterable[str]) -> None:
        self.fault = ""
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

    def complete(self, dn: str, raw: Raw) -> None:
        """Add to a person's memberOf what the server leaves out of it.

        Active Directory leaves out the primary group, OpenLDAP everything without its memberof overlay.
        """
        name = self._name(dn) if self._by_member or self._asked_members else ()
        found = raw.get("memberof", []) + self._by_member.get(name, [])
        for login in raw.get("uid", ()) if self._by_login else ():
            found += self._by_login.get(login, [])
        if not found and name in self._asked_members:
            self.fault = self.fault or "memberOf cannot be read: a member of a role rule's group seems to be in none"
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
            raw = searcher.one(dn, _MEMBERS)
            if raw is None:
                self.fault = (
                    self.fault or f"the group {dn} of a role rule is not there (renamed, moved, not readable?)"
                )
            else:
                self._asked_members.update(self._members(raw))

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
