"""Signing in to the console with the network account, against a real slapd."""

import pytest

from tests.console.conftest import PEOPLE, RULES
from tests.console.visits import Office
from tests.servers import binaries
from tests.servers.people import SERVICE_PASSWORD, openldap_ldif
from tests.servers.slapd import READER, SUFFIX, Slapd
from tests.servers.staff import OPERATORS, PASSWORD, VIEWERS, staff
from tests.services.school import School

pytestmark = pytest.mark.servers

CONFIG = """
[directory]
url = "{url}"
base = "ou=Students,{suffix}"
bind_dn = "{reader}"
bind_password = {{ file = "secret" }}
ca_file = "{ca}"
[console]
operators = ["{operators}"]
viewers = ["{viewers}"]
"""


@pytest.fixture
def slapd_with_staff(authority, certificate):
    """A slapd of one's own, with staff."""
    binaries.needed("slapd", "slapadd")
    server = Slapd(openldap_ldif(SUFFIX) + staff(), authority, certificate)
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def office(tmp_path, slapd_with_staff):
    """A school whose groups of the directory may sign in."""
    (tmp_path / "secret").write_text(SERVICE_PASSWORD)
    names = {"url": slapd_with_staff.tls_url, "ca": slapd_with_staff.ca, "reader": READER, "suffix": SUFFIX}
    school = School(tmp_path, RULES, CONFIG.format(**names, operators=OPERATORS, viewers=VIEWERS))
    school.write(PEOPLE)
    return Office(school)


def test_members_sign_in_as_their_group_says(office, slapd_with_staff):
    """Operators operate, viewers look, others stay outside; a directory that is away is no wrong password."""
    assert office.link() == ""
    operator = office.visit("jlee").sign_in(PASSWORD)
    assert operator.path == "/users"
    assert "invite-head" in operator.open("/administrators").text
    viewer = office.visit("kim*").sign_in(PASSWORD)
    assert "invite-head" not in viewer.open("/administrators").text
    assert [office.visit(name).sign_in(PASSWORD).page.status_code for name in ("pat", "nobody")] == [401, 401]
    assert office.visit("jlee").sign_in("wrong").page.status_code == 401
    slapd_with_staff.kill()
    away = office.visit("jlee").sign_in(PASSWORD)
    assert away.page.status_code == 503
    assert "The directory cannot be asked at the moment." in away.words


def test_an_administrator_of_the_console_comes_first(office):
    """A name that has a password of the console's own is never asked of the directory."""
    visit = office.visit("jlee")
    visit.join(office.link(always=True))
    assert office.visit("jlee").sign_in(PASSWORD).page.status_code == 401
    assert office.visit("jlee").sign_in().path == "/users"
