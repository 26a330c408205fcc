"""How a student's username stands to the network: one primary status for each."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from connector.domain.entry import DirectoryEntry
from connector.mapping.keys import case_key, fold_key
from connector.planning.align_people import Person
from connector.planning.correlate import Correlation, code_key

MATCHED = "matched"
EQUAL = frozenset((MATCHED, "case-differs"))
"""The statuses that count as a match: sign-in ignores case."""

UNKNOWN = ""
"""The status of a student of whom an incomplete read tells nothing."""

_ON_ABSENCE = frozenset(("deleted-in-directory", "matched-by-name-only", "missing-in-directory"))
_SIGNS = re.compile(r"[^a-z0-9]+")


class Link(NamedTuple):
    """A student's status, and the directory entry it was found by.

    `entry` is the student's own where `certain`, else a guess; `other` is the entry of whoever owns the
    student's username. `keyless` marks an own entry that does not carry the SIS code.
    """

    status: str
    entry: DirectoryEntry | None = None
    certain: bool = False
    keyless: bool = False
    other: DirectoryEntry | None = None
    confidence: float | None = None
    evidence: str = ""


_UNTOLD = Link(UNKNOWN)


def link(person: Person, directory: Correlation) -> Link | None:
    """The status as far as the SIS code, the stable id or the login decide it; None leaves it to the name."""
    if not person.username:
        own = directory.entry_of(person.sis_code, stable_id=person.stable_id)
        return Link("no-username", own, certain=own is not None)
    own = directory.entry_of(person.sis_code, person.username, person.stable_id)
    holders = directory.logins(person.username)
    other = None if holders == (own,) else _stranger(person, holders)
    if other is not None:
        return Link("login-belongs-to-another", own, certain=own is not None, other=other)
    if own is not None:
        keyless = not own.key.strip()
        return Link(compare(person.username, own.login), own, certain=True, keyless=keyless)
    gone = directory.deleted_of(person.sis_code, person.stable_id)
    if gone is not None:
        return Link("deleted-in-directory", gone)
    return _by_login(person, holders) or _deleted_with_its_key(person, directory)


def _stranger(person: Person, holders: Iterable[DirectoryEntry]) -> DirectoryEntry | None:
    """The first of the entries that is keyed to somebody else."""
    mine = code_key(person.sis_code)
    return next((entry for entry in holders if code_key(entry.key) not in ("", mine)), None)


def compare(username: str, login: str) -> str:
    """How two names of one person differ: not at all, by case, by blanks around, by accents, or altogether."""
    if username == login:
        return MATCHED
    if case_key(username) == case_key(login):
        return "case-differs"
    username, login = username.strip(), login.strip()
    if case_key(username) == case_key(login):
        return "whitespace-differs"
    return "fold-differs" if fold_key(username) == fold_key(login) else "username-differs"


def _by_login(person: Person, holders: Iterable[DirectoryEntry]) -> Link | None:
    """The unkeyed entry that signs in under the username: the student's where the name agrees, else a guess."""
    for entry in holders:
        if _same_name(person, entry):
            return Link(compare(person.username, entry.login), entry, certain=True, keyless=True)
    for entry in holders:
        likely = not any(names_of(entry)) or _same_family(person, entry)
        evidence = "has the same login, but its name does not confirm it"
        return Link("matched-by-name-only", entry, confidence=0.6 if likely else 0.3, evidence=evidence)
    return None


def _deleted_with_its_key(person: Person, directory: Correlation) -> Link | None:
    """The deleted entry that had the username and shows no key any more.

    Often all that is left of its name is the common name, which must hold the family name or be login or code.
    """
    families = {name_key(person.family), name_key(person.legal_family)} - {""}
    bare = {name_key(person.username), name_key(person.sis_code)}
    for entry in directory.deleted_logins(person.username):
        shown = name_key(entry.display)
        if _same_name(person, entry) or shown in bare or any(family in shown for family in families):
            return Link("deleted-in-directory", entry)
    return None


def _same_name(person: Person, entry: DirectoryEntry) -> bool:
    """Whether the family names agree when folded, and the first letters of the given names."""
    initial = name_key(names_of(entry)[0])[:1]
    initials = (name_key(person.given)[:1], name_key(person.legal_given)[:1])
    return initial != "" and initial in initials and _same_family(person, entry)


def _same_family(person: Person, entry: DirectoryEntry) -> bool:
    family = name_key(names_of(entry)[1])
    return family != "" and family in (name_key(person.family), name_key(person.legal_family))


def names_of(entry: DirectoryEntry) -> tuple[str, str]:
    """Given and family name, from the display name (`Family, Given` or `Given Family`) where they are not told."""
    if entry.family or not entry.display:
        return entry.given, entry.family
    family, comma, given = entry.display.partition(",")
    if comma:
        return given.strip(), family.strip()
    given, _, family = entry.display.strip().rpartition(" ")
    return given, family


def name_key(name: str) -> str:
    """A name as compared between systems: folded, without blanks, hyphens and apostrophes."""
    folded = fold_key(name)
    return folded if folded.isalnum() else _SIGNS.sub("", folded)


def link_all(people: Sequence[Person], directory: Correlation, *, complete: bool) -> list[Link]:
    """Every student's status, in their order.

    Only the unkeyed entries that nobody has a better claim to are found by name. Where the read is not
    `complete`, a status that rests on the absence of an entry is UNKNOWN.
    """
    links = [link(person, directory) for person in people]
    if not complete:
        return [_UNTOLD if one is None or one.status in _ON_ABSENCE else one for one in links]
    nameless = [person for person, one in zip(people, links, strict=True) if one is None]
    if nameless:
        claimed = {one.entry.dn for one in links if one is not None and one.entry is not None}
        free = (entry for entry in directory.unkeyed if entry.dn not in claimed)
        names = NameIndex(free, nameless)
        links = [one or names.link(person) for person, one in zip(people, links, strict=True)]
    return [one for one in links if one is not None]


class NameIndex:
    """Unkeyed entries by full name, for the students whom nothing better finds."""

    def __init__(self, entries: Iterable[DirectoryEntry], people: Iterable[Person]) -> None:
        self._namesakes = Counter(key for person in people for key in full_names(person))
        self._sharers: Counter[str] = Counter()
        self._first: dict[str, DirectoryEntry] = {}
        for entry in sorted(entries, key=lambda entry: (case_key(entry.dn), entry.dn)):
            for key in {"".join(map(name_key, names_of(entry))), name_key(entry.display)} - {""}:
                self._sharers[key] += 1
                self._first.setdefault(key, entry)

    def link(self, person: Person) -> Link:
        """The entry of that name, a guess that is worth less where several entries or students share the name."""
        key = next((key for key in full_names(person) if key in self._first), None)
        if key is None:
            return Link("missing-in-directory")
        shared = self._sharers[key] > 1 or self._namesakes[key] > 1
        return Link(
            "matched-by-name-only",
            self._first[key],
            confidence=0.4 if shared else 0.7,
            evidence="has the same name, as others have" if shared else "has the same name",
        )


def full_names(person: Person) -> Iterator[str]:
    """The folded full names a student goes by: the one in use, then the legal one."""
    used = name_key(person.given) + name_key(person.family)
    legal = name_key(person.legal_given) + name_key(person.legal_family)
    if used:
        yield used
    if legal and legal != used:
        yield legal
