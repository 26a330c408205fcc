"""The primary status of a student in words: the evidence, and what to do on which side."""

from connector.domain.finding import Finding, finding
from connector.mapping.safety import unsafe_part
from connector.planning.align_people import Person
from connector.planning.align_status import Link

_DIFFER = "TrackOne has {username}, the network {login}"

_WORDS = {
    "no-username": ("{refusal}", "{remedy}"),
    "login-belongs-to-another": (
        "{username} is the network login of {owner}",
        "{another_name}; or correct the key in the directory.{own_login}",
    ),
    "deleted-in-directory": (
        "the network account was deleted{from_where}",
        "Restore it in the directory, or create a new one with {code} as its key.",
    ),
    "missing-in-directory": (
        "no entry has the key {code} or the login {username}",
        "Create the network account {username} with {code} as its key, or write {code} on the account in use.",
    ),
    "matched-by-name-only": (
        "an entry without a key {evidence}",
        "If it is the student's, write {code} as its key in the directory; if not, create the missing account.",
    ),
    "case-differs": (_DIFFER, "Sign-in ignores case; nothing needs to be done."),
    "whitespace-differs": (
        "TrackOne has {username!r}, the network {login!r}",
        "Remove the blank before or after the name, on the side that has it.",
    ),
    "fold-differs": (_DIFFER, "{either_side}"),
    "username-differs": (_DIFFER, "{either_side}"),
}
"""For each status the evidence and the next step."""


def status_finding(person: Person, link: Link) -> Finding:
    """The finding of a student's primary status, any but `matched`."""
    shown = link.other or link.entry
    evidence, step = _WORDS[link.status]
    facts = _facts(person, link)
    return finding(
        link.status,
        sis_code=person.sis_code,
        username=person.username,
        login=shown.login if shown else None,
        dn=shown.dn if shown else None,
        detail=evidence.format_map(facts),
        suggestion=step.format_map(facts),
        confidence=link.confidence,
        reason=person.reason,
    )


def _facts(person: Person, link: Link) -> dict[str, str]:
    """What the words are filled with."""
    login = link.entry.login if link.entry else ""
    parent = link.entry.last_parent if link.entry else ""
    known = f" The network login is {login}." if login and link.certain else ""
    remedy = person.remedy.rstrip(".") or "Fill in the field the username is made from in the SIS"
    return {
        "code": person.sis_code,
        "username": person.username,
        "login": login or "no login",
        "owner": link.other.key.strip() if link.other else "",
        "evidence": link.evidence,
        "refusal": person.refusal or "mapping makes no username for this student",
        "remedy": f"{remedy}.{known}",
        "own_login": f" The student's own login is {login}." if login else "",
        "from_where": f" from {parent}" if parent else "",
        "another_name": _without_zeros(person, link) or _another_name(person, login if link.certain else ""),
        "either_side": _either_side(person, login),
    }


def _without_zeros(person: Person, link: Link) -> str:
    """What to do where the directory has the student's own code, but for the zeros before it."""
    key = link.other.key.strip() if link.other else ""
    if not key or key.lstrip("0") != person.sis_code.lstrip("0"):
        return ""
    return f"{key} looks like this student's code without its zeros: write {person.sis_code} into the entry's key"


def _another_name(person: Person, login: str) -> str:
    """What to do about a username that is another person's login; `login` is the student's own."""
    if person.proposed:
        return "Give the student another username before the account is made"
    if login and not unsafe_part(login):
        return "Give all accounts their students' own logins at once, swaps included (trackone align --renames FILE)"
    return f"Give the account another username (trackone accounts rename {person.username} NEWNAME)"


def _either_side(person: Person, login: str) -> str:
    """How to make TrackOne and the network agree, from TrackOne's side and from the network's."""
    if not login:
        return f"Give the entry the login {person.username} in the directory."
    network = f"or change the login in the directory to {person.username}."
    if person.proposed:
        return f'Let TrackOne take over network logins (policy = "adopt" in [directory]), {network}'
    if unsafe_part(login):
        return f"Change the login in the directory to {person.username}: TrackOne cannot take the signs in {login}."
    return f"Rename the account (trackone accounts rename {person.username} {login}), {network}"
