"""A directory that cannot be read whole takes nothing from anybody: no archive, no rename, no role removed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.services.sync import Synced
from tests.conftest import SLAPD
from tests.servers import binaries
from tests.servers.people import SERVICE_PASSWORD, Someone, openldap_ldif
from tests.servers.ports import free_port
from tests.servers.silent import Listener, relays, says_nothing
from tests.servers.slapd import BLIND, HOST, READER, SUFFIX, Slapd
from tests.services.school import School, row

pytestmark = pytest.mark.servers

STUDENTS = f"ou=Students,{SUFFIX}"
NUMBERS = range(1, 31)
MANY = [Someone(f"other{number}", f"X{number}", "Other", "Person") for number in range(3_000)]


def pupils(policy: str) -> list[Someone]:
    """The class, with logins as mapping makes usernames; under adopt with others, which the accounts then have."""
    form = "net{}" if policy == "adopt" else "amelia.family{}"
    return [Someone(form.format(n), f"S{n}", "Amelia", f"Family{n}", groups=("Year 7",)) for n in NUMBERS]


MAPPING = f"""
[scope]
overwrite = true
renames = "apply"
missing = "archive"
missing_reads = 1
[usernames]
method = "given_dot_surname"
[passwords]
method = "none"
[roles]
default = []
managed = ["Student Security", "Student Portal"]
[[roles.rule]]
name = "everybody"
when = {{ status = "active" }}
grant = ["Student Security"]
[[roles.rule]]
name = "in the year's group"
when = {{ ldap_group = "cn=All Students,ou=Groups,{SUFFIX}", nested = true }}
grant = ["Student Portal"]
"""
WITHOUT_GROUPS = MAPPING.partition('[[roles.rule]]\nname = "in the year\'s group"')[0].replace(
    'grant = ["Student Security"]', 'grant = ["Student Security", "Student Portal"]'
)


@pytest.fixture
def server(request: pytest.FixtureRequest, authority, certificate) -> Iterator[Slapd]:
    """A directory of the test's own, to break, with the people of the test's policy."""
    binaries.needed(*SLAPD)
    policy = request.node.callspec.params["policy"]
    one = Slapd(openldap_ldif(SUFFIX, pupils(policy)), authority, certificate)
    yield one.start()
    one.stop()


def directory(server: Slapd, policy: str, **other: str) -> str:
    """[directory] of connector.toml for that server."""
    keys = {
        "url": server.tls_url,
        "ca_file": str(server.ca),
        "base": STUDENTS,
        "bind_dn": READER,
        "timeout": "3s",
        "policy": policy,
        **other,
    }
    text = "".join(f'{key} = "{value}"\n' for key, value in keys.items() if value)
    return f'[directory]\n{text}allow_plaintext = true\nbind_password = {{ file = "password" }}\n'


def school_of(folder: Path, mapping: str, more: str) -> School:
    """The school in that folder, configured anew; its store stays."""
    (folder / "password").write_text(SERVICE_PASSWORD)
    return School(folder, mapping, more)


def rows(*, changed: bool) -> list[dict[str, str]]:
    """The export; changed, one student is new and another has another family name."""
    found = [row(f"S{number}", "Amelia", f"Family{number}") for number in NUMBERS]
    if changed:
        found[0]["family_name"] = "Married"
        found.append(row("S99", "New", "Student"))
    return found


# What goes wrong with a server: given it, the changed keys of [directory], and what to close afterwards.


def _down(server: Slapd) -> dict[str, str]:
    server.kill()
    return {}


def _nobody_there(_: Slapd) -> dict[str, str]:
    return {"url": f"ldaps://{HOST}:{free_port(HOST)}"}


def _blind(_: Slapd) -> dict[str, str]:
    return {"bind_dn": BLIND}


def _empty(_: Slapd) -> dict[str, str]:
    return {"base": f"ou=Empty,{SUFFIX}"}


def _wrong_base(_: Slapd) -> dict[str, str]:
    return {"base": f"ou=Pupils,{SUFFIX}"}


def _shrunk(_: Slapd) -> dict[str, str]:
    return {"filter": "(|(employeeNumber=S1)(employeeNumber=S2))"}


def _untrusted(_: Slapd) -> dict[str, str]:
    return {"ca_file": ""}


FAULTS = (_down, _nobody_there, _blind, _empty, _wrong_base, _shrunk, _untrusted)


@pytest.mark.parametrize("wanting", ["groups", "no groups"])
@pytest.mark.parametrize("policy", ["report", "require", "adopt"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__.strip("_"))
def test_nothing_is_taken_from_anybody(tmp_path: Path, server: Slapd, policy: str, wanting: str, fault) -> None:
    """Under every policy, with and without group rules, a faulty read changes nothing that it could have decided."""
    mapping = MAPPING if wanting == "groups" else WITHOUT_GROUPS
    before = _synchronised(tmp_path, mapping, server, policy)
    school = school_of(tmp_path, mapping, directory(server, policy, **fault(server)))
    school.write(rows(changed=True))
    _check(school, school.sync(), before, decides=policy != "report" or wanting == "groups")


@pytest.mark.parametrize("policy", ["report", "require", "adopt"])
@pytest.mark.parametrize("end", ["killed", "size limit", "silence"])
def test_a_read_that_ends_in_the_middle(tmp_path: Path, authority, certificate, policy: str, end: str) -> None:
    """A server that dies, stops or falls silent after the first pages has given nothing that counts."""
    binaries.needed(*SLAPD)
    server = Slapd(openldap_ldif(SUFFIX, [*pupils(policy), *MANY]), authority, certificate)
    try:
        server.start()
        before = _synchronised(tmp_path, MAPPING, server, policy)
        if end == "size limit":
            server.stop()
            server = Slapd(
                openldap_ldif(SUFFIX, [*pupils(policy), *MANY]),
                authority,
                certificate,
                limits="limits * size.prtotal=2000",
            )
            server.start()
            _after(tmp_path, directory(server, policy), before)
            return
        broken = server.kill if end == "killed" else server.freeze
        with Listener(relays(server.port, 300_000, broken)) as relay:
            _after(tmp_path, directory(server, policy, url=f"ldap://{HOST}:{relay.port}", ca_file=""), before)
        if end == "silence":
            server.thaw()
    finally:
        server.stop()


@pytest.mark.parametrize("policy", ["report", "require", "adopt"])
def test_a_server_that_takes_the_connection_and_says_nothing(tmp_path: Path, server: Slapd, policy: str) -> None:
    """Silence is a fault like any other."""
    before = _synchronised(tmp_path, MAPPING, server, policy)
    with Listener(says_nothing) as silent:
        _after(tmp_path, directory(server, policy, url=f"ldap://{HOST}:{silent.port}", timeout="1s"), before)


@pytest.mark.parametrize("policy", ["report", "require", "adopt"])
def test_roles_follow_groups_when_the_directory_is_whole(tmp_path: Path, server: Slapd, policy: str) -> None:
    """Group rules, nested ones too, give roles: so that the tests above would see them taken."""
    before = _synchronised(tmp_path, MAPPING, server, policy)
    assert {tuple(one["roles"]) for one in before.values()} == {("Student Portal", "Student Security")}


def _synchronised(folder: Path, mapping: str, server: Slapd, policy: str) -> dict[str, dict]:
    """Sync once while everything is well; the accounts there are then."""
    school = school_of(folder, mapping, directory(server, policy))
    school.write(rows(changed=False))
    assert school.sync().run is not None
    accounts = school.accounts()
    assert len(accounts) == len(NUMBERS)
    return accounts


def _after(folder: Path, more: str, before: dict[str, dict]) -> None:
    school = school_of(folder, MAPPING, more)
    school.write(rows(changed=True))
    _check(school, school.sync(), before, decides=True)


def _check(school: School, done: Synced, before: dict[str, dict], *, decides: bool) -> None:
    """Nobody lost anything; where the directory decides, the run was refused and nothing at all was written."""
    after = school.accounts()
    for code, account in before.items():
        assert not after[code]["archived"]
        assert set(account["roles"]) <= set(after[code]["roles"])
    assert {code: after[code]["username"] for code in before if code != "S1"} == {
        code: account["username"] for code, account in before.items() if code != "S1"
    }
    assert any(one.code == "incomplete-read" for one in done.plan.findings)
    if decides:
        assert done.run is None
        assert [line.code for line in done.plan.guard if line.refused] == ["incomplete-directory"]
        assert after == before
    else:
        assert done.run is not None
        assert "S99" in after
