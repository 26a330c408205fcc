"""What is to be said of a student's own network account: its state, its addresses, the form of its login."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from connector.domain.entry import DirectoryEntry, DirectoryRead
from connector.domain.finding import Finding, finding
from connector.domain.limits import DirectoryRules
from connector.mapping.keys import case_key
from connector.planning.align_people import Person

# Microsoft: a user's sAMAccountName has at most 20 characters and none of these; a UPN has at most 113, of
# which fewer than 64 stand before the @.
_LONGEST_LOGIN = 20
_LONGEST_UPN = 113
_LONGEST_PREFIX = 63
_FORBIDDEN = re.compile(r'["/\\\[\]:;|=,+*?<>\x00-\x1f\x7f]|\.$')

# Below this many entries a habit cannot be told from a mistake.
_ENOUGH_FOR_A_HABIT = 20


class Yardstick(NamedTuple):
    """What accounts are measured by.

    `signs_in` says whether the read tells of most people's sign-ins, so that telling of none means none;
    `upn_is_login` whether the directory makes its UPNs from the logins, `windows` whether Active Directory's
    limits hold. `suffixes` are the UPN suffixes there may be, empty where nobody says.
    """

    now: datetime
    expires_soon: timedelta
    stale: timedelta
    suffixes: frozenset[str]
    signs_in: bool
    upn_is_login: bool
    windows: bool


def yardstick(read: DirectoryRead, rules: DirectoryRules, now: datetime) -> Yardstick:
    """The measures for one read of the directory."""
    kind = read.completeness.kind or rules.type
    return Yardstick(
        now,
        rules.expires_soon,
        rules.stale,
        frozenset(case_key(one).removeprefix("@") for one in rules.upn_suffixes or read.suffixes),
        signs_in=_tells_of_sign_ins(read),
        upn_is_login=_upn_is_login(read),
        windows=kind != "openldap",
    )


def _tells_of_sign_ins(read: DirectoryRead) -> bool:
    """Whether most accounts show a sign-in; where few do, the directory keeps no count and silence means nothing."""
    known = sum(entry.last_sign_in is not None for entry in read.entries)
    return 2 * known >= len(read.entries)


def _upn_is_login(read: DirectoryRead) -> bool:
    """Whether most UPNs begin with the login; where few do, another form of address is the school's habit."""
    pairs = [(entry.upn, entry.login) for entry in read.entries if entry.upn and entry.login]
    agree = sum(
        upn.startswith(f"{login}@") or case_key(upn).startswith(f"{case_key(login)}@") for upn, login in pairs
    )
    return len(pairs) < _ENOUGH_FOR_A_HABIT or 2 * agree >= len(pairs)


def account_findings(person: Person, entry: DirectoryEntry, by: Yardstick) -> Iterator[Finding]:
    """Everything about the state and the addresses of a student's own account."""
    for code, detail, suggestion, confidence in (*_state(entry, by), *_addresses(person, entry, by)):
        yield finding(
            code,
            sis_code=person.sis_code,
            username=person.username,
            login=entry.login,
            dn=entry.dn,
            detail=detail,
            suggestion=suggestion,
            confidence=confidence,
        )


Said = tuple[str, str, str, float | None]
"""A code, the evidence, the next step, and how sure a guess is."""


def _state(entry: DirectoryEntry, by: Yardstick) -> Iterator[Said]:
    if not entry.enabled:
        yield (
            "disabled",
            "the network account is disabled, but the SIS says the student is here",
            "Enable the account in the directory, or correct the student's status in the SIS.",
            None,
        )
    if entry.locked:
        yield (
            "locked",
            "the network account is locked",
            "Unlock it in the directory, or wait until the lock ends.",
            None,
        )
    if entry.expires is not None and entry.expires <= by.now + by.expires_soon:
        yield _expiry(entry.expires, by)
    if entry.password_expired:
        yield (
            "password-expired",
            "the password has expired or must be changed at the next sign-in",
            "Let the student sign in at a school computer and choose a new password, or reset it.",
            None,
        )
    if entry.password_not_required:
        yield (
            "password-not-required",
            "the account may have an empty password (PASSWD_NOTREQD)",
            "Take that flag off the account in the directory.",
            None,
        )
    if entry.enabled:
        yield from _staleness(entry, by)


def _expiry(expires: datetime, by: Yardstick) -> Said:
    when = f"{expires:%Y-%m-%d %H:%M} UTC"
    if expires <= by.now:
        return "expired", f"the network account expired on {when}", "Set a later expiry date in the directory.", None
    return "expires-soon", f"the network account expires on {when}", "Set a later expiry date in the directory.", None


def _staleness(entry: DirectoryEntry, by: Yardstick) -> Iterator[Said]:
    """An account nobody has used for long, as far as the directory keeps count (Active Directory: to 14 days)."""
    since = entry.last_sign_in or (entry.created if by.signs_in else None)
    if since is None or by.now - since <= by.stale:
        return
    day = f"{since:%Y-%m-%d}"
    detail = f"last sign-in about {day}" if entry.last_sign_in else f"made on {day} and never signed in"
    yield "stale-login", detail, "Ask whether the student uses another account.", 0.7 if entry.last_sign_in else 0.6


def _addresses(person: Person, entry: DirectoryEntry, by: Yardstick) -> Iterator[Said]:
    if person.email and entry.mail and not _same(person.email, entry.mail):
        yield (
            "mail-differs",
            f"TrackOne has {person.email}, the directory {entry.mail}",
            "Correct the address on the side where it is wrong.",
            None,
        )
    wrong = _upn_fault(entry, by)
    if wrong:
        yield "upn-differs", wrong, f"Correct the UPN in the directory; expected it to go with {entry.login}.", None


def _upn_fault(entry: DirectoryEntry, by: Yardstick) -> str:
    """Why the UPN does not go with the login; empty where it does or there is none."""
    if not entry.upn:
        return ""
    prefix, at, suffix = entry.upn.rpartition("@")
    if not at:
        return f"the UPN {entry.upn} has no @"
    if by.suffixes and case_key(suffix) not in by.suffixes:
        return f"the UPN {entry.upn} has a suffix that is none of those allowed"
    if by.upn_is_login and not _same(entry.upn if "@" in entry.login else prefix, entry.login):
        return f"the UPN is {entry.upn}, the login {entry.login}"
    return ""


def _same(one: str, other: str) -> bool:
    return one == other or case_key(one.strip()) == case_key(other.strip())


def login_findings(person: Person, entry: DirectoryEntry | None, by: Yardstick) -> Iterator[Finding]:
    """What Active Directory cannot have as a login: the student's username, or the login the own entry has now."""
    if not by.windows:
        return
    for name in dict.fromkeys((person.username, entry.login if entry else "")):
        for code, fault in (
            ("login-too-long", _too_long(name)),
            ("login-has-forbidden-characters", _forbidden(name)),
        ):
            if fault:
                yield finding(
                    code,
                    sis_code=person.sis_code,
                    username=person.username,
                    login=name,
                    dn=entry.dn if entry else None,
                    detail=f"{name}: {fault}",
                    suggestion="Give the student a login that Active Directory can have, then the same username.",
                )


def _too_long(login: str) -> str:
    prefix, at, _ = login.partition("@")
    if not at:
        return (
            f"{len(login)} characters; Active Directory allows {_LONGEST_LOGIN}"
            if len(login) > _LONGEST_LOGIN
            else ""
        )
    if len(login) > _LONGEST_UPN or len(prefix) > _LONGEST_PREFIX:
        limits = f"a UPN may have {_LONGEST_UPN} and {_LONGEST_PREFIX}"
        return f"{len(login)} characters, {len(prefix)} before the @; {limits}"
    return ""


def _forbidden(login: str) -> str:
    found = _FORBIDDEN.search(login)
    return f"{found[0]!r} is not allowed in a login" if found else ""
