"""Whether a student's network account lies where the school keeps that year's accounts."""

from collections.abc import Callable
from functools import lru_cache

from connector.domain.entry import DirectoryEntry
from connector.domain.finding import Finding, finding
from connector.domain.limits import DirectoryRules
from connector.mapping.dn import Dn, parse_dn, passes_through
from connector.planning.align_people import Person

Place = Callable[[Person, DirectoryEntry], Finding | None]
_CACHED = 4096


def place_check(rules: DirectoryRules) -> Place:
    """The check of a student's own account against `year_ou` and `leavers_ou`.

    An account among the leavers is only said to be there. Nothing is said of a year level that is not a number
    (schools name those OUs in their own words), nor where cohort or intake is not known. Year 7 may be
    written 07.
    """
    leavers = parse_dn(rules.leavers_ou)

    @lru_cache(maxsize=_CACHED)
    def among_leavers(parent: str) -> bool:
        return bool(leavers) and passes_through(_below(parent), leavers)

    @lru_cache(maxsize=_CACHED)
    def misplaced(parent: str, homes: tuple[str, ...]) -> bool:
        at = _below(parent)
        return bool(at) and not any(passes_through(at, parse_dn(home)) for home in homes)

    @lru_cache(maxsize=_CACHED)
    def homes_of(year_level: str, cohort: int | None, intake: int | None) -> tuple[str, ...]:
        return _homes(rules.year_ou, year_level, cohort, intake)

    def check(person: Person, entry: DirectoryEntry) -> Finding | None:
        parent = _parent(entry.dn)
        if among_leavers(parent):
            return _found(
                "leavers-ou-but-active",
                person,
                entry,
                f"lies in {parent}, but the SIS says the student is here",
                "Move the account back to the students, or correct the student's status in the SIS.",
            )
        homes = homes_of(person.year_level, person.cohort, person.intake)
        if homes and misplaced(parent, homes):
            return _found(
                "wrong-year-ou",
                person,
                entry,
                f"lies in {parent}, expected {homes[0]}",
                "Move the account, or correct the year level in the SIS.",
            )
        return None

    return check


def _below(parent: str) -> Dn:
    """The DN of something in that container; empty where the container's DN cannot be read."""
    try:
        return ("", *parse_dn(parent))
    except ValueError:
        return ()


def _homes(pattern: str, year_level: str, cohort: int | None, intake: int | None) -> tuple[str, ...]:
    """The pattern filled in, in every way it may be written; none where a value it needs is not known."""
    values = {"{year}": year_level, "{cohort}": str(cohort or ""), "{intake}": str(intake or "")}
    needed = {placeholder: value for placeholder, value in values.items() if placeholder in pattern}
    if not pattern or not all(value.isdecimal() for value in needed.values()):
        return ()
    homes = [pattern]
    for placeholder, value in needed.items():
        spellings = dict.fromkeys((value, value.zfill(2)))
        homes = [home.replace(placeholder, spelling) for home in homes for spelling in spellings]
    return tuple(homes)


def _parent(dn: str) -> str:
    """The DN of the container, in normal form where escapes stand in the way; what cannot be read stays as it is."""
    if "\\" not in dn and '"' not in dn:
        return dn.partition(",")[2]
    try:
        return ",".join(parse_dn(dn)[1:])
    except ValueError:
        return dn


def _found(code: str, person: Person, entry: DirectoryEntry, detail: str, suggestion: str) -> Finding:
    return finding(
        code,
        sis_code=person.sis_code,
        username=person.username,
        login=entry.login,
        dn=entry.dn,
        detail=detail,
        suggestion=suggestion,
    )
