"""The people of the test school, the same in every kind of directory."""

import base64
from collections.abc import Iterable
from typing import NamedTuple

GROUPS = {"Prefects": (), "Year 7": (), "All Students": ("Year 7",)}
"""Groups, with the groups that lie in them."""


class Someone(NamedTuple):
    """A student as the directory has them; `state` is one of the words in STATES."""

    login: str
    key: str
    given: str
    family: str
    place: str = "Year 7"
    state: str = "well"
    groups: tuple[str, ...] = ()

    @property
    def mail(self) -> str:
        """The address."""
        return f"{self.login}@school.example"


STATES = ("well", "disabled", "locked", "lock-over", "expired", "must-change", "deleted")

PEOPLE = (
    Someone("asmith", "S1001", "Amelia", "Smith", groups=("Year 7",)),
    Someone("zdubois", "S1002", "Zoë", "Dubois", groups=("Year 7", "Prefects")),
    Someone("cnguyen", "0042", "Cường", "Nguyễn", place="Year 8", groups=("Prefects",)),
    Someone("nokey", "", "Nora", "Key"),
    Someone("comma", "S1005", "Comma", "O'Brien, Jr"),
    Someone("doff", "S1006", "Dis", "Abled", state="disabled"),
    Someone("llocked", "S1007", "Lock", "Ed", state="locked"),
    Someone("lover", "S1008", "Lock", "Over", state="lock-over"),
    Someone("eexpired", "S1009", "Ex", "Pired", state="expired"),
    Someone("mchange", "S1010", "Must", "Change", state="must-change"),
    Someone("ggone", "S1011", "Gone", "Away", state="deleted"),
)
SERVICE_PASSWORD = "Reader-Passw0rd1"


def line(name: str, value: str) -> str:
    """One line of LDIF."""
    if value.isascii() and value[:1] not in (" ", ":", "<") and not value.endswith(" "):
        return f"{name}: {value}\n"
    return f"{name}:: {base64.b64encode(value.encode()).decode()}\n"


def openldap_ldif(suffix: str, people: Iterable[Someone] = PEOPLE, now: str = "20260302120000Z") -> str:
    """The school for slapadd; the lock of whoever is locked began at `now`. Nobody is deleted: slapd keeps none."""
    text = [f"dn: {suffix}\nobjectClass: dcObject\nobjectClass: organization\no: School\ndc: school\n\n"]
    units = ("Students", "Service", "Groups", "policies", "Empty", "Year 7,ou=Students", "Year 8,ou=Students")
    text += [f"dn: ou={unit},{suffix}\nobjectClass: organizationalUnit\n\n" for unit in units]
    text.append(
        f"dn: cn=default,ou=policies,{suffix}\nobjectClass: device\nobjectClass: pwdPolicy\ncn: default\n"
        "pwdAttribute: userPassword\npwdLockout: TRUE\npwdLockoutDuration: 1800\npwdMaxFailure: 1000\n\n"
    )
    text += [_service(service, suffix) for service in ("reader", "blind", "locked", "narrow")]
    text += [_openldap_person(one, suffix, now) for one in people if one.state != "deleted"]
    for group, inside in GROUPS.items():
        members = [_dn(one, suffix) for one in people if group in one.groups and one.state != "deleted"]
        members += [f"cn={other},ou=Groups,{suffix}" for other in inside]
        lines = "".join(line("member", dn) for dn in members or [suffix])
        text.append(f"dn: cn={group},ou=Groups,{suffix}\nobjectClass: groupOfNames\ncn: {group}\n{lines}\n")
    return "".join(text)


def _service(name: str, suffix: str) -> str:
    locked = "pwdAccountLockedTime: 000001010000Z\n" if name == "locked" else ""
    return (
        f"dn: uid={name},ou=Service,{suffix}\nobjectClass: account\nobjectClass: simpleSecurityObject\n"
        f"uid: {name}\nuserPassword: {SERVICE_PASSWORD}\n{locked}\n"
    )


def _dn(one: Someone, suffix: str) -> str:
    return f"uid={one.login},ou={one.place},ou=Students,{suffix}"


_OPENLDAP_STATES = {
    "disabled": "pwdAccountLockedTime: 000001010000Z\n",
    "locked": "pwdAccountLockedTime: {now}\n",
    "lock-over": "pwdAccountLockedTime: 20200101000000Z\n",
    "expired": "shadowExpire: 18000\n",
    "must-change": "pwdReset: TRUE\n",
}


def _openldap_person(one: Someone, suffix: str, now: str) -> str:
    shadow = "objectClass: shadowAccount\n" if one.state == "expired" else ""
    facts = [
        ("uid", one.login),
        ("cn", f"{one.given} {one.family}"),
        ("sn", one.family),
        ("givenName", one.given),
        ("displayName", f"{one.given} {one.family}"),
        ("mail", one.mail),
        *([("employeeNumber", one.key)] if one.key else []),
    ]
    lines = "".join(line(name, value) for name, value in facts)
    state = _OPENLDAP_STATES.get(one.state, "").format(now=now)
    return f"{line('dn', _dn(one, suffix))}objectClass: inetOrgPerson\n{shadow}{lines}{state}\n"
