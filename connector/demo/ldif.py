"""The directory export of the invented school, as Windows' ldifde writes one with deleted objects included."""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import NAMESPACE_DNS, uuid5

DOMAIN = "DC=riverside,DC=example"
OLD_DOMAIN = f"DC=junior,{DOMAIN}"
SUFFIX = "riverside.example"
CREATED = datetime(2024, 2, 1, 1, 30, tzinfo=UTC)
SEEN = datetime(2026, 3, 9, 23, 15, tzinfo=UTC)

NORMAL, DISABLED, NO_PASSWORD_NEEDED = 512, 2, 32
LOCKED_NOW, PASSWORD_EXPIRED = 0x10, 0x800000

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_NEVER = 9223372036854775807
_SAFE = re.compile(r"[!-9;=-\x7f][ -\x7f]*")
_WIDTH = 76

PEOPLE = ("user", ("top", "person", "organizationalPerson", "user"))
FOLDERS = ("organizationalUnit", ("top", "organizationalUnit"))
GROUPS = ("group", ("top", "group"))


class Entry(NamedTuple):
    """One account of the directory; `folder` is the path below the domain, `number` makes its ids.

    `control` and `computed` are userAccountControl and its computed twin. Times are UTC, None for never; a
    `password_set` of None means that the password must be changed. A `deleted` entry lies in Deleted Objects.
    """

    name: str
    folder: str
    login: str
    number: int
    key: str = ""
    given: str = ""
    family: str = ""
    upn: str = ""
    mail: str = ""
    control: int = NORMAL
    computed: int = 0
    locked_at: datetime | None = None
    password_set: datetime | None = CREATED
    expires: date | None = None
    last_sign_in: datetime | None = SEEN
    created: datetime = CREATED
    deleted: bool = False
    groups: tuple[str, ...] = ()
    domain: str = DOMAIN

    def signing_in_as(self, login: str) -> "Entry":
        """The entry with another login, and the UPN that goes with it."""
        return self._replace(login=login, upn=f"{login}@{SUFFIX}")


def write(path: Path, entries: Iterable[Entry], folders: Iterable[str], groups: Iterable[str]) -> None:
    """Write the export: the organisational units, the groups, then everybody; CRLF line ends as on Windows."""
    with path.open("w", encoding="ascii", newline="\r\n") as file:
        file.writelines(_record(lines) for lines in _containers(folders, FOLDERS, "ou"))
        file.writelines(_record(lines) for lines in _containers(groups, GROUPS, "cn"))
        file.writelines(_record(_person(entry)) for entry in entries)


def _record(attributes: Iterable[tuple[str, str | bytes]]) -> str:
    return "".join(_line(name, value) for name, value in attributes) + "\n"


def _line(name: str, value: str | bytes) -> str:
    """One attribute (RFC 2849): base64 where the text is not safe as it is, folded lines go on with a space."""
    if isinstance(value, str) and _SAFE.fullmatch(value) and not value.endswith(" "):
        line = f"{name}: {value}"
    else:
        line = f"{name}:: {b64encode(value.encode() if isinstance(value, str) else value).decode()}"
    if len(line) <= _WIDTH:
        return line + "\n"
    rest = (line[at : at + _WIDTH - 1] for at in range(_WIDTH, len(line), _WIDTH - 1))
    return "\n ".join((line[:_WIDTH], *rest)) + "\n"


def _containers(
    paths: Iterable[str], kind: tuple[str, tuple[str, ...]], attribute: str
) -> Iterator[Iterator[tuple[str, str]]]:
    for path in paths:
        yield _container(path, kind, attribute)


def _container(path: str, kind: tuple[str, tuple[str, ...]], attribute: str) -> Iterator[tuple[str, str]]:
    yield "dn", f"{path},{DOMAIN}"
    yield "changetype", "add"
    for one in kind[1]:
        yield "objectClass", one
    yield attribute, path.split(",", maxsplit=1)[0].partition("=")[2]


def _person(entry: Entry) -> Iterator[tuple[str, str | bytes]]:
    guid = uuid5(NAMESPACE_DNS, f"{entry.number}.entry.{SUFFIX}")
    path = f"{entry.folder},{entry.domain}"
    name = f"{entry.name}\\0ADEL:{guid}" if entry.deleted else entry.name
    yield "dn", f"CN={name},{f'CN=Deleted Objects,{entry.domain}' if entry.deleted else path}"
    yield "changetype", "add"
    for one in PEOPLE[1]:
        yield "objectClass", one
    yield "objectGUID", guid.bytes_le
    yield "objectSid", _sid(entry.number)
    if entry.deleted:
        yield "isDeleted", "TRUE"
        yield "lastKnownParent", path
    yield from (pair for pair in _texts(entry) if pair[1])
    yield from _state(entry)
    for group in entry.groups:
        yield "memberOf", f"{group},{DOMAIN}"


def _texts(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "sAMAccountName", entry.login
    yield "userPrincipalName", entry.upn
    yield "employeeID", entry.key
    yield "givenName", entry.given
    yield "sn", entry.family
    yield "displayName", f"{entry.given} {entry.family}".strip()
    yield "mail", entry.mail


def _state(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "userAccountControl", str(entry.control)
    yield "msDS-User-Account-Control-Computed", str(entry.computed)
    yield "lockoutTime", str(_filetime(entry.locked_at))
    yield "pwdLastSet", str(_filetime(entry.password_set))
    yield "accountExpires", str(_midnight_after(entry.expires) if entry.expires else _NEVER)
    if entry.last_sign_in:
        yield "lastLogonTimestamp", str(_filetime(entry.last_sign_in))
    yield "whenCreated", f"{entry.created:%Y%m%d%H%M%S}.0Z"


def _filetime(moment: datetime | None) -> int:
    """Active Directory's clock: tenths of a microsecond since 1601; 0 for never."""
    return (moment - _EPOCH) // timedelta(microseconds=1) * 10 if moment else 0


def _midnight_after(day: date) -> int:
    """The account works through its last day: Active Directory keeps the midnight after it, in Brisbane."""
    return _filetime(datetime(day.year, day.month, day.day, 14, tzinfo=UTC))


def _sid(number: int) -> bytes:
    """S-1-5-21-...-RID in its binary form."""
    parts = (21, 2026031101, 1160200000, 4100000000, 1000 + number)
    return bytes((1, len(parts), 0, 0, 0, 0, 0, 5)) + b"".join(part.to_bytes(4, "little") for part in parts)
