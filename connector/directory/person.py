"""From the raw attributes of Active Directory, OpenLDAP and their kin to a DirectoryEntry."""

from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from typing import Any

from connector.directory.attributes import Attributes, RawAttributes
from connector.domain.entry import DirectoryEntry
from connector.settings.values import DirectoryAttributes

ACTIVE_DIRECTORY = "active-directory"
OPENLDAP = "openldap"

_HABITS = {
    ACTIVE_DIRECTORY: DirectoryAttributes(
        "sAMAccountName", "employeeID", "userPrincipalName", "mail", "givenName", "sn"
    ),
    OPENLDAP: DirectoryAttributes("uid", "employeeNumber", "", "mail", "givenName", "sn"),
}

# userAccountControl and msDS-User-Account-Control-Computed ([MS-ADTS] 2.2.16)
_DISABLED = 0x2
_LOCKED_NOW = 0x10
_NO_PASSWORD_NEEDED = 0x20
_NEVER_EXPIRES = 0x10000 | 0x40000
_PASSWORD_EXPIRED = 0x800000
_NORMAL_USER = b"805306368"  # sAMAccountType ([MS-SAMR] 2.2.1.9)

LOCKED_FOR_GOOD = "000001010000Z"
"""pwdAccountLockedTime of an account only an administrator unlocks (draft-behera-ldap-password-policy, 5.3.3)."""

_NO_GROUPS = frozenset[str]()
_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_DAY = 2_900_000  # of shadowExpire; in the year 9909

# TRUE in one of these means disabled on 389 Directory Server, eDirectory and kin.
_DISABLED_FLAGS = ("nsaccountlock", "logindisabled", "pwdaccountdisabled")

_PERSONS = frozenset(
    (b"person", b"organizationalperson", b"inetorgperson", b"user", b"posixaccount", b"eduperson", b"shadowaccount")
)
_GROUPS = frozenset((b"group", b"groupofnames", b"groupofuniquenames", b"posixgroup"))
_OTHERS = _GROUPS | frozenset(
    (
        b"computer",
        b"contact",
        b"organizationalunit",
        b"organizationalrole",
        b"msds-managedserviceaccount",
        b"msds-groupmanagedserviceaccount",
        b"foreignsecurityprincipal",
        b"applicationprocess",
        b"device",
    )
)

_TELLING = frozenset(
    (
        "pwdaccountlockedtime",
        "pwdreset",
        "pwdendtime",
        "shadowexpire",
        "loginexpirationtime",
        "lockedbyintruder",
        "authtimestamp",
        "pwdlastsuccess",
        *_DISABLED_FLAGS,
    )
)
"""What most entries of OpenLDAP lack: the signs of a state worth looking at."""

_SHARED = ("objectclass", "objectguid", "entryuuid", "displayname", "cn", "memberof", "useraccountcontrol")
_STATE = {
    ACTIVE_DIRECTORY: (
        "samaccountname",
        "useraccountcontrol",
        "msds-user-account-control-computed",
        "lockouttime",
        "pwdlastset",
        "accountexpires",
        "lastlogontimestamp",
        "lastlogon",
        "whencreated",
        "isdeleted",
        "lastknownparent",
        "samaccounttype",
        "grouptype",
        "member",
        "lockoutduration",
    ),
    OPENLDAP: (
        "uid",
        "pwdaccountlockedtime",
        "pwdpolicysubentry",
        "pwdlockoutduration",
        "pwdreset",
        "pwdendtime",
        "shadowexpire",
        "loginexpirationtime",
        "lockedbyintruder",
        "authtimestamp",
        "pwdlastsuccess",
        "createtimestamp",
        *_DISABLED_FLAGS,
    ),
}


def attributes_for(configured: DirectoryAttributes, kind: str = "") -> frozenset[str]:
    """The attributes, in lower case, that a directory of that kind is read by; of either kind where it is unknown."""
    kinds = (kind,) if kind in _HABITS else tuple(_HABITS)
    names = {name.lower() for one in kinds for name in astuple(resolve(configured, one)) if name}
    return frozenset(names.union(_SHARED, *(_STATE[one] for one in kinds)))


def resolve(configured: DirectoryAttributes, kind: str) -> DirectoryAttributes:
    """The attribute names to use: what was configured, else the kind's habit."""
    pairs = zip(astuple(configured), astuple(_HABITS[kind]), strict=True)
    return DirectoryAttributes(*(own or habit for own, habit in pairs))


def lowered(names: DirectoryAttributes) -> DirectoryAttributes:
    """The same names as raw attributes have them."""
    return DirectoryAttributes(*(name.lower() for name in astuple(names)))


def recognise(raw: RawAttributes) -> str:
    """The kind of directory an entry comes from, by attributes only one kind has; empty where none tells."""
    if "objectguid" in raw or "samaccountname" in raw or "useraccountcontrol" in raw:
        return ACTIVE_DIRECTORY
    return OPENLDAP if "entryuuid" in raw or "uid" in raw else ""


def is_person(raw: RawAttributes, names: DirectoryAttributes) -> bool:
    """Whether the entry is somebody who could sign in: no group, computer, trust, contact or container.

    `names` are in lower case. Exports of chosen attributes often lack objectClass; then having a login or a
    key makes a person.
    """
    login = raw.get(names.login)
    if not login and not raw.get(names.key):
        return False
    if login and login[0].endswith(b"$"):
        return False
    classes = raw.get("objectclass")
    if classes:
        folded = {value.lower() for value in classes}
        return folded.isdisjoint(_OTHERS) and not folded.isdisjoint(_PERSONS)
    if "samaccounttype" in raw:
        return raw["samaccounttype"][0] == _NORMAL_USER
    return "grouptype" not in raw and "member" not in raw


def is_group(raw: RawAttributes) -> bool:
    """Whether the entry is a group, which lies in those its memberOf names."""
    return not _GROUPS.isdisjoint(value.lower() for value in raw.get("objectclass", ()))


def person(dn: str, found: Attributes, names: DirectoryAttributes, kind: str) -> DirectoryEntry:
    """The entry of a person; `names` are in lower case.

    `locked` is what the server itself computed; what a lock's age says is settled by lockout.py.
    """
    state = _active_directory(found) if kind == ACTIVE_DIRECTORY else _openldap(found)
    if found.flag(names.disabled):
        state["enabled"] = False
    return DirectoryEntry(
        dn=dn,
        login=_login(dn, found, names.login),
        key=found.text(names.key),
        stable_id=found.guid("objectguid") or found.text("entryuuid").lower(),
        upn=found.text(names.upn),
        mail=found.text(names.mail),
        given=found.text(names.given),
        family=found.text(names.family),
        display=found.text("displayname") or found.text("cn").partition("\n")[0],  # without "DEL:..."
        groups=frozenset(found.texts("memberof")) if "memberof" in found else _NO_GROUPS,
        **state,
    )


def _login(dn: str, found: Attributes, name: str) -> str:
    """The login; of several (uid may repeat) the one the DN begins with, else the first."""
    if not found.repeats(name):
        return found.text(name)
    logins = found.texts(name)
    start = dn.partition(",")[0].partition("=")[2].strip().lower()
    return next((login for login in logins if login.lower() == start), logins[0] if logins else "")


def _active_directory(found: Attributes) -> dict[str, Any]:
    """The account's state as Active Directory tells it; what was not exported counts as unremarkable."""
    control = found.integer("useraccountcontrol") or 0
    computed = found.integer("msds-user-account-control-computed") or 0
    must_change = found.integer("pwdlastset") == 0 and not control & _NEVER_EXPIRES
    last = max(filter(None, (found.filetime("lastlogontimestamp"), found.filetime("lastlogon"))), default=None)
    return {
        "enabled": not control & _DISABLED,
        "locked": bool(computed & _LOCKED_NOW),
        "password_expired": must_change or bool(computed & _PASSWORD_EXPIRED),
        "password_not_required": bool(control & _NO_PASSWORD_NEEDED),
        "expires": found.filetime("accountexpires"),
        "last_sign_in": last,
        "created": found.time("whencreated"),
        "deleted": found.flag("isdeleted"),
        "last_parent": found.text("lastknownparent"),
    }


def _openldap(found: Attributes) -> dict[str, Any]:
    """The account's state as OpenLDAP's password policy, shadow accounts and kindred servers tell it."""
    created = found.time("createtimestamp")
    if not found.any_of(_TELLING):
        return {"created": created}
    locked_for_good = found.text("pwdaccountlockedtime") == LOCKED_FOR_GOOD
    ends = (_shadow_day(found), found.time("pwdendtime"), found.time("loginexpirationtime"))
    last = max(filter(None, (found.time("authtimestamp"), found.time("pwdlastsuccess"))), default=None)
    return {
        "enabled": not locked_for_good and not any(map(found.flag, _DISABLED_FLAGS)),
        "locked": found.flag("lockedbyintruder"),
        "password_expired": found.flag("pwdreset"),
        "expires": min(filter(None, ends), default=None),
        "last_sign_in": last,
        "created": created,
    }


def _shadow_day(found: Attributes) -> datetime | None:
    """The day shadowExpire names, in days since 1970 (shadow(5): -1 means never, 0 has no agreed meaning)."""
    day = found.integer("shadowexpire")
    return _UNIX_EPOCH + timedelta(days=day) if day is not None and 0 < day < _LAST_DAY else None
