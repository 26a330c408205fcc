"""What an LDIF export gives, and when it is not to be trusted."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.directory.ldif import ldif_directory
from connector.domain.entry import DirectoryEntry, DirectoryRead
from connector.domain.errors import DirectoryError
from connector.settings.values import DirectorySettings

DATA = Path(__file__).parents[1] / "data" / "ldif"
NOW = datetime(2026, 1, 15, 2, 45, tzinfo=UTC)

PERSON = "dn: uid={0},ou=Students,dc=school\nobjectClass: inetOrgPerson\nuid: {0}\nemployeeNumber: S-{0}\n\n"
THREE = "".join(PERSON.format(login) for login in ("a", "b", "c"))

Read = Callable[..., DirectoryRead]


def read_file(name: str, now: datetime = NOW, **settings: object) -> DirectoryRead:
    """Read one of the sample exports."""
    return ldif_directory(DirectorySettings(f"ldif:{name}", **settings), DATA, lambda: now).read()


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read a text or bytes as if it were an export."""

    def read(content: str | bytes, **settings: object) -> DirectoryRead:
        data = content.encode() if isinstance(content, str) else content
        (tmp_path / "export.ldif").write_bytes(data)
        return ldif_directory(DirectorySettings("ldif:export.ldif", **settings), tmp_path, lambda: NOW).read()

    return read


def logins(found: DirectoryRead) -> list[str]:
    """The logins of a read, in the file's order."""
    return [entry.login for entry in found.entries]


def by_login(found: DirectoryRead) -> dict[str, DirectoryEntry]:
    """The entries of a read by login."""
    return {entry.login: entry for entry in found.entries}


# -- real exports ------------------------------------------------------------------------------------------


def test_an_ldifde_export_of_active_directory() -> None:
    """Every fact of an Active Directory account is read from what ldifde writes."""
    found = read_file("active-directory-ldifde.ldf")
    people = by_login(found)
    assert found.completeness.complete
    assert found.completeness.kind == "active-directory"
    assert list(people) == ["asmith", "zdubois", "lobrien", "lfresh", "lstale", "mchange", "nopass", "lleft"]
    assert people["zdubois"] == DirectoryEntry(
        dn="CN=Zoë Dubois,OU=Year 7,OU=Students,DC=school,DC=example",
        login="zdubois",
        key="S1002",
        stable_id="a0000000-0000-0000-0000-000000000066",
        upn="zdubois@school.example",
        mail="zdubois@school.example",
        given="Zoë",
        family="Dubois",
        display="Zoë Dubois",
        last_sign_in=datetime(2025, 4, 24, 20, 26, 40, tzinfo=UTC),
        created=datetime(2024, 1, 30, 1, 32, 21, tzinfo=UTC),
        groups=frozenset(
            {
                "CN=Year 7,OU=Groups of the whole school,DC=school,DC=example",
                "CN=All Students of Riverside College,OU=Groups of the whole school,DC=school,DC=example",
            }
        ),
    )
    assert [login for login, entry in people.items() if not entry.enabled] == ["lobrien"]
    assert [login for login, entry in people.items() if entry.password_expired] == ["mchange"]
    assert [login for login, entry in people.items() if entry.password_not_required] == ["nopass"]
    assert [login for login, entry in people.items() if entry.last_sign_in is None] == ["nopass"]
    assert {login for login, entry in people.items() if entry.expires} == {"lleft"}


@pytest.mark.parametrize(
    ("now", "locked"),
    [
        (datetime(2026, 1, 15, 2, 59, tzinfo=UTC), ["lfresh"]),
        (datetime(2026, 1, 15, 3, 1, tzinfo=UTC), []),
    ],
)
def test_a_lock_holds_for_the_domains_lockout_duration(now: datetime, locked: list[str]) -> None:
    """A lockoutTime older than the half hour that the domain object states is no lock."""
    people = by_login(read_file("active-directory-ldifde.ldf", now))
    assert [login for login, entry in people.items() if entry.locked] == locked


def test_an_ldapsearch_export_of_active_directory_with_deleted_objects() -> None:
    """Groups, computers, contacts and containers are nobody; a deleted person is told with the last parent."""
    found = read_file("active-directory.ldif", exclude=("OU=Service,DC=school,DC=test",))
    people = by_login(found)
    assert set(people) == {"asmith", "zdubois", "lobrien", "mgone", "lleft", "adeleted"}
    assert [login for login, entry in people.items() if entry.deleted] == ["adeleted"]
    assert people["adeleted"].last_parent == "OU=Year 7,OU=Students,DC=school,DC=test"
    assert people["adeleted"].stable_id == "f25f4cda-8e47-49ba-ac27-f836caa3f649"
    proof = found.completeness
    assert (proof.complete, proof.entries, proof.excluded, proof.referrals) == (True, 6, 1, 1)


def test_an_ldapsearch_export_of_openldap() -> None:
    """People, their groups and their locks are read from OpenLDAP's attributes."""
    now = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
    found = read_file("openldap.ldif", now)
    people = by_login(found)
    assert found.completeness.complete
    assert found.completeness.kind == "openldap"
    assert list(people) == ["asmith", "zdubois", "liam", "locked", "gone"]
    assert people["zdubois"].given == "Zoë"
    assert people["zdubois"].groups == {"cn=Year 7,ou=Students,dc=school,dc=example"}
    assert people["liam"].dn == r"cn=O\2C Brien\2BCo,ou=Year 7,ou=Students,dc=school,dc=example"
    assert people["gone"].expires == datetime(2019, 4, 14, tzinfo=UTC)
    assert [login for login, entry in people.items() if entry.locked] == ["locked"]


def test_a_search_in_pages_is_one_search() -> None:
    """The result that ldapsearch writes after each page ends nothing."""
    found = read_file("openldap-pages.ldif")
    assert (found.completeness.complete, found.completeness.pages, len(found.entries)) == (True, 3, 5)


def test_a_search_stopped_by_a_size_limit_is_incomplete() -> None:
    """The trailer of ldapsearch says that the server stopped."""
    found = read_file("openldap-limited.ldif")
    assert not found.completeness.complete
    assert found.completeness.reason == "the search ended with result 4 (Size limit exceeded)"


# -- where and who -----------------------------------------------------------------------------------------


def test_only_people_under_the_bases_are_read() -> None:
    """What lies elsewhere is counted, not read; a deleted person counts as being where it was."""
    found = read_file("active-directory.ldif", bases=("OU=Year 7, OU=students, DC=school,DC=test",))
    assert set(logins(found)) == {"asmith", "zdubois", "lobrien", "mgone", "adeleted"}
    assert found.completeness.excluded == 2


@pytest.mark.parametrize(
    "exclude",
    ["CN=svc-print,OU=Service,DC=school,DC=test", "ou=service,dc=school,dc=test", "(sAMAccountName=svc-*)"],
)
def test_service_accounts_are_excluded_by_dn_or_filter(exclude: str) -> None:
    """An exclusion names an entry, a container or a filter."""
    found = read_file("active-directory.ldif", exclude=(exclude,))
    assert "svc-print" not in logins(found)
    assert found.completeness.excluded == 1


def test_the_filter_decides_who_is_read() -> None:
    """The filter of [directory] works on an export as on a server."""
    found = read_file(
        "active-directory.ldif",
        filter="(&(objectCategory=person)(objectClass=user)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))",
    )
    assert logins(found) == []
    found = read_file(
        "active-directory-ldifde.ldf",
        filter="(&(objectCategory=person)(objectClass=user)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))",
    )
    assert "lobrien" not in logins(found)
    assert len(found.entries) == 7


# -- forms of text -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.replace("\n", "\r\n").encode("utf-16"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
    ],
)
def test_every_encoding_of_an_export_is_read_alike(read: Read, encode: Callable[[str], bytes]) -> None:
    """UTF-8 and UTF-16 with and without a byte order mark, CRLF or LF: the same people."""
    text = THREE + "dn: uid=zoë,dc=school\nobjectClass: inetOrgPerson\nuid: zoë\n\n"
    found = read(encode(text))
    assert logins(found) == ["a", "b", "c", "zoë"]
    assert found.completeness.complete


@pytest.mark.parametrize(
    ("lines", "login"),
    [
        ("uid: asmith", "asmith"),
        ("uid:asmith", "asmith"),
        ("uid:   asmith", "asmith"),
        ("UID: asmith", "asmith"),
        ("uid:: YXNtaXRoIA==", "asmith "),
        ("uid: as\n mi\n th", "asmith"),
        ("uid:: YXNt\n aXRo", "asmith"),
        ("uid;binary: asmith", "asmith"),
        ("# a comment\n that goes on\nuid: asmith", "asmith"),
        ("uid;lang-en: other\nuid: asmith", "asmith"),
    ],
)
def test_a_value_is_read_in_every_form(read: Read, lines: str, login: str) -> None:
    """Folded lines, base64, options, blanks after the colon and comments (RFC 2849)."""
    found = read(f"version: 1\ndn: cn=x,dc=school\nobjectClass: inetOrgPerson\n{lines}\ncn: x\n\n")
    assert logins(found) == [login]


def test_an_entry_given_twice_counts_once(read: Read) -> None:
    """Two exports put together may overlap."""
    found = read(THREE + PERSON.format("B").replace("uid: B", "uid: b"))
    assert logins(found) == ["a", "b", "c"]


def test_values_that_make_no_sense_are_left_out_and_counted(read: Read) -> None:
    """A bad value costs that value, never the entry or the read."""
    found = read(
        "dn: CN=x,DC=school\nsAMAccountName: asmith\nemployeeID: S1\nuserAccountControl: often\n"
        "accountExpires: -5\nwhenCreated: yesterday\nobjectGUID:: AAAA\nmail:: /w==\nsn:: %%%\n\n"
    )
    assert logins(found) == ["asmith"]
    assert found.completeness.complete
    assert found.completeness.unreadable == (
        "accountexpires (1 values)",
        "mail (1 values)",
        "objectguid (1 values)",
        "sn (1 values)",
        "useraccountcontrol (1 values)",
        "whencreated (1 values)",
    )


def test_attributes_that_no_entry_has_are_named(read: Read) -> None:
    """An export without the key or the account state says so."""
    found = read("dn: CN=x,DC=school\nsAMAccountName: asmith\n\n")
    assert found.completeness.unreadable == ("employeeid (on no entry)", "useraccountcontrol (on no entry)")


# -- incomplete --------------------------------------------------------------------------------------------

HEADER = "# extended LDIF\n#\n# LDAPv3\n# base <dc=school> with scope subtree\n#\n\n"
TRAILER = "# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 4\n# numEntries: 3\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (THREE[:-1], "the file ends within the entry at line 11: no empty line follows it"),
        (THREE + "dn: uid=d,ou=Stud", "the file ends within the entry at line 16: no empty line follows it"),
        (THREE + "# th", "the file ends in the middle of line 16"),
        (HEADER + THREE, "the end of the search (# numResponses) is missing: the file was cut"),
        (HEADER + PERSON.format("a") + TRAILER, "1 entries were read where the search says it gave 3"),
        (
            HEADER + THREE + TRAILER.replace("0 Success", "11 Administrative limit exceeded"),
            "the search ended with result 11 (Administrative limit exceeded)",
        ),
        (
            HEADER + THREE + HEADER + PERSON.format("d") + TRAILER.replace(": 3", ": 1"),
            "the search before line 24 has no end (# numResponses)",
        ),
        (
            THREE + "dn: uid=d,dc=school\nobjectClass: person\nuid: d\nmemberOf;range=0-1: cn=g,dc=school\n\n",
            "only a part of the groups of uid=d,dc=school was given",
        ),
        ("dn: ou=x,dc=school\nobjectClass: organizationalUnit\n\n", "no person was found"),
    ],
)
def test_a_read_that_lacks_something_is_incomplete(read: Read, content: str, reason: str) -> None:
    """A file that was cut, or says itself that its search was, is never taken for the whole directory."""
    completeness = read(content).completeness
    assert (completeness.complete, completeness.reason) == (False, reason)


@pytest.mark.parametrize(
    "content",
    [
        THREE,
        THREE + "\n\n",
        "version: 1\n\n" + THREE,
        HEADER + THREE + TRAILER,
        HEADER + THREE + TRAILER + HEADER + PERSON.format("d") + TRAILER.replace(": 3", ": 1"),
        THREE + "dn: uid=d,dc=school\nobjectClass: person\nuid: d\nmemberOf;range=0-*: cn=g,dc=school\n\n",
    ],
)
def test_a_read_with_everything_is_complete(read: Read, content: str) -> None:
    """Complete files of every writer stay complete, also two searches in one file."""
    assert read(content).completeness.complete


@pytest.mark.parametrize(
    ("name", "proves_itself"),
    [("active-directory-ldifde.ldf", False), ("openldap-bare.ldif", False), ("openldap.ldif", True)],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_cut_at_any_byte_is_noticed(read: Read, name: str, encoding: str, *, proves_itself: bool) -> None:
    """A cut file is complete without somebody only where it is cut between entries and has no trailer."""
    data = (DATA / name).read_bytes().decode().encode(encoding)
    everybody = len(read(data).entries)
    looks_whole = []
    for end in range(2, len(data), 1 if len(data) < 2000 else 13):
        try:
            found = read(data[:end])
        except DirectoryError:
            continue
        if found.completeness.complete and len(found.entries) < everybody:
            looks_whole.append(data[:end].decode(encoding).replace("\r\n", "\n"))
    assert all(text.endswith("\n\n") for text in looks_whole)
    assert not (proves_itself and looks_whole)


# -- no export ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "export.ldif: the LDIF export holds no whole entry"),
        (b"\n\n", "export.ldif: the LDIF export holds no whole entry"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "export.ldif, line 3: expected an LDIF export, found binary data"),
        (b"PK\x03\x04" * 9, "the LDIF export holds no whole entry: the file ends in the middle of line 1"),
        (b"PK\x03\x04\n" * 9, "export.ldif, line 1: expected an LDIF export, found a line outside of every entry"),
        (b"sis_code,name\nS1,Amelia\n", "line 1: expected an LDIF export, found a line outside of every entry"),
        (THREE.encode() + b"oops\n\n", "line 16: expected an LDIF export, found a line outside of every entry"),
        (b"dn: cn=a\n# why\nno colon\n\n", "export.ldif, line 3: expected an LDIF export, found a line that is not"),
        (b"dn: cn=a,\n dc=x\ncn: a\n a\n???: b\n\n", "line 5: expected an LDIF export, found a line that is not"),
        (b"dn: cn=a\ncn: a\ndn: cn=b\ncn: b\n\n", "export.ldif, line 3: expected an LDIF export, found a second dn"),
        (b"dn:: %%%\ncn: a\n\n", "export.ldif, line 1: expected an LDIF export, found a dn that is no base64"),
        (
            b"dn: cn=a\nchangetype: delete\n\n",
            "export.ldif, line 2: expected an LDIF export, found a list of changes",
        ),
        (b"dn: cn=a\nuid:< file:///x\n\n", "export.ldif, line 2: expected an LDIF export, found a value kept in"),
        (
            b"\xff\xfed\0n\0:\0\x00\xd8x\0",
            "export.ldif, line 1: expected an LDIF export, found text that is not UTF-16",
        ),
    ],
)
def test_what_is_no_export_is_refused_with_its_line(read: Read, content: bytes, message: str) -> None:
    """A file that is no LDIF export is named, with the line and the next step."""
    with pytest.raises(DirectoryError) as caught:
        read(content)
    assert message in str(caught.value)
    assert "\n  Export the directory again" in str(caught.value)


def test_an_export_without_groups_does_not_say_that_nobody_is_in_one(tmp_path: Path) -> None:
    """Where rules ask for groups, an export whose memberOf was left out takes nobody's role."""
    in_one = THREE.replace("uid: b\n", "uid: b\nmemberOf: CN=7A,DC=school\n")
    settings = DirectorySettings("ldif:export.ldif")
    for text, asked, complete in ((THREE, (), True), (THREE, ("CN=7A,DC=school",), False), (in_one, ("CN=9",), True)):
        (tmp_path / "export.ldif").write_text(text)
        proof = ldif_directory(settings, tmp_path, lambda: NOW, asked).read().completeness
        assert proof.complete is complete, proof
        assert ("memberOf" in proof.reason) is not complete


def test_groups_in_an_export_tell_which_lie_in_which(tmp_path: Path) -> None:
    """Nested rules go by the groups that are in the file, wherever they stand."""
    group = "dn: CN=7A,OU=Groups,DC=school\nobjectClass: group\nmemberOf: CN=Year 7,OU=Groups,DC=school\n\n"
    people = THREE.replace("uid: b\n", "uid: b\nmemberOf: CN=7A,OU=Groups,DC=school\n")
    (tmp_path / "export.ldif").write_text(people + group)
    settings = DirectorySettings("ldif:export.ldif", bases=("OU=Students,DC=school",))
    found = ldif_directory(settings, tmp_path, lambda: NOW, ["CN=Year 7,OU=Groups,DC=school"]).read()
    assert found.nesting == {"CN=7A,OU=Groups,DC=school": {"CN=Year 7,OU=Groups,DC=school"}}
    assert [len(entry.groups) for entry in found.entries] == [0, 1, 0]


@pytest.mark.parametrize("kind", ["a named pipe", "a folder"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    """A pipe nobody writes to would be waited for, for ever; it and a folder are refused in one line."""
    path = tmp_path / "export.ldif"
    if kind == "a folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    directory = ldif_directory(DirectorySettings("ldif:export.ldif"), tmp_path, lambda: NOW)
    with pytest.raises(DirectoryError, match=f"export.ldif: the LDIF export is {kind}"):
        directory.read()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A missing export is one plain sentence and a next step."""
    directory = ldif_directory(DirectorySettings("ldif:none.ldif"), tmp_path, lambda: NOW)
    with pytest.raises(DirectoryError, match=r"none\.ldif: the LDIF export cannot be read: No such file"):
        directory.read()
