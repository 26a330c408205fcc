"""Which attributes a server knows (RFC 4512, 4.2)."""

import re

from connector.directory.ldap_search import Searcher

_NAMES = re.compile(rb"\bNAME\s+(?:'([^']+)'|\(([^)]*)\))")


def known_attributes(searcher: Searcher, subschema: str) -> frozenset[str] | None:
    """The names of the attributes the server's schema has, in lower case; None where it does not tell.

    OpenLDAP takes half as long again for entries that are asked for ten attributes it does not know.
    """
    raw = searcher.one(subschema, ("attributetypes",), "(objectClass=subschema)") if subschema else None
    names: set[str] = set()
    for described in (raw or {}).get("attributetypes", ()):
        found = _NAMES.search(described)
        if found:
            listed = [found[1]] if found[1] else found[2].split()
            names.update(name.strip(b"'").decode(errors="replace").lower() for name in listed)
    return frozenset(names) or None
