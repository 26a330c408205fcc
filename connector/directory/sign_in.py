"""Signing in with the network account: the directory checks the password, an allowed group gives the role."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from connector.directory.ldap_connect import Target, connect
from connector.directory.ldap_deadline import Deadline, TimeUpError
from connector.directory.ldap_faults import too_slow
from connector.directory.ldap_search import Searcher
from connector.directory.ldap_tls import verified_context
from connector.directory.ldap_url import Address, read_address
from connector.domain.console import Role
from connector.domain.errors import DirectoryError
from connector.mapping.dn import ancestors
from connector.settings.values import DirectorySettings

PATIENCE = timedelta(seconds=15)
"""A sign-in waits no longer than this for the directory."""
_LOGINS = ("sAMAccountName", "uid")
_IN_CHAIN = "1.2.840.113556.1.4.1941"
"""LDAP_MATCHING_RULE_IN_CHAIN: groups in groups too ([MS-ADTS] 3.1.1.3.4.4.3)."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DirectorySignIn:
    """The groups that give a role, the role with most rights first; `password` is the reading account's."""

    settings: DirectorySettings
    password: str
    groups: Mapping[Role, Sequence[str]]

    def role_of(self, name: str, password: str) -> Role | None:
        """The role of the person with this login and password; None for a wrong one, or one in no allowed group.

        A password is tried only on members of the groups, so that nobody else's account is locked from here.
        Raises DirectoryError when the directory cannot be asked.
        """
        if not name or not password:
            return None  # a name without a password signs in as nobody on many servers (RFC 4513, 5.1.2)
        address = read_address(self.settings.url)
        deadline = Deadline(min(PATIENCE, self.settings.timeout).total_seconds())
        try:
            with connect(self._target(address, self.settings.bind_dn, self.password), deadline) as session:
                found = self._member(Searcher(session, str(address)), name)
            return found[1] if found and self._signs_in(address, found[0], password, deadline) else None
        except TimeUpError:
            raise too_slow(str(address), deadline.seconds, 0) from None

    def _target(self, address: Address, name: str, password: str) -> Target:
        secure = address.tls or self.settings.start_tls
        context = verified_context(self.settings.ca_file) if secure else None
        return Target(address, context, self.settings.start_tls, name, password)

    def _member(self, searcher: Searcher, name: str) -> tuple[str, Role] | None:
        """The one entry with that login and the role its groups give; None where there is none."""
        for role, groups in self.groups.items():
            for group in groups:
                entries = self._entries(searcher, group, name)
                if len(entries) == 1 and _is_in(searcher, entries[0], group, name):
                    return entries[0], role
        return None

    def _entries(self, searcher: Searcher, group: str, name: str) -> list[str]:
        """The DNs of the people with that login, in the part of the directory that the group is in."""
        login = self.settings.attributes.login
        logins = (login,) if login else _LOGINS
        wanted = "".join(f"({attribute}={_escaped(name)})" for attribute in logins)
        return [dn for dn, _raw in searcher.everything(_root(group), f"(|{wanted})", ("objectclass",))]

    def _signs_in(self, address: Address, dn: str, password: str, deadline: Deadline) -> bool:
        try:
            connect(self._target(address, dn, password), deadline).close()
        except DirectoryError as error:
            _log.info("a sign-in was refused by the directory: %s", error.message.replace(dn, "the account"))
            return False
        return True


def _is_in(searcher: Searcher, dn: str, group: str, name: str) -> bool:
    """Whether the group has the person, or in Active Directory a group in it has."""
    person, login = _escaped(dn), _escaped(name)
    direct = f"(|(member={person})(uniqueMember={person})(memberUid={login}))"
    if searcher.one(group, ("objectclass",), direct) is not None:
        return True
    return searcher.one(dn, ("objectclass",), f"(memberOf:{_IN_CHAIN}:={_escaped(group)})") is not None


def _root(group: str) -> str:
    """The part of the directory a group is in: its domain, or where it has none the top of its DN."""
    above = [dn.strip() for dn in ancestors(group)] or [group]
    domain = [dn for dn in above if dn.lower().startswith("dc=")]
    return domain[0] if domain else above[-1]


def _escaped(value: str) -> str:
    """A value as it stands in a filter (RFC 4515, section 3)."""
    return "".join(f"\\{ord(sign):02x}" if sign in "\\*()\0" else sign for sign in value)
