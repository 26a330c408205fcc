"""Whatever goes wrong with a directory server is told by cause and next step, and never becomes a part of a read."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.directory.ldap import ldap_directory
from connector.domain.entry import DirectoryRead
from connector.domain.errors import ConfigError, DirectoryError
from connector.settings.values import DirectoryAttributes, DirectorySettings
from tests.conftest import SLAPD
from tests.servers import binaries
from tests.servers.authority import Authority
from tests.servers.people import SERVICE_PASSWORD, Someone, openldap_ldif
from tests.servers.ports import free_port
from tests.servers.samba import BASE, STUDENTS, Samba
from tests.servers.samba import READER as SAMBA_READER
from tests.servers.silent import Listener, relays, says, says_nothing
from tests.servers.slapd import BLIND, HOST, LOCKED, NARROW, READER, SUFFIX, Slapd

pytestmark = pytest.mark.servers

NOW = datetime(2026, 3, 2, 12, 5, tzinfo=UTC)
STUDENTS_OPENLDAP = f"ou=Students,{SUFFIX}"
MANY = [Someone(f"st{number:05}", f"S{number}", "Given", "Family") for number in range(5_000)]

Certificate = tuple[Path, Path]
Start = Callable[..., Slapd]


def read(url: str, *, password: str = SERVICE_PASSWORD, **settings: object) -> DirectoryRead:
    """Read the students of the OpenLDAP school at this address."""
    configured = {"bases": (STUDENTS_OPENLDAP,), "bind_dn": READER, "timeout": timedelta(seconds=20), **settings}
    return ldap_directory(DirectorySettings(url, **configured), password, lambda: NOW).read()


def fault(url: str, *, password: str = SERVICE_PASSWORD, **settings: object) -> str:
    """The message of the DirectoryError that a read ends with: one to three lines, and never the password."""
    with pytest.raises(DirectoryError) as caught:
        read(url, password=password, **settings)
    message = str(caught.value)
    assert 1 <= len(message.splitlines()) <= 3
    assert caught.value.hint != ""
    assert not password or password not in message
    return message


@pytest.fixture
def start(authority: Authority, certificate: Certificate) -> Iterator[Start]:
    """Start a slapd of the test's own."""
    binaries.needed(*SLAPD)
    started: list[Slapd] = []

    def start(ldif: str = "", own: Certificate | None = certificate, **options: object) -> Slapd:
        started.append(Slapd(ldif or openldap_ldif(SUFFIX), authority, own, **options))
        return started[-1].start()

    yield start
    for one in started:
        one.stop()


# -- signing in --------------------------------------------------------------------------------------------


def test_a_wrong_password(slapd: Slapd) -> None:
    """A refused sign-in names the account and what to check."""
    told = fault(slapd.tls_url, ca_file=slapd.ca, password="not it")
    assert f"signing in as {READER} was refused: the name or the password is wrong" in told


def test_a_service_account_locked_by_openldaps_policy(slapd: Slapd) -> None:
    """OpenLDAP's password policy says that the account is locked, and so do we."""
    assert "the account is locked" in fault(slapd.tls_url, ca_file=slapd.ca, bind_dn=LOCKED)


@pytest.mark.parametrize(
    ("account", "words"),
    [
        ("svc-nobody", "the name or the password is wrong (invalidCredentials (49), data 52e)"),
        ("svc-disabled", "the account is disabled (invalidCredentials (49), data 533)"),
        ("svc-expired", "the account has expired (invalidCredentials (49), data 701)"),
        ("svc-change", "the account must change its password first (invalidCredentials (49), data 773)"),
        ("svc-locked", "the account is locked (invalidCredentials (49), data 775)"),
    ],
)
def test_the_sub_codes_of_active_directory(samba: Samba, account: str, words: str) -> None:
    """Each reason a domain has for refusing an account is told by its own message."""
    name = f"CN={account},OU=Service,OU=School,{BASE}"
    if account == "svc-locked":
        samba.lock(name)
    assert words in fault(samba.tls_url, ca_file=samba.ca, bind_dn=name, bases=(STUDENTS,))


def test_a_domain_that_wants_tls(samba: Samba) -> None:
    """A password in clear is refused here before anything is sent, and by a domain as well."""
    with pytest.raises(ConfigError, match="would send the password in clear"):
        read("ldap://dc1.school.test", bind_dn=SAMBA_READER, allow_plaintext=True)
    told = fault(samba.url, bind_dn=SAMBA_READER, bases=(STUDENTS,), allow_plaintext=True)
    assert "the server wants TLS first" in told


def test_nobody_signs_in(samba: Samba) -> None:
    """A domain lets nobody read anonymously, and the message asks for an account."""
    told = fault(samba.tls_url, ca_file=samba.ca, bind_dn="", password="", bases=(STUDENTS,))
    assert "may not read" in told
    assert "set bind_dn" in told


def test_a_server_without_a_certificate_refuses_start_tls(start: Start) -> None:
    """A server that cannot turn to TLS is not read in clear instead."""
    server = start(own=None)
    assert "the server refuses StartTLS" in fault(server.url, start_tls=True, ca_file=server.ca)


# -- certificates ------------------------------------------------------------------------------------------


def test_an_authority_nobody_knows(slapd: Slapd, tmp_path: Path) -> None:
    """A certificate of an unknown authority is refused by subject and issuer, whatever else is trusted."""
    other = Authority(tmp_path, "Another CA")
    for ca in (None, other.file):
        told = fault(slapd.tls_url, ca_file=ca)
        assert "authority that is not trusted here (subject CN=localhost, issuer CN=Test school CA)" in told
        assert "ca_file" in told


@pytest.mark.parametrize("start_tls", [False, True])
@pytest.mark.parametrize(
    ("name", "names", "days", "words"),
    [
        ("elsewhere", ("DNS:dc9.school.example",), 5, "not for 127.0.0.1; it is for dc9.school.example"),
        ("unaddressed", ("DNS:localhost",), 5, "not for 127.0.0.1; it is for localhost"),
        ("nameless", (), 5, "the certificate is not for 127.0.0.1 (subject CN=nameless"),
        ("old", ("IP:127.0.0.1",), -1, "has expired on 20"),
    ],
)
def test_a_wrong_certificate(
    start: Start, authority: Authority, name: str, names: tuple[str, ...], days: int, words: str, *, start_tls: bool
) -> None:
    """A certificate for another host, or one that has expired, is refused, over StartTLS as well."""
    server = start(own=authority.sign(name, names, days=days))
    told = fault(server.url if start_tls else server.tls_url, ca_file=server.ca, start_tls=start_tls)
    assert words in told
    assert f"subject CN={name}, issuer CN=Test school CA" in told


def test_a_host_by_name(slapd: Slapd) -> None:
    """A certificate with the host's name is taken where the address is not used."""
    assert read(slapd.tls_url.replace(HOST, "localhost"), ca_file=slapd.ca).completeness.complete


def test_authorities_as_windows_exports_them(
    slapd: Slapd, authority: Authority, certificate: Certificate, tmp_path: Path
) -> None:
    """The authority may be given in DER, and the server's own certificate may be trusted as it stands."""
    assert read(slapd.tls_url, ca_file=authority.der()).completeness.complete
    assert read(slapd.tls_url, ca_file=certificate[0]).completeness.complete
    (tmp_path / "empty.pem").write_text("no certificate")
    (tmp_path / "folder.pem").mkdir()
    wrong = {"empty": "there is no certificate in it", "missing": "cannot be read", "folder": "is no file"}
    for name, words in wrong.items():
        with pytest.raises(ConfigError, match=words):
            read(slapd.tls_url, ca_file=tmp_path / f"{name}.pem")


# -- what is there, and what may be seen -------------------------------------------------------------------


def test_a_base_that_is_not_there(slapd: Slapd, samba: Samba) -> None:
    """A misspelt base is named, with the nearest entry that is there."""
    told = fault(slapd.tls_url, ca_file=slapd.ca, bases=(f"ou=Pupils,{SUFFIX}",))
    assert f'base "ou=Pupils,{SUFFIX}" is not there' in told
    assert f"the nearest that it sees is {SUFFIX}" in told
    told = fault(samba.tls_url, ca_file=samba.ca, bind_dn=SAMBA_READER, bases=(f"OU=Pupils,{BASE}",))
    assert "is not there" in told


def test_an_account_without_rights(slapd: Slapd) -> None:
    """Success with nothing in it is no read of an empty school but an account that may not read."""
    told = fault(slapd.tls_url, ca_file=slapd.ca, bind_dn=BLIND)
    assert f'the account sees nothing under "{STUDENTS_OPENLDAP}"' in told
    assert "right to read" in told


def test_an_account_without_rights_in_one_of_the_bases(slapd: Slapd) -> None:
    """One base that cannot be seen is a fault even where another one can; one that is only empty is none."""
    empty, service = f"ou=Empty,{SUFFIX}", f"ou=Service,{SUFFIX}"
    fault(slapd.tls_url, ca_file=slapd.ca, bind_dn=BLIND, bases=(service, STUDENTS_OPENLDAP))
    assert read(slapd.tls_url, ca_file=slapd.ca, bases=(STUDENTS_OPENLDAP, empty)).completeness.complete


def test_an_account_that_sees_the_students_only(slapd: Slapd) -> None:
    """An account with rights on the base alone is enough; where rules ask for groups it is not, and that is said."""
    assert read(slapd.tls_url, ca_file=slapd.ca, bind_dn=NARROW).completeness.complete
    settings = DirectorySettings(slapd.tls_url, bases=(STUDENTS_OPENLDAP,), bind_dn=NARROW, ca_file=slapd.ca)
    group = f"cn=Prefects,ou=Groups,{SUFFIX}"
    proof = ldap_directory(settings, SERVICE_PASSWORD, lambda: NOW, [group]).read().completeness
    assert not proof.complete
    assert f"the group {group} of a role rule is not there" in proof.reason


def test_nobody_matches(slapd: Slapd) -> None:
    """A filter that nobody matches is told with the filter; so is an exclusion of everybody."""
    assert "who matches (uid=nobody)" in fault(slapd.tls_url, ca_file=slapd.ca, filter="(uid=nobody)")
    told = fault(slapd.tls_url, ca_file=slapd.ca, exclude=(STUDENTS_OPENLDAP,))
    assert "none of the 10 entries" in told
    assert "10 were excluded by rule" in told


def test_a_filter_that_is_none(slapd: Slapd) -> None:
    """A malformed filter is a fault of the configuration."""
    with pytest.raises(ConfigError, match="cannot be understood"):
        read(slapd.tls_url, ca_file=slapd.ca, filter="(&)")


def test_a_look_alike_of_active_directory_without_computers(start: Start, tmp_path: Path) -> None:
    """A server that does not know the class of computers finds nobody who is none (RFC 4511, 4.5.1.7)."""
    schema = tmp_path / "user.schema"
    schema.write_text("objectclass ( 1.3.6.1.4.1.55555.1 NAME 'user' SUP inetOrgPerson STRUCTURAL )\n")
    people = openldap_ldif(SUFFIX).replace("objectClass: inetOrgPerson", "objectClass: user")
    server = start(people, schemas=[schema])
    names = DirectoryAttributes(login="uid", key="employeeNumber")
    found = read(server.tls_url, ca_file=server.ca, type="active-directory", attributes=names)
    assert len(found.entries) == 10


@pytest.mark.parametrize("limit", ["size.soft=5 size.hard=5", "size.prtotal=5", "size.pr=5"])
def test_a_size_limit_that_bites(start: Start, limit: str) -> None:
    """A read that a size limit cuts short is an error, never a shorter read."""
    server = start(limits=f"limits * {limit}")
    told = fault(server.tls_url, ca_file=server.ca)
    assert "size limit ended the read" in told
    assert "nothing of it is used" in told


def test_a_size_limit_in_the_middle(start: Start) -> None:
    """The limit may come after pages that went well."""
    server = start(openldap_ldif(SUFFIX, MANY), limits="limits * size.prtotal=3000 size.soft=unlimited")
    assert "after 3,000 entries" in fault(server.tls_url, ca_file=server.ca)


def test_a_referral_is_never_followed(start: Start) -> None:
    """A server that sends us elsewhere is named, and nobody goes there with the password."""
    with Listener(says_nothing) as elsewhere:
        link = f"ldap://{HOST}:{elsewhere.port}"
        ref = f"dn: ou=Elsewhere,{STUDENTS_OPENLDAP}\nobjectClass: referral\nobjectClass: extensibleObject\n"
        ref += f"ref: {link}/\n\n"
        server = start(openldap_ldif(SUFFIX) + ref, more=f"referral {link}")
        told = fault(server.tls_url, ca_file=server.ca, bases=("dc=other,dc=example",))
        assert f'refers to another one for "dc=other,dc=example": {link}' in told
        proof = read(server.tls_url, ca_file=server.ca).completeness
        assert (proof.complete, proof.referrals) == (True, 1)
        assert elsewhere.connections == 0


# -- the connection ----------------------------------------------------------------------------------------


def test_nobody_listens() -> None:
    """A refused connection is told at once, without further attempts."""
    began = time.monotonic()
    assert "127.0.0.1 refuses the connection" in fault(f"ldaps://{HOST}:{free_port(HOST)}")
    assert time.monotonic() - began < 2


def test_a_name_without_an_address() -> None:
    """A host that the DNS does not know is told as that."""
    assert "the name nowhere.invalid has no address" in fault("ldaps://nowhere.invalid")


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
def test_a_server_that_says_nothing(scheme: str) -> None:
    """A server that takes the connection and then is silent costs the timeout, and not a second more."""
    with Listener(says_nothing) as silent:
        began = time.monotonic()
        url, patience = f"{scheme}://{HOST}:{silent.port}", timedelta(seconds=1.5)
        told = fault(url, allow_plaintext=True, timeout=patience)
        assert 1 < time.monotonic() - began < 3
    assert "does not answer" in told if scheme == "ldaps" else "then said nothing" in told


@pytest.mark.parametrize("tls", [False, True])
def test_a_server_that_drips(authority: Authority, certificate: Certificate, *, tls: bool) -> None:
    """An octet of the answer now and then, from the sign-in on, does not prolong the time there is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def drip(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) if tls else connection as wire:
            wire.recv(4096)
            wire.sendall(bytes.fromhex("3084000fffff0201016184"))
            while True:
                wire.sendall(b"\0")
                time.sleep(0.1)

    with Listener(drip) as server:
        began = time.monotonic()
        url = f"{'ldaps' if tls else 'ldap'}://{HOST}:{server.port}"
        fault(url, allow_plaintext=True, ca_file=authority.file, timeout=timedelta(seconds=1.5))
        assert 1 < time.monotonic() - began < 3


def test_a_server_that_falls_silent(start: Start) -> None:
    """A server that stops answering in the middle of a read costs the timeout, and nothing of it is used."""
    server = start(openldap_ldif(SUFFIX, MANY))
    with Listener(relays(server.port, 300_000, server.freeze)) as relay:
        began = time.monotonic()
        told = fault(f"ldap://{HOST}:{relay.port}", allow_plaintext=True, timeout=timedelta(seconds=2))
        assert time.monotonic() - began < 4
    server.thaw()
    assert "then said nothing" in told


@pytest.mark.parametrize(
    "nonsense",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\nSorry, this is a web server.",
        bytes.fromhex("3084ffffffff020101"),
        bytes.fromhex("3003020101"),
        bytes(50),
    ],
    ids=["a web server", "a monstrous length", "an empty message", "zeros"],
)
def test_a_server_that_speaks_another_language(nonsense: bytes) -> None:
    """What is not LDAP is told as that or as silence, never by a traceback."""
    with Listener(says(nonsense)) as other:
        told = fault(f"ldap://{HOST}:{other.port}", allow_plaintext=True, timeout=timedelta(seconds=2))
    assert "does not speak LDAP" in told or "said nothing" in told


def test_the_wrong_one_of_two_ports(slapd: Slapd) -> None:
    """ldaps:// on the port of ldap, and the other way round, are told as that."""
    told = fault(slapd.url.replace("ldap:", "ldaps:"), ca_file=slapd.ca)
    assert "does not speak TLS" in told or "closed the connection before TLS" in told
    told = fault(slapd.tls_url.replace("ldaps:", "ldap:"), allow_plaintext=True)
    assert "connection was lost" in told or "does not speak LDAP" in told


def test_a_server_restarted_in_the_middle_of_a_read(start: Start) -> None:
    """A read whose server is killed and comes back is begun again, and is whole: nobody twice, nobody missing."""
    server = start(openldap_ldif(SUFFIX, MANY))

    def restart() -> None:
        server.kill()
        threading.Timer(1.0, server.start).start()

    with Listener(relays(server.port, 400_000, restart)) as relay:
        found = read(f"ldap://{HOST}:{relay.port}", allow_plaintext=True)
    assert sorted(one.login for one in MANY) == sorted(entry.login for entry in found.entries)
    assert found.completeness.complete


def test_a_server_that_does_not_come_back(start: Start) -> None:
    """A read whose server is killed for good ends within the timeout, and nothing of it is used."""
    server = start(openldap_ldif(SUFFIX, MANY))
    with Listener(relays(server.port, 400_000, server.kill)) as relay:
        began = time.monotonic()
        told = fault(f"ldap://{HOST}:{relay.port}", allow_plaintext=True, timeout=timedelta(seconds=5))
        assert time.monotonic() - began < 6
    assert "the connection was lost" in told
    assert "every further attempt failed too" in told
