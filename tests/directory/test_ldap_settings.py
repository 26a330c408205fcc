"""What is refused of [directory] before anything is reached, and what servers say of themselves."""

from datetime import UTC, datetime

import pytest

from connector.directory.ldap import ldap_directory
from connector.directory.ldap_deadline import Deadline, TimeUpError
from connector.directory.ldap_server import recognise_server
from connector.directory.ldap_url import Address, read_address
from connector.domain.errors import ConfigError
from connector.settings.values import DirectorySettings


@pytest.mark.parametrize(
    ("url", "address", "shown"),
    [
        ("ldaps://dc1.school.example", Address("dc1.school.example", 636, tls=True), "ldaps://dc1.school.example"),
        ("ldaps://dc1.school.example/", Address("dc1.school.example", 636, tls=True), "ldaps://dc1.school.example"),
        (" ldap://DC1:1389 ", Address("dc1", 1389, tls=False), "ldap://dc1:1389"),
        ("ldap://10.0.0.5:389", Address("10.0.0.5", 389, tls=False), "ldap://10.0.0.5"),
        ("ldaps://[::1]:3269", Address("::1", 3269, tls=True), "ldaps://[::1]:3269"),
    ],
)
def test_addresses(url: str, address: Address, shown: str) -> None:
    """An address is read in every form it may have, and shown in one."""
    assert read_address(url) == address
    assert str(address) == shown


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://dc1", "begins neither"),
        ("ldapi:///run/slapd", "begins neither"),
        ("ldaps://", "no usable host"),
        ("ldaps://dc 1", "no usable host"),
        ("ldaps://dc1:99999", "out of range"),
        ("ldaps://dc1:0", "port 0"),
        ("ldaps://dc1/dc=school?uid?sub", "nothing may follow"),
        ("ldaps://svc:hunter2@dc1", "does not belong into it"),
    ],
)
def test_addresses_that_are_none(url: str, words: str) -> None:
    """What is no address of a server is refused, without repeating a password in it."""
    with pytest.raises(ConfigError, match=words) as caught:
        read_address(url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "password", "words"),
    [
        ({"url": "ldap://dc1"}, "x", "in clear"),
        ({"url": "ldap://dc1", "allow_plaintext": True}, "x", "in clear"),
        ({"url": "ldap://127.0.0.1"}, "x", "in clear"),
        ({"url": "ldaps://dc1", "start_tls": True}, "x", "TLS from the start"),
        ({"bind_dn": "cn=a,dc=b"}, "", "an empty password is none"),
        ({"bind_dn": "cn=a,,dc=b"}, "x", "is not a DN"),
        ({"bind_dn": "svc\0@school"}, "x", "no name has"),
        ({"bases": ("cn=x,,dc=y",)}, "x", "is not a DN"),
        ({"bases": ("cn=x\n,dc=y",)}, "x", "control characters"),
        ({"bases": ()}, "x", "base is missing"),
    ],
)
def test_what_must_not_be_tried(settings: dict[str, object], password: str, words: str) -> None:
    """Passwords in clear, empty passwords and DNs that are none are refused when the directory is built."""
    configured = {"url": "ldaps://dc1", "bases": ("dc=school",), **settings}
    with pytest.raises(ConfigError, match=words):
        ldap_directory(DirectorySettings(**configured), password, lambda: datetime.now(UTC))  # noqa: TID251 - unused


@pytest.mark.parametrize("url", ["ldap://127.0.0.1", "ldap://localhost:1389", "ldap://[::1]"])
def test_clear_text_to_this_machine(url: str) -> None:
    """Tests on this machine may go without TLS when they say so."""
    settings = DirectorySettings(url, bases=("dc=school",), allow_plaintext=True)
    assert ldap_directory(settings, "", lambda: datetime(2026, 3, 2, tzinfo=UTC)) is not None


@pytest.mark.parametrize(
    ("dse", "kind", "words"),
    [
        ({"supportedcapabilities": [b"1.2.840.113556.1.4.800"]}, "active-directory", "Active Directory"),
        (
            {
                "supportedcapabilities": [b"1.2.840.113556.1.4.800"],
                "domaincontrollerfunctionality": [b"7"],
                "dnshostname": [b"dc1.school.example"],
            },
            "active-directory",
            "Active Directory 2016, dc1.school.example",
        ),
        ({"objectclass": [b"top", b"OpenLDAProotDSE"]}, "", "OpenLDAP"),
        ({"vendorname": [b"389 Project"], "vendorversion": [b"389-Directory/2.3"]}, "", "389-Directory/2.3"),
        ({}, "", "an LDAP server that does not name itself"),
    ],
)
def test_what_servers_say_of_themselves(dse: dict[str, list[bytes]], kind: str, words: str) -> None:
    """Active Directory and OpenLDAP are recognised by the root DSE; others are named as they name themselves."""
    server = recognise_server(dse)
    assert (server.kind, str(server)) == (kind, words)


def test_places_that_are_none() -> None:
    """What a server calls a place and is no DN counts as not said."""
    dse = {"namingcontexts": [b"dc=x", b"garbage", b"\xff,,"], "defaultnamingcontext": [b"garbage,,"]}
    server = recognise_server(dse | {"subschemasubentry": [b"\xff"]})
    assert (server.contexts, server.domain, server.subschema) == (("dc=x",), "", "")


def test_a_deadline() -> None:
    """Time is up when it is, however often it is asked."""
    moments = iter((0.0, 1.0, 9.0, 9.0, 10.0))
    deadline = Deadline(10, lambda: next(moments))
    assert deadline.left() == 9
    assert deadline.allows(0.5)
    assert not deadline.allows(1.5)
    with pytest.raises(TimeUpError):
        deadline.left()
