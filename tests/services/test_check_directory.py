"""What `trackone check --connect` says of a directory."""

import pytest

from connector.domain.entry import Completeness, DirectoryEntry, DirectoryRead
from connector.domain.errors import DirectoryError
from connector.services.check_directory import check_directory
from tests.servers.people import SERVICE_PASSWORD
from tests.servers.samba import READER as SAMBA_READER
from tests.servers.samba import STUDENTS, Samba
from tests.servers.slapd import READER, SUFFIX, Slapd
from tests.services.school import School, row


class Fixed:
    """A directory that gives what it was made with."""

    def __init__(self, given: DirectoryRead | DirectoryError) -> None:
        """Keep the read, or the error to raise."""
        self.given = given

    def read(self) -> DirectoryRead:
        """Give it."""
        if isinstance(self.given, DirectoryError):
            raise self.given
        return self.given


def people(keyed: int, unkeyed: int) -> tuple[DirectoryEntry, ...]:
    """People with and without a key."""
    return tuple(
        DirectoryEntry(f"CN={n}", f"login{n}", f"S{n}" if n < keyed else " ") for n in range(keyed + unkeyed)
    )


@pytest.mark.parametrize(
    ("keyed", "unkeyed", "share", "well", "step"),
    [
        (4, 0, "100 % of the people carry a SIS code (4 of 4)", True, ""),
        (3, 1, "75.0 % of the people", True, "Who has none: trackone align"),
        (9_999, 1, "99.9 % of the people", True, "Who has none"),
        (1, 3, "25.0 % of the people", True, "the right attribute?"),
        (0, 4, "0 % of the people", False, "[directory.attributes] key"),
    ],
)
def test_how_many_carry_a_key(keyed: int, unkeyed: int, share: str, step: str, *, well: bool) -> None:
    """The share of people with a SIS code is told; nobody at all is a fault, few a question."""
    checked = {one.what: one for one in check_directory(Fixed(DirectoryRead(people(keyed, unkeyed))))}
    assert share in checked["directory key"].seen
    assert checked["directory key"].well is well
    assert step in checked["directory key"].next_step


def test_an_incomplete_read_is_not_well() -> None:
    """A read that was cut says why, and what then does not happen."""
    proof = Completeness(
        complete=False, reason="the file was cut", source="ldif:x", unreadable=("login (on no entry)",)
    )
    found = {one.what: one for one in check_directory(Fixed(DirectoryRead(people(1, 0), proof)))}
    assert not found["directory"].well
    assert "INCOMPLETE: the file was cut" in found["directory"].seen
    assert not found["directory attributes"].well


def test_a_directory_that_cannot_be_read() -> None:
    """The cause and the next step of a failure are told apart."""
    [checked] = check_directory(Fixed(DirectoryError("it is down", hint="Start it.")))
    assert (checked.well, checked.seen, checked.next_step) == (False, "it is down", "Start it.")


@pytest.mark.servers
@pytest.mark.parametrize("twin", ["slapd", "samba"])
def test_a_real_server(request: pytest.FixtureRequest, tmp_path, twin: str) -> None:
    """Server, kind, sign-in, people, key coverage and account states of a live directory are shown."""
    server: Slapd | Samba = request.getfixturevalue(twin)
    samba = isinstance(server, Samba)
    (tmp_path / "password").write_text(SERVICE_PASSWORD + "\n")
    directory = (
        f'[directory]\nurl = "{server.tls_url}"\nca_file = "{server.ca}"\n'
        f'base = "{STUDENTS if samba else "ou=Students," + SUFFIX}"\n'
        f'bind_dn = "{SAMBA_READER if samba else READER}"\nbind_password = {{ file = "password" }}\n'
    )
    school = School(tmp_path, more=directory)
    school.write([row("S1001", "Amelia", "Smith")])
    found = {one.what: one for one in check_directory(school.built().directory)}
    assert all(one.well for one in found.values())
    seen = found["directory"].seen
    assert ("Active Directory by Samba Team, dc1.school.test" if samba else "(OpenLDAP)") in seen
    assert "10 people" in seen
    assert "signed in as" in seen
    assert "TLSv1.3" in seen
    assert "90.0 % of the people carry a SIS code (9 of 10)" in found["directory key"].seen
    assert "mail 100 %" in found["directory attributes"].seen
    assert "1 disabled" in found["account states"].seen
