"""What tests of several rooms share: private servers, started once a session by the first test that asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import binaries
from tests.servers.authority import Authority
from tests.servers.people import openldap_ldif
from tests.servers.postgres import Postgres
from tests.servers.samba import STUDENTS, Samba
from tests.servers.slapd import HOST, SUFFIX, Slapd

SLAPD = ("slapd", "slapadd", "openssl")
SAMBA = ("samba", "samba-tool", "ldapwhoami", "openssl")


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The certificate authority of the test school."""
    binaries.needed("openssl")
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def certificate(authority: Authority) -> tuple[Path, Path]:
    """A certificate and key for the loopback address and localhost."""
    return authority.sign("localhost", ("DNS:localhost", f"IP:{HOST}"))


@pytest.fixture(scope="session")
def slapd(authority: Authority, certificate: tuple[Path, Path]) -> Iterator[Slapd]:
    """The test school in OpenLDAP; for reading, never for breaking."""
    binaries.needed(*SLAPD)
    server = Slapd(openldap_ldif(SUFFIX), authority, certificate)
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def samba(authority: Authority) -> Iterator[Samba]:
    """The test school in a Samba domain; for reading, never for breaking."""
    binaries.needed(*SAMBA)
    server = Samba(authority)
    try:
        server.start()
        server.lock(f"CN=Lock Ed,OU=Year 7,{STUDENTS}")
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server; each test makes a database or a schema of its own in it."""
    server = Postgres()
    try:
        yield server.start()
    finally:
        server.stop()
