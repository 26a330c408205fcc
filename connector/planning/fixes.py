"""What would put findings right, on either side: changes to the directory, and new usernames in TrackOne."""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

from connector.domain.alignment import Apply, Fix, NewName
from connector.domain.entry import DirectoryEntry, DirectoryRead
from connector.domain.finding import Finding
from connector.domain.limits import DirectoryRules
from connector.mapping.dn import parent_dn
from connector.mapping.keys import case_key, fold_key
from connector.mapping.safety import unsafe_part
from connector.planning.align_people import Others, Person
from connector.planning.align_place import Places
from connector.planning.align_status import Link

_EITHER_SIDE = frozenset(("username-differs", "fold-differs"))
_TAKES_THE_LOGIN = _EITHER_SIDE | {"login-belongs-to-another"}


def directory_fixes(
    findings: Iterable[Finding], people: Iterable[Person], read: DirectoryRead, rules: DirectoryRules, places: Places
) -> Iterator[Fix]:
    """The changes to the directory that would put the findings right, in their order.

    What only a person can decide (whose account, which password) is left out, and so is a login that another entry
    has: no directory takes it twice.
    """
    by_code = {person.sis_code: person for person in people}
    logins = frozenset(case_key(entry.login) for entry in read.entries if not entry.deleted)
    entries = {entry.dn: entry for entry in read.entries}
    suffix = _usual_suffix(read, rules)
    for found in findings:
        entry = entries.get(found.dn or "")
        if entry is not None and not entry.deleted:
            change = _change(found, entry, by_code.get(found.sis_code or ""), places, suffix)
            if change is not None and change[1] != change[2] and not _is_taken(change, logins):
                yield Fix(entry.dn, *change, found.code, found.sis_code or "")


Change = tuple[str, str, str, Apply]
"""An attribute, its old value, its new value, and whether to apply that."""


def _is_taken(change: Change, logins: Container[str]) -> bool:
    """Whether it would give the entry a login that another one has."""
    attribute, old, new, _apply = change
    return attribute == "login" and case_key(new) != case_key(old) and case_key(new) in logins


_CHANGES: Mapping[str, Callable[[Finding, DirectoryEntry], Change]] = {
    "whitespace-differs": lambda _, entry: ("login", entry.login, entry.login.strip(), Apply.YES),
    "username-differs": lambda found, entry: ("login", entry.login, found.username or entry.login, Apply.CHOOSE),
    "fold-differs": lambda found, entry: ("login", entry.login, found.username or entry.login, Apply.CHOOSE),
    "key-missing": lambda found, entry: ("key", entry.key, found.sis_code or "", Apply.YES),
    "matched-by-name-only": lambda found, entry: ("key", entry.key, found.sis_code or "", Apply.CHECK),
    "left-but-enabled": lambda _found, _entry: ("enabled", "TRUE", "FALSE", Apply.YES),
    "password-not-required": lambda _found, _entry: ("password-not-required", "TRUE", "FALSE", Apply.YES),
}


def _change(
    found: Finding, entry: DirectoryEntry, person: Person | None, places: Places, suffix: str
) -> Change | None:
    """What would put the finding right in the entry; None where it is not one attribute's value."""
    if found.code in _CHANGES:
        return _CHANGES[found.code](found, entry)
    if found.code in ("wrong-year-ou", "leavers-ou-but-active") and person is not None:
        home = places.home(person)
        return ("unit", parent_dn(entry.dn), home, Apply.YES) if home else None
    login = entry.login.strip()
    if found.code == "upn-differs" and login and (suffix or "@" in login):
        return "upn", entry.upn, login if "@" in login else f"{login}@{suffix}", Apply.YES
    return None


def _usual_suffix(read: DirectoryRead, rules: DirectoryRules) -> str:
    """The UPN suffix that most accounts have, of those allowed; empty where none has one."""
    allowed = {case_key(one).removeprefix("@") for one in rules.upn_suffixes or read.suffixes}
    counts = Counter(entry.upn.rpartition("@")[2] for entry in read.entries if "@" in entry.upn)
    found = [suffix for suffix, _ in counts.most_common() if not allowed or case_key(suffix) in allowed]
    return found[0] if found else next(iter(rules.upn_suffixes), "").removeprefix("@")


def new_names(people: Sequence[Person], links: Sequence[Link], others: Others) -> list[NewName]:
    """The accounts whose username would better be the student's own login, and can be: all of them together.

    Left out are logins that TrackOne cannot take, and those that stay with another account.
    """
    wished: dict[str, NewName] = {}
    for person, link in zip(people, links, strict=True):
        login = link.entry.login if link.entry is not None and link.certain else ""
        if person.proposed or link.status not in _TAKES_THE_LOGIN or not login or unsafe_part(login):
            continue
        wished[person.sis_code] = NewName(person.sis_code, person.username, login)
    holders: dict[str, str] = dict.fromkeys(map(fold_key, others.usernames), "")
    holders |= {fold_key(person.username): person.sis_code for person in people if person.username}
    return list(_possible(wished, holders).values())


def _possible(wished: dict[str, NewName], holders: Mapping[str, str]) -> dict[str, NewName]:
    """The new names that nobody keeps and that only one wants; a name whose holder moves away is free."""
    before = -1
    while len(wished) != before:
        before, wanted = len(wished), Counter(fold_key(one.new) for one in wished.values())
        wished = {code: one for code, one in wished.items() if _is_free(one, wished, wanted, holders)}
    return wished


def _is_free(
    one: NewName, wished: Mapping[str, NewName], wanted: Mapping[str, int], holders: Mapping[str, str]
) -> bool:
    key = fold_key(one.new)
    holder = holders.get(key, one.sis_code)
    return wanted[key] == 1 and (holder == one.sis_code or holder in wished)
