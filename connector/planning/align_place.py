"""Whether a student's network account lies where the school keeps that year's accounts."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import product

from connector.domain.entry import DirectoryEntry
from connector.domain.finding import Finding, finding
from connector.domain.limits import DirectoryRules
from connector.mapping.dn import Dn, parse_dn, passes_through
from connector.planning.align_people import Person

Place = Callable[[Person, DirectoryEntry], Finding | None]
_CACHED = 4096
WORDS = {
    "PK": ("PK", "Pre-Kindergarten", "Pre-Kindy", "Pre-Prep", "ELC"),
    "K": ("K", "Kindergarten", "Kindy", "Kinder"),
    "P": ("P", "Prep", "Pre-Primary", "PP", "F", "Foundation", "R", "Reception", "K", "Kindergarten", "0", "00"),
}
"""How schools write the year levels before Year 1 in the names of units."""


def place_check(rules: DirectoryRules, day: date, entries: Iterable[DirectoryEntry] = ()) -> Place:
    """The check of a student's own account against `year_ou` and `leavers_ou` on that day.

    An account among the leavers is only said to be there. Year 7 may be written 07. A year level that is a word
    (P, K) may be written in the words of WORDS, and counts only where one of them is in use among the `entries`.
    Nothing is said where cohort or intake is not known. Within `rollover_grace` of New Year, when the SIS and the
    directory move up on different days, the years before and after will do.
    """
    leavers = parse_dn(rules.leavers_ou)
    moves = (-1, 1) if _near_new_year(day, rules.rollover_grace) else ()

    @lru_cache(maxsize=_CACHED)
    def among_leavers(parent: str) -> bool:
        return bool(leavers) and passes_through(_below(parent), leavers)

    @lru_cache(maxsize=_CACHED)
    def misplaced(parent: str, homes: tuple[str, ...]) -> bool:
        at = _below(parent)
        return bool(at) and not any(passes_through(at, parse_dn(home)) for home in homes)

    @lru_cache(maxsize=1)
    def parents() -> frozenset[str]:
        return frozenset(_parent(entry.dn) for entry in entries if not entry.deleted)

    @lru_cache(maxsize=_CACHED)
    def homes_of(year_level: str, cohort: int | None, intake: int | None) -> tuple[str, ...]:
        homes = tuple(_homes(rules.year_ou, year_level, cohort, intake, moves))
        if year_level.isdecimal() or "{year}" not in rules.year_ou:
            return homes
        in_use = not all(misplaced(parent, homes) for parent in parents())
        return homes if in_use else ()

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


def _near_new_year(day: date, grace: timedelta) -> bool:
    """Whether New Year, when school years begin, is less than the grace away."""
    return any(abs(date(year, 1, 1) - day) < grace for year in (day.year, day.year + 1))


def _homes(
    pattern: str, year_level: str, cohort: int | None, intake: int | None, moves: tuple[int, ...]
) -> Iterator[str]:
    """The pattern filled in, in every way it may be written; none where a value is not known.

    The student's own year comes first, then those that are `moves` years off.
    """
    if not pattern:
        return
    for move in (0, *moves):
        values = {
            "{year}": _years(year_level, move),
            "{cohort}": (str(cohort + move),) if cohort else (),
            "{intake}": (str(intake),) if intake else (),
        }
        needed = [placeholder for placeholder in values if placeholder in pattern]
        for filled in product(*(values[placeholder] for placeholder in needed)):
            home = pattern
            for placeholder, value in zip(needed, filled, strict=True):
                home = home.replace(placeholder, value)
            yield home


def _years(year_level: str, move: int) -> tuple[str, ...]:
    """How that year level is written in the names of units; one that is a word stays where it is."""
    if year_level.isdecimal():
        year = str(int(year_level) + move)
        return tuple(dict.fromkeys((year, year.zfill(2))))
    return WORDS.get(year_level, ())


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
