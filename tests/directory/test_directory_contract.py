"""One school in an LDIF export, OpenLDAP and a Samba domain: whatever holds it, it reads the same."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.directory.ldap import ldap_directory
from connector.directory.ldif import ldif_directory
from connector.domain.entry import DirectoryEntry, DirectoryRead
from connector.domain.ruleset import Test as Question
from connector.domain.student import Student
from connector.mapping.conditions import condition
from connector.settings.values import DirectoryAttributes, DirectorySettings
from tests.servers.people import PEOPLE, SERVICE_PASSWORD, Someone, openldap_ldif
from tests.servers.samba import ADMIN, ADMIN_PASSWORD, BASE, STUDENTS, Samba
from tests.servers.samba import READER as SAMBA_READER
from tests.servers.slapd import READER, SUFFIX, Slapd

pytestmark = pytest.mark.servers

LIVING = [one for one in PEOPLE if one.state != "deleted"]
NOW = datetime(2026, 3, 2, 12, 5, tzinfo=UTC)

Read = Callable[..., DirectoryRead]


@pytest.fixture(params=["ldif", "slapd", "slapd-starttls", "samba", "samba-starttls"])
def read(request: pytest.FixtureRequest, tmp_path: Path) -> Read:
    """Read the school from one of its twins."""
    kind = request.param.partition("-")[0]
    if kind == "ldif":
        return _ldif(tmp_path)
    server: Slapd | Samba = request.getfixturevalue(kind)
    tls = "starttls" not in request.param
    url = server.tls_url if tls else server.url
    bases, reader = (f"ou=Students,{SUFFIX}",), READER
    now = NOW
    if isinstance(server, Samba):
        bases, reader = (STUDENTS,), SAMBA_READER
        now = datetime.now(UTC)  # noqa: TID251 - Samba judges locks by its own clock

    def read(**settings: object) -> DirectoryRead:
        configured = {"bases": bases, "bind_dn": reader, "ca_file": server.ca, "start_tls": not tls, **settings}
        return ldap_directory(DirectorySettings(url, **configured), SERVICE_PASSWORD, lambda: now).read()

    return read


def _ldif(folder: Path) -> Read:
    (folder / "export.ldif").write_text(openldap_ldif(SUFFIX), encoding="utf-8")

    def read(**settings: object) -> DirectoryRead:
        configured = {"bases": (f"ou=Students,{SUFFIX}",), **settings}
        return ldif_directory(DirectorySettings("ldif:export.ldif", **configured), folder, lambda: NOW).read()

    return read


def by_login(found: DirectoryRead) -> dict[str, DirectoryEntry]:
    """The entries by login."""
    return {entry.login: entry for entry in found.entries}


def test_everybody_is_there_with_every_name(read: Read) -> None:
    """Each person is read with login, key, names and address, accents and commas included; nobody else is."""
    found = by_login(read())
    assert {one.login for one in LIVING} == set(found)
    for one in LIVING:
        entry = found[one.login]
        assert (one.key, one.given, one.family, one.mail) == (entry.key, entry.given, entry.family, entry.mail)
        assert entry.display == f"{one.given} {one.family}"


def _state(entry: DirectoryEntry) -> str:
    if not entry.enabled:
        return "disabled"
    if entry.locked:
        return "locked"
    if entry.expires is not None and entry.expires < NOW:
        return "expired"
    return "must-change" if entry.password_expired else "well"


@pytest.mark.parametrize("one", LIVING, ids=lambda one: one.state + "-" + one.login)
def test_the_state_of_an_account(read: Read, one: Someone) -> None:
    """Disabled, locked, expired and must-change are told; a lock that is over is none."""
    expected = "well" if one.state == "lock-over" else one.state
    assert expected == _state(by_login(read())[one.login])


def test_the_read_proves_that_it_was_whole(read: Read) -> None:
    """The proof says what was read from where, and that nothing was left out."""
    proof = read().completeness
    assert (proof.complete, proof.reason, proof.entries) == (True, "", len(LIVING))
    assert proof.source != ""
    assert proof.unreadable == ()


def test_a_filter_and_an_exclusion_narrow_the_read(read: Read) -> None:
    """The filter decides who is looked at; who is excluded by filter or place is counted."""
    found = read(filter="(mail=*)", exclude=("(sn=Smith)",))
    assert "asmith" not in by_login(found)
    assert found.completeness.excluded == 1
    assert len(found.entries) == len(LIVING) - 1


def test_an_excluded_place(read: Read) -> None:
    """Everybody below an excluded DN is left out and counted."""
    [base] = read().completeness.bases
    found = read(exclude=(f"OU=Year 8,{base}",))
    assert "cnguyen" not in by_login(found)
    assert found.completeness.excluded == 1


def test_another_key_and_login(read: Read) -> None:
    """Login and key are taken from the attributes that the school names."""
    found = read(attributes=read_attributes(login="mail", key="sn"))
    entry = by_login(found)["asmith@school.example"]
    assert entry.key == "Smith"


def test_a_filter_with_accents(read: Read) -> None:
    """A filter may hold any letter."""
    assert set(by_login(read(filter="(sn=Nguyễn)"))) == {"cnguyen"}


def read_attributes(**names: str) -> object:
    """[directory.attributes] with these names."""
    return DirectoryAttributes(**names)


@pytest.mark.parametrize("twin", ["slapd", "samba"])
def test_groups_and_the_groups_they_lie_in(request: pytest.FixtureRequest, twin: str) -> None:
    """Where rules ask for groups, people come with theirs, and the groups with those they lie in."""
    server: Slapd | Samba = request.getfixturevalue(twin)
    found = _read_groups(server, ("All Students", "Prefects"))
    people = by_login(found)
    assert _names(people["zdubois"].groups) >= {"year 7", "prefects"}
    assert "all students" not in _names(people["zdubois"].groups)
    inside = {_name(group): _names(above) for group, above in found.nesting.items()}
    assert inside["year 7"] == {"all students"}
    assert found.completeness.complete


@pytest.mark.parametrize("twin", ["slapd", "samba"])
def test_a_group_that_is_gone(request: pytest.FixtureRequest, twin: str) -> None:
    """A rule's group that is not there makes the read incomplete: it may have been renamed, not emptied."""
    found = _read_groups(request.getfixturevalue(twin), ("Prefect",))
    assert not found.completeness.complete
    assert "the group" in found.completeness.reason
    assert "is not there" in found.completeness.reason


def test_nesting_agrees_with_the_servers_own(samba: Samba) -> None:
    """Following memberOf from group to group finds whom the domain's in-chain rule finds."""
    group = f"CN=All Students,OU=Groups,OU=School,{BASE}"
    chain = f"(memberOf:1.2.840.113556.1.4.1941:={group})"
    settings = DirectorySettings(
        samba.tls_url, bases=(STUDENTS,), bind_dn=SAMBA_READER, ca_file=samba.ca, filter=chain
    )
    by_server = set(by_login(ldap_directory(settings, SERVICE_PASSWORD, lambda: NOW).read()))
    found = _read_groups(samba, ("All Students",))
    holds = condition(Question("ldap_group", (group,), "nested"), found.nesting)
    ours = {one.login for one in found.entries if holds(Student(sis_code=one.key), one.groups, frozenset())}
    assert by_server == ours == {"asmith", "zdubois"}


def test_the_primary_group_of_active_directory(samba: Samba) -> None:
    """The primary group, which memberOf leaves out, is among a person's groups."""
    people = by_login(_read_groups(samba, ("Prefects",)))
    assert all("domain users" in _names(entry.groups) for entry in people.values())


def test_openldap_without_its_memberof_overlay(authority, certificate) -> None:
    """Where entries do not know their groups, the groups' own members tell."""
    server = Slapd(openldap_ldif(SUFFIX), authority, certificate, member_of=False)
    try:
        server.start()
        people = by_login(_read_groups(server, ("Prefects",)))
    finally:
        server.stop()
    assert _names(people["zdubois"].groups) == {"year 7", "prefects"}
    assert _names(people["nokey"].groups) == set()


def test_members_are_found_however_their_names_are_spelt(authority, certificate) -> None:
    r"""OpenLDAP calls an entry `Smith\2C Anna` that its group calls `Smith\, Anna`: it is one person."""
    names = ["Smith\\, Anna", "A\\+B", "\\#1", "Bronte\\; Zoe"]
    dns = [f"cn={name},ou=Students,{SUFFIX}" for name in names]
    people = "".join(
        f"dn: {dn}\nobjectClass: inetOrgPerson\nsn: Odd\nuid: odd{at}\nemployeeNumber: O{at}\n\n"
        for at, dn in enumerate(dns)
    )
    group = f"dn: cn=Odd\\, Club,ou=Groups,{SUFFIX}\nobjectClass: groupOfNames\n"
    group += "".join(f"member: {dn}\n" for dn in dns) + "\n"
    server = Slapd(openldap_ldif(SUFFIX) + people + group, authority, certificate, member_of=False)
    try:
        server.start()
        found = by_login(_read_groups(server, ("Odd\\, Club",)))
    finally:
        server.stop()
    assert [_names(found[f"odd{at}"].groups) for at in range(4)] == [{"odd\\2c club"}] * 4


def _read_groups(server: Slapd | Samba, names: tuple[str, ...]) -> DirectoryRead:
    base, reader, suffix = f"ou=Students,{SUFFIX}", READER, f"ou=Groups,{SUFFIX}"
    if isinstance(server, Samba):
        base, reader, suffix = STUDENTS, SAMBA_READER, f"OU=Groups,OU=School,{BASE}"
    settings = DirectorySettings(server.tls_url, bases=(base,), bind_dn=reader, ca_file=server.ca)
    dns = [f"CN={name},{suffix}" for name in names]
    return ldap_directory(settings, SERVICE_PASSWORD, lambda: NOW, dns).read()


def _name(dn: str) -> str:
    return dn.partition(",")[0].partition("=")[2].lower()


def _names(dns: frozenset[str]) -> set[str]:
    return set(map(_name, dns))


def test_deleted_people_where_the_account_may_see_them(samba: Samba) -> None:
    """Somebody deleted from under a base is told as deleted, with the last parent."""
    settings = DirectorySettings(samba.tls_url, bases=(STUDENTS,), bind_dn=ADMIN, ca_file=samba.ca)
    gone = by_login(ldap_directory(settings, ADMIN_PASSWORD, lambda: NOW).read())["ggone"]
    assert gone.deleted
    assert gone.last_parent == f"OU=Year 7,{STUDENTS}"
    elsewhere = DirectorySettings(samba.tls_url, bases=(f"OU=Year 8,{STUDENTS}",), bind_dn=ADMIN, ca_file=samba.ca)
    assert "ggone" not in by_login(ldap_directory(elsewhere, ADMIN_PASSWORD, lambda: NOW).read())


def test_the_upn_suffixes_of_a_forest(samba: Samba) -> None:
    """The domain's own name and the suffixes added to the forest are known."""
    settings = DirectorySettings(samba.tls_url, bases=(STUDENTS,), bind_dn=SAMBA_READER, ca_file=samba.ca)
    assert ldap_directory(settings, SERVICE_PASSWORD, lambda: NOW).read().suffixes == (
        "school.test",
        "school.example",
    )


def test_several_bases_may_overlap(slapd: Slapd) -> None:
    """Somebody found under two bases counts once, and each base is asked."""
    bases = (f"ou=Year 8,ou=Students,{SUFFIX}", f"ou=Students,{SUFFIX}")
    settings = DirectorySettings(slapd.tls_url, bases=bases, bind_dn=READER, ca_file=slapd.ca)
    found = ldap_directory(settings, SERVICE_PASSWORD, lambda: NOW).read()
    assert len(found.entries) == len(LIVING)


def test_a_lock_in_openldap_ends_with_its_policy(slapd: Slapd) -> None:
    """The half hour of the password policy decides, read from the server."""
    settings = DirectorySettings(slapd.tls_url, bases=(f"ou=Students,{SUFFIX}",), bind_dn=READER, ca_file=slapd.ca)
    later = NOW + timedelta(minutes=40)
    assert not by_login(ldap_directory(settings, SERVICE_PASSWORD, lambda: later).read())["llocked"].locked
