"""Signing in with the network account, against a real slapd."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.directory.sign_in import DirectorySignIn
from connector.domain.console import Role
from connector.domain.errors import DirectoryError
from connector.settings.values import DirectoryAttributes, DirectorySettings
from tests.servers import binaries
from tests.servers.authority import Authority
from tests.servers.people import SERVICE_PASSWORD, openldap_ldif
from tests.servers.slapd import READER, SUFFIX, Slapd
from tests.servers.staff import OPERATORS, PASSWORD, VIEWERS, staff

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def school(authority: Authority, certificate: tuple[Path, Path]) -> Iterator[Slapd]:
    """A slapd with staff and two groups."""
    binaries.needed("slapd", "slapadd")
    server = Slapd(openldap_ldif(SUFFIX) + staff(), authority, certificate)
    try:
        yield server.start()
    finally:
        server.stop()


def door(school: Slapd, **more: object) -> DirectorySignIn:
    """The sign-in of that school."""
    settings = DirectorySettings(
        url=school.tls_url,
        bases=(f"ou=Students,{SUFFIX}",),
        bind_dn=READER,
        ca_file=school.ca,
        attributes=DirectoryAttributes(login="uid"),
    )
    groups = {Role.OPERATOR: (OPERATORS,), Role.VIEWER: (VIEWERS,)}
    return DirectorySignIn(settings, str(more.get("password", SERVICE_PASSWORD)), groups)


@pytest.mark.parametrize(
    ("name", "password", "role"),
    [
        ("jlee", PASSWORD, Role.OPERATOR),
        ("JLEE", PASSWORD, Role.OPERATOR),
        ("kim*", PASSWORD, Role.VIEWER),
        ("jlee", "wrong", None),
        ("jlee", "", None),
        ("max", "", None),
        ("max", "anything", None),
        ("pat", PASSWORD, None),
        ("asmith", PASSWORD, None),
        ("nobody", PASSWORD, None),
        ("*", PASSWORD, None),
        ("j*", PASSWORD, None),
        ("jlee)(uid=*", PASSWORD, None),
        ("", PASSWORD, None),
        ("jlee\0", PASSWORD, None),
    ],
)
def test_a_member_with_the_right_password_gets_the_role(
    school: Slapd, name: str, password: str, role: Role | None
) -> None:
    """The group with most rights counts; who is in none, or types a filter or nothing, gets nowhere."""
    assert door(school).role_of(name, password) is role


def test_a_directory_that_cannot_be_asked_is_no_wrong_password(school: Slapd) -> None:
    """When the reading account itself is refused, the fault is told as the directory's."""
    with pytest.raises(DirectoryError, match="the name or the password is wrong"):
        door(school, password="not it").role_of("jlee", PASSWORD)
