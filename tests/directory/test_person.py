"""What the raw attributes of an account mean, server by server."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.directory.attributes import Attributes, generalized_time
from connector.directory.gather import Gathering
from connector.directory.person import attributes_for
from connector.domain.entry import Completeness, DirectoryEntry
from connector.domain.errors import ConfigError
from connector.settings.values import DirectoryAttributes, DirectorySettings

NOW = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)
FILETIME_NOW = (NOW - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds() * 10**7

Raw = dict[str, list[bytes]]


def raw(**attributes: str | list[str]) -> Raw:
    """Raw attributes; `_` in a name stands for a hyphen."""
    values = {
        name.replace("_", "-"): [value] if isinstance(value, str) else value for name, value in attributes.items()
    }
    return {name: [one.encode() for one in texts] for name, texts in values.items()}


def gathered(*entries: tuple[str, Raw], **settings: Any) -> tuple[DirectoryEntry, ...]:
    """The people among these entries."""
    gathering = Gathering(DirectorySettings("ldif:x", **settings), NOW)
    for dn, attributes in entries:
        gathering.add(dn, attributes)
    return gathering.read(Completeness()).entries


def one(attributes: Raw, /, **settings: Any) -> DirectoryEntry:
    """The one person these attributes make."""
    (entry,) = gathered(("CN=x,OU=Students,DC=school", attributes), **settings)
    return entry


def ad(**attributes: str | list[str]) -> Raw:
    """An Active Directory user with these attributes."""
    return raw(objectclass="user", samaccountname="asmith", **attributes)


def unix(**attributes: str | list[str]) -> Raw:
    """An OpenLDAP person with these attributes."""
    return raw(objectclass="inetOrgPerson", **({"uid": "asmith"} | attributes))


def filetime(hours_ago: float) -> str:
    """A moment before now, as Active Directory writes it."""
    return str(int(FILETIME_NOW - hours_ago * 3600 * 10**7))


@pytest.mark.parametrize(
    ("attributes", "fields"),
    [
        (ad(), {"login": "asmith", "enabled": True}),
        (ad(useraccountcontrol="512"), {"enabled": True, "password_not_required": False}),
        (ad(useraccountcontrol="514"), {"enabled": False}),
        (ad(useraccountcontrol="66082"), {"enabled": False}),
        (ad(useraccountcontrol="544"), {"password_not_required": True}),
        (ad(msds_user_account_control_computed="16"), {"locked": True}),
        (ad(msds_user_account_control_computed="0", lockouttime=filetime(0.1)), {"locked": False}),
        (ad(msds_user_account_control_computed="8388608"), {"password_expired": True, "locked": False}),
        (ad(pwdlastset="0"), {"password_expired": True}),
        (ad(pwdlastset="0", useraccountcontrol="66048"), {"password_expired": False}),
        (ad(pwdlastset=filetime(9)), {"password_expired": False}),
        (ad(accountexpires="0"), {"expires": None}),
        (ad(accountexpires="9223372036854775807"), {"expires": None}),
        (ad(accountexpires=filetime(0)), {"expires": NOW}),
        (ad(lastlogontimestamp="0"), {"last_sign_in": None}),
        (ad(lastlogontimestamp=filetime(5), lastlogon=filetime(0)), {"last_sign_in": NOW}),
        (ad(whencreated="20240130013221.0Z"), {"created": datetime(2024, 1, 30, 1, 32, 21, tzinfo=UTC)}),
        (ad(isdeleted="TRUE", lastknownparent="OU=x"), {"deleted": True, "last_parent": "OU=x"}),
        (ad(employeeid=" S1 "), {"key": " S1 "}),
        (ad(displayname="Amelia S", cn="as"), {"display": "Amelia S"}),
        (ad(cn="Amelia S"), {"display": "Amelia S"}),
        (ad(memberof=["CN=a", "CN=b"]), {"groups": frozenset({"CN=a", "CN=b"})}),
    ],
)
def test_active_directory(attributes: Raw, fields: dict[str, object]) -> None:
    """Flags, times and locks mean what Active Directory means by them; what is absent is unremarkable."""
    entry = one(attributes)
    assert {name: getattr(entry, name) for name in fields} == fields


@pytest.mark.parametrize(
    ("attributes", "fields"),
    [
        (unix(), {"login": "asmith", "enabled": True, "locked": False}),
        (unix(employeenumber="S1", entryuuid="AB-1"), {"key": "S1", "stable_id": "ab-1"}),
        (unix(pwdaccountlockedtime="000001010000Z"), {"enabled": False, "locked": False}),
        (unix(pwdaccountlockedtime="20260115025900Z"), {"locked": True, "enabled": True}),
        (unix(pwdaccountlockedtime="20190101000000Z"), {"locked": True}),
        (unix(pwdreset="TRUE"), {"password_expired": True}),
        (unix(pwdreset="FALSE"), {"password_expired": False}),
        (unix(nsaccountlock="true"), {"enabled": False}),
        (unix(logindisabled="TRUE"), {"enabled": False}),
        (unix(pwdaccountdisabled="TRUE"), {"enabled": False}),
        (unix(lockedbyintruder="TRUE"), {"locked": True}),
        (unix(shadowexpire="18000"), {"expires": datetime(2019, 4, 14, tzinfo=UTC)}),
        (unix(shadowexpire="-1"), {"expires": None}),
        (unix(shadowexpire="0"), {"expires": None}),
        (unix(shadowexpire="99999999"), {"expires": None}),
        (unix(pwdendtime="20260601000000Z"), {"expires": datetime(2026, 6, 1, tzinfo=UTC)}),
        (
            unix(pwdendtime="20260601000000Z", shadowexpire="18000"),
            {"expires": datetime(2019, 4, 14, tzinfo=UTC)},
        ),
        (unix(authtimestamp="20260101000000Z"), {"last_sign_in": datetime(2026, 1, 1, tzinfo=UTC)}),
        (unix(createtimestamp="20260101000000Z"), {"created": datetime(2026, 1, 1, tzinfo=UTC)}),
    ],
)
def test_openldap(attributes: Raw, fields: dict[str, object]) -> None:
    """Password policy, shadow accounts and the flags of kindred servers are understood."""
    entry = one(attributes)
    assert {name: getattr(entry, name) for name in fields} == fields


def test_of_several_uids_the_dns_own_is_the_login() -> None:
    """uid may repeat; the one the DN begins with is meant, else the first."""
    both = unix(uid=["liam", "lobrien"])
    assert gathered(("uid=LObrien,dc=x", both))[0].login == "lobrien"
    assert gathered(("cn=Liam,dc=x", both))[0].login == "liam"


def test_configured_attributes_come_before_habits() -> None:
    """Login, key and the others may be any attribute; one more may say that an account is disabled."""
    attributes = ad(extensionattribute1="S1", userprincipalname="a@x", department="Smith", givenname="Amelia")
    names = DirectoryAttributes(login="userPrincipalName", key="extensionAttribute1", family="department")
    entry = one(attributes, attributes=names)
    assert (entry.login, entry.key, entry.family, entry.given) == ("a@x", "S1", "Smith", "Amelia")
    gone = unix(schooldisabled="TRUE")
    assert not one(gone, attributes=DirectoryAttributes(disabled="schoolDisabled")).enabled
    assert {"extensionattribute1", "department", "userprincipalname"} <= attributes_for(names)


@pytest.mark.parametrize(
    "attributes",
    [
        raw(objectclass=["top", "group"], samaccountname="Year 7"),
        raw(objectclass=["person", "user", "computer"], samaccountname="LAB-01$"),
        raw(objectclass=["person", "user"], samaccountname="OTHER$"),
        raw(objectclass=["person", "contact"], mail="v@x"),
        raw(objectclass=["user", "msDS-GroupManagedServiceAccount"], samaccountname="gmsa"),
        raw(objectclass=["top", "organizationalUnit"], ou="Students"),
        raw(objectclass=["account", "simpleSecurityObject"], uid="reader"),
        raw(objectclass="inetOrgPerson", cn="In the address book only"),
        raw(samaccountname="Year 7", grouptype="2"),
        raw(samaccountname="Year 7", member="CN=a"),
        raw(samaccountname="Year 7", samaccounttype="268435456"),
        raw(samaccountname="LAB-01$"),
    ],
)
def test_what_is_no_person_is_no_entry(attributes: Raw) -> None:
    """Groups, computers, contacts, containers and service objects never reach the report."""
    assert gathered(("CN=x,DC=school", attributes)) == ()


@pytest.mark.parametrize(
    "attributes", [raw(samaccountname="a", employeeid="S1"), raw(samaccountname="a", samaccounttype="805306368")]
)
def test_without_object_classes_the_login_makes_a_person(attributes: Raw) -> None:
    """An export of chosen attributes without objectClass is still read."""
    assert one(attributes).login == "a"


@pytest.mark.parametrize(
    ("entries", "kind"),
    [
        ([raw(objectclass="user", samaccountname="a")], "active-directory"),
        ([raw(objectclass="inetOrgPerson", uid="a")], "openldap"),
        ([raw(uid="reader", objectclass="account"), raw(objectclass="user", samaccountname="a")], "active-directory"),
        ([raw(objectclass="user", samaccountname="a", uid="b", entryuuid="1")], "active-directory"),
        ([raw(objectclass="organizationalUnit", entryuuid="1")], ""),
    ],
)
def test_the_kind_of_directory_is_recognised(entries: list[Raw], kind: str) -> None:
    """The first person tells which server the entries come from, also behind service accounts."""
    gathering = Gathering(DirectorySettings("ldif:x"), NOW)
    for number, attributes in enumerate(entries):
        gathering.add(f"CN={number},DC=school", attributes)
    assert gathering.read(Completeness()).completeness.kind == kind


def test_a_configured_kind_is_not_guessed() -> None:
    """`type = "openldap"` reads uid even where sAMAccountName is there too."""
    assert one(raw(objectclass="user", samaccountname="a", uid="b"), type="openldap").login == "b"


DOMAIN = "DC=school"
HALF_AN_HOUR = raw(objectclass="domain", lockoutduration="-18000000000")
FOR_EVER = raw(objectclass="domain", lockoutduration="-9223372036854775808")
QUARTER = raw(objectclass="pwdPolicy", pwdlockoutduration="900")
UNTIL_RESET = raw(objectclass="pwdPolicy")


@pytest.mark.parametrize(
    ("policies", "attributes", "locked"),
    [
        ([], ad(lockouttime=filetime(0.1)), False),
        ([(DOMAIN, HALF_AN_HOUR)], ad(lockouttime=filetime(0.4)), True),
        ([(DOMAIN, HALF_AN_HOUR)], ad(lockouttime=filetime(0.6)), False),
        ([(DOMAIN, HALF_AN_HOUR)], ad(lockouttime="0"), False),
        ([("cn=policy,dc=school", QUARTER)], unix(pwdaccountlockedtime="99991231235959Z"), True),
        ([(DOMAIN, raw(objectclass="domain", lockoutduration="-" + "9" * 400))], ad(lockouttime=filetime(99)), True),
        ([(DOMAIN, FOR_EVER)], ad(lockouttime=filetime(9999)), True),
        ([(DOMAIN, FOR_EVER), ("OU=Students,DC=school", HALF_AN_HOUR)], ad(lockouttime=filetime(9)), False),
        ([("DC=other", FOR_EVER), (DOMAIN, HALF_AN_HOUR)], ad(lockouttime=filetime(9)), False),
        ([("cn=default,dc=school", QUARTER)], unix(pwdaccountlockedtime="20260115025000Z"), True),
        ([("cn=default,dc=school", QUARTER)], unix(pwdaccountlockedtime="20260115024000Z"), False),
        ([("cn=default,dc=school", UNTIL_RESET)], unix(pwdaccountlockedtime="20190115024000Z"), True),
        (
            [("cn=default,dc=school", QUARTER), ("cn=strict,dc=school", UNTIL_RESET)],
            unix(pwdaccountlockedtime="20260115024000Z", pwdpolicysubentry="cn=Strict, dc=school"),
            True,
        ),
        (
            [("cn=default,dc=school", QUARTER), ("cn=strict,dc=school", UNTIL_RESET)],
            unix(pwdaccountlockedtime="20260115024000Z", pwdpolicysubentry="cn=default,dc=school"),
            False,
        ),
    ],
)
def test_a_lock_lasts_as_long_as_its_policy_says(
    policies: list[tuple[str, Raw]], attributes: Raw, *, locked: bool
) -> None:
    """Locks that have run out are none, wherever in the export the policy stands."""
    person = ("CN=x,OU=Students,DC=school", attributes)
    assert gathered(*policies, person)[0].locked == locked
    assert gathered(person, *policies)[0].locked == locked


def test_a_dn_that_cannot_be_read_makes_the_read_incomplete() -> None:
    """Nobody can say whether such an entry lies under the bases, so nobody is called missing."""
    gathering = Gathering(DirectorySettings("ldif:x", bases=("OU=Students,DC=school",)), NOW)
    gathering.add("students", ad())
    completeness = gathering.read(Completeness()).completeness
    assert not completeness.complete
    assert completeness.reason == "'students' is not a DN: 'students' is not of the form type=value"


@pytest.mark.parametrize("field", ["bases", "exclude"])
def test_a_configured_dn_that_is_none_is_a_fault_of_the_configuration(field: str) -> None:
    """A base or an exclusion that cannot be understood is named with its key."""
    with pytest.raises(ConfigError, match=rf"\[directory\] {field}: 'Students' is not a DN"):
        Gathering(DirectorySettings("ldif:x", **{field: ("Students",)}), NOW)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20230130013221.0Z", datetime(2023, 1, 30, 1, 32, 21, tzinfo=UTC)),
        ("20230130013221Z", datetime(2023, 1, 30, 1, 32, 21, tzinfo=UTC)),
        ("202301300132Z", datetime(2023, 1, 30, 1, 32, tzinfo=UTC)),
        ("2023013001+1000", datetime(2023, 1, 29, 15, tzinfo=UTC)),
        ("20230130013221,5-0330", datetime(2023, 1, 30, 5, 2, 21, tzinfo=UTC)),
    ],
)
def test_generalized_times(text: str, moment: datetime) -> None:
    """Every form of RFC 4517, 3.3.13 is understood."""
    assert generalized_time(text) == moment


@pytest.mark.parametrize(
    "text",
    ["", "x", "2023", "20231330013221Z", "20230130013221", "2023013001322Z", "000001010000Z", "20230130T0132Z"],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    """A text that is no moment is never turned into one."""
    with pytest.raises(ValueError, match=r"."):
        generalized_time(text)


@pytest.mark.parametrize(
    ("value", "guid", "bad"),
    [
        (bytes(range(16)), "03020100-0504-0706-0809-0a0b0c0d0e0f", 0),
        (b"{03020100-0504-0706-0809-0A0B0C0D0E0F}", "03020100-0504-0706-0809-0a0b0c0d0e0f", 0),
        (b"abc", "", 1),
    ],
)
def test_guids(value: bytes, guid: str, bad: int) -> None:
    """objectGUID is sixteen bytes in Windows' order; some tools export it as text."""
    unreadable: Counter[str] = Counter()
    assert Attributes({"objectguid": [value]}, unreadable).guid("objectguid") == guid
    assert unreadable.total() == bad
