"""A generated school as an export of Active Directory, as OpenLDAP holds it, and as what fills a Samba domain."""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_DNS, uuid5

from tests.acceptance.seeded.school import AS_OF, Entry, School
from tests.servers.people import line

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_NOON = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 12, tzinfo=UTC)
_CREATED = _NOON - timedelta(days=700)
LONG_AGO, LATELY = _NOON - timedelta(days=200), _NOON - timedelta(days=10)
ENDED, SOON = date(2022, 6, 18), AS_OF + timedelta(days=5)

_CLASSES = {
    "person": ("top", "person", "organizationalPerson", "user"),
    "computer": ("top", "person", "organizationalPerson", "user", "computer"),
    "contact": ("top", "person", "organizationalPerson", "contact"),
    "group": ("top", "group"),
}


def filetime(moment: datetime) -> int:
    """Active Directory's clock."""
    return (moment - _EPOCH) // timedelta(microseconds=1) * 10


def escaped(value: str) -> str:
    """A value as a DN has it (RFC 4514)."""
    text = "".join(f"\\{sign}" if sign in '",+;<>\\=' else sign for sign in value)
    return f"\\{text}" if text[:1] in ("#", " ") else text


def place_of(place: tuple[str, ...], domain: str) -> str:
    """The DN of a unit."""
    return ",".join([*(f"OU={escaped(unit)}" for unit in place), domain])


def units(entries: Iterable[Entry]) -> list[tuple[str, ...]]:
    """Every unit that an entry lies in, the outer ones first."""
    places = {entry.place[at:] for entry in entries for at in range(len(entry.place))}
    return sorted(places, key=lambda place: (len(place), place))


def active_directory_ldif(school: School, domain: str, *, signs_in: bool) -> str:
    """What ldifde writes; without `signs_in` hardly anybody's last sign-in is known."""
    return "".join(
        "".join(line(name, value) if isinstance(value, str) else _octets(name, value) for name, value in _ad(one))
        + "\n"
        for one in ((entry, domain, signs_in) for entry in school.entries())
    )


def _octets(name: str, value: bytes) -> str:
    return f"{name}:: {b64encode(value).decode()}\n"


def _ad(one: tuple[Entry, str, bool]) -> Iterator[tuple[str, str | bytes]]:
    entry, domain, signs_in = one
    guid = uuid5(NAMESPACE_DNS, f"{entry.name}{entry.login}{entry.key}{entry.place}")
    place, gone = place_of(entry.place, domain), "deleted" in entry.states
    name = escaped(entry.name)
    yield "dn", f"CN={name}\\0ADEL:{guid},CN=Deleted Objects,{domain}" if gone else f"CN={name},{place}"
    yield from (("objectClass", word) for word in _CLASSES[entry.kind])
    yield "objectGUID", guid.bytes_le
    if gone:
        yield "isDeleted", "TRUE"
        yield "lastKnownParent", place
    texts = {
        "sAMAccountName": entry.login,
        "userPrincipalName": entry.principal,
        "employeeID": entry.key,
        "givenName": entry.given,
        "sn": entry.family,
        "displayName": entry.shown,
        "mail": entry.mail,
        "description": entry.description,
    }
    yield from ((attribute, text) for attribute, text in texts.items() if text)
    if entry.kind == "person":
        yield from _account(entry, signs_in=signs_in)


def _account(entry: Entry, *, signs_in: bool) -> Iterator[tuple[str, str]]:
    states = entry.states
    yield "userAccountControl", str(512 | 2 * ("disabled" in states) | 32 * ("no-password" in states))
    yield "msDS-User-Account-Control-Computed", str(16 * ("locked" in states))
    yield "pwdLastSet", "0" if "must-change" in states else str(filetime(_CREATED))
    yield "accountExpires", str(expiry(entry))
    if "stale" in states or signs_in:
        yield "lastLogonTimestamp", str(filetime(LONG_AGO if "stale" in states else LATELY))
    yield "whenCreated", f"{_CREATED:%Y%m%d%H%M%S}.0Z"


def expiry(entry: Entry) -> int:
    """accountExpires: the midnight after the last day, or never."""
    day = ENDED if "expired" in entry.states else SOON if "expires-soon" in entry.states else None
    return filetime(datetime(day.year, day.month, day.day, tzinfo=UTC)) if day else 9223372036854775807


def openldap_ldif(school: School, suffix: str, reader: str, password: str) -> str:
    """For slapadd; locks never end."""
    entries = school.entries()
    text = [f"dn: {suffix}\nobjectClass: dcObject\nobjectClass: organization\no: School\ndc: school\n\n"]
    service = reader.partition(",")[2]
    places = [service, f"ou=policies,{suffix}"] + [place_of(unit, suffix) for unit in units(entries)]
    text += [f"{line('dn', place)}objectClass: organizationalUnit\n\n" for place in places]
    text.append(
        f"dn: cn=default,ou=policies,{suffix}\nobjectClass: device\nobjectClass: pwdPolicy\ncn: default\n"
        "pwdAttribute: userPassword\npwdLockout: TRUE\npwdLockoutDuration: 0\n\n"
        f"dn: {reader}\nobjectClass: account\nobjectClass: simpleSecurityObject\nuserPassword: {password}\n\n"
    )
    return "".join(text + [_openldap(entry, suffix) for entry in entries])


def _openldap(entry: Entry, suffix: str) -> str:
    name = f"cn={escaped(entry.name)},{place_of(entry.place, suffix)}"
    facts = [("dn", name), ("cn", entry.name)]
    if entry.kind == "group":
        facts += [("objectClass", "groupOfNames"), ("member", suffix)]
        return "".join(line(*fact) for fact in facts) + "\n"
    expiring = not {"expired", "expires-soon"}.isdisjoint(entry.states)
    facts += [("objectClass", "inetOrgPerson"), *([("objectClass", "shadowAccount")] if expiring else [])]
    facts.append(("sn", entry.family or "-"))
    texts = {
        "uid": entry.login,
        "employeeNumber": entry.key.strip(),
        "givenName": entry.given,
        "displayName": entry.shown,
        "mail": entry.mail,
        "description": entry.description,
    }
    facts += [(attribute, text) for attribute, text in texts.items() if text]
    return "".join(line(*fact) for fact in (*facts, *_openldap_state(entry))) + "\n"


def _openldap_state(entry: Entry) -> Iterator[tuple[str, str]]:
    if "disabled" in entry.states:
        yield "pwdAccountLockedTime", "000001010000Z"
    if "locked" in entry.states:
        yield "pwdAccountLockedTime", "20260302115500Z"
    if "must-change" in entry.states:
        yield "pwdReset", "TRUE"
    if "stale" in entry.states:
        yield "pwdLastSuccess", f"{LONG_AGO:%Y%m%d%H%M%SZ}"
    day = ENDED if "expired" in entry.states else SOON if "expires-soon" in entry.states else None
    if day is not None:
        yield "shadowExpire", str((day - date(1970, 1, 1)).days)


def samba_wish(school: School, reader: str, password: str) -> str:
    """What samba_school.py reads: units, then entries, as JSON."""
    entries = school.entries()
    body = [
        {
            "kind": entry.kind,
            "name": entry.name,
            "place": list(entry.place),
            "states": entry.states,
            "expires": str(expiry(entry)),
            "facts": {
                attribute: text
                for attribute, text in (
                    ("sAMAccountName", entry.login),
                    ("userPrincipalName", entry.principal if entry.kind == "person" else ""),
                    ("employeeID", entry.key),
                    ("givenName", entry.given),
                    ("sn", entry.family),
                    ("displayName", entry.shown),
                    ("mail", entry.mail),
                    ("description", entry.description),
                )
                if text
            },
        }
        for entry in entries
    ]
    wish = {"units": units(entries), "entries": body, "reader": reader, "password": password}
    return json.dumps({**wish, "long_ago": str(filetime(LONG_AGO))})
