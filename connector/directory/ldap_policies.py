"""What a server states for all accounts: how long a lock lasts, and which UPN suffixes there are."""

from collections.abc import Iterable, Iterator

from connector.directory.ldap_page import Raw
from connector.directory.ldap_search import Searcher
from connector.directory.ldap_server import Server
from connector.directory.person import ACTIVE_DIRECTORY


def lock_policies(searcher: Searcher, server: Server, contexts: Iterable[str]) -> Iterator[tuple[str, Raw]]:
    """The entries that say how long locks last: the domain's own, or OpenLDAP's password policies."""
    if server.kind == ACTIVE_DIRECTORY:
        domain = searcher.one(server.domain, ("lockoutduration",)) if server.domain else None
        if domain:
            yield server.domain, domain
        return
    for context in contexts:
        wanted = ("objectclass", "pwdlockoutduration")
        yield from searcher.everything(context, "(objectClass=pwdPolicy)", wanted, may_be_hidden=True)


def login_suffixes(searcher: Searcher, server: Server) -> tuple[str, ...]:
    """The UPN suffixes of an Active Directory forest: its domains' names and those added; empty where unknown."""
    if server.kind != ACTIVE_DIRECTORY or not server.configuration:
        return ()
    place = f"CN=Partitions,{server.configuration}"
    added = searcher.one(place, ("objectclass", "upnsuffixes"))
    if added is None:
        return ()
    domains = searcher.everything(place, "(&(objectClass=crossRef)(nETBIOSName=*))", ("dnsroot",))
    names = [name for _dn, raw in domains for name in raw.get("dnsroot", ())]
    return tuple(name.decode(errors="replace") for name in (*names, *added.get("upnsuffixes", ()))) if names else ()
