"""What kind of server it is, by what it says of itself (the root DSE: RFC 4512, 5.1)."""

from typing import NamedTuple

from connector.directory.attributes import RawAttributes
from connector.directory.ldap_search import Searcher
from connector.directory.person import ACTIVE_DIRECTORY
from connector.mapping.dn import is_dn

_ACTIVE_DIRECTORY = "1.2.840.113556.1.4.800"  # LDAP_CAP_ACTIVE_DIRECTORY_OID ([MS-ADTS] 3.1.1.3.4.3.1)
_LIGHTWEIGHT = "1.2.840.113556.1.4.1851"  # LDAP_CAP_ACTIVE_DIRECTORY_ADAM_OID
_LEVELS = {
    "0": "2000",
    "2": "2003",
    "3": "2008",
    "4": "2008 R2",
    "5": "2012",
    "6": "2012 R2",
    "7": "2016",
    "10": "2025",
}

OPENLDAP = "OpenLDAP"
"""The product that says so in its root DSE."""

_PLACES = ("defaultnamingcontext", "configurationnamingcontext", "subschemasubentry")
_ATTRIBUTES = (
    "objectclass",
    "supportedcapabilities",
    "vendorname",
    "vendorversion",
    "namingcontexts",
    *_PLACES,
    "dnshostname",
    "domaincontrollerfunctionality",
)


class Server(NamedTuple):
    """A server: its kind (empty where it does not say), product and own name, and where its trees begin.

    `subschema` is the entry that describes its attributes.
    """

    kind: str
    product: str
    name: str
    contexts: tuple[str, ...]
    domain: str
    configuration: str
    subschema: str

    def __str__(self) -> str:
        """The product, with the server's own name for itself."""
        return f"{self.product}, {self.name}" if self.name else self.product


def ask_server(searcher: Searcher) -> Server:
    """The server at the other end. Raises DirectoryError, and LostError where another attempt may go through."""
    return recognise_server(searcher.one("", _ATTRIBUTES) or {})


def recognise_server(dse: RawAttributes) -> Server:
    """The server whose root DSE this is."""
    said = {name: [value.decode(errors="replace") for value in values] for name, values in dse.items()}

    def first(name: str) -> str:
        return next(iter(said.get(name, ())), "")

    return Server(
        ACTIVE_DIRECTORY if _is_active_directory(said) else "",
        _product(said, first("vendorname"), first("vendorversion"), first("domaincontrollerfunctionality")),
        first("dnshostname"),
        tuple(filter(is_dn, said.get("namingcontexts", ()))),
        *(name if is_dn(name) else "" for name in map(first, _PLACES)),
    )


def _is_active_directory(said: dict[str, list[str]]) -> bool:
    return not {_ACTIVE_DIRECTORY, _LIGHTWEIGHT}.isdisjoint(said.get("supportedcapabilities", ()))


def _product(said: dict[str, list[str]], vendor: str, version: str, level: str) -> str:
    if _is_active_directory(said):
        if vendor:
            return f"Active Directory by {vendor.partition(' (')[0]}"
        return f"Active Directory {_LEVELS[level]}" if level in _LEVELS else "Active Directory"
    if any(name.lower() == "openldaprootdse" for name in said.get("objectclass", ())):
        return OPENLDAP
    return version or vendor or "an LDAP server that does not name itself"
