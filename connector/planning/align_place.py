"""Whether a student's network account lies where the school keeps that year's accounts."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import product

from connector.domain.entry import DirectoryEntry
from connector.domain.finding import Finding, finding
from connector.domain.limits import DirectoryRules
from connector.mapping.dn import Dn, ancestors, parent_dn, parse_dn, passes_through
from connector.planning.align_people import Person

_CACHED = 4096
WORDS = {
    "PK": ("PK", "Pre-Kindergarten", "Pre-Kindy", "Pre-Prep", "ELC"),
    "K": ("K", "Kindergarten", "Kindy", "Kinder"),
    "P": ("P", "Prep", "Pre-Primary", "PP", "F", "Foundation", "R", "Reception", "K", "Kindergarten", "0", "00"),
}
"""How schools write the year levels before Year 1 in the names of units."""


class Places:
    """Where accounts belong, by `year_ou` and `leavers_ou` on that day, and where they lie.

    An account among the leavers is only said to be there. Year 7 may be written 07. A year level that is a word
    (P, K) may be written in the words of WORDS, and counts only where one of them is in use among the `entries`.
    Nothing is said where cohort or intake is not known. Within `rollover_grace` of New Year, when the SIS and the
    directory move up on different days, the years before and after will do.
    """

    def __init__(self, rules: DirectoryRules, day: date, entries: Iterable[DirectoryEntry] = ()) -> None:
        self._pattern = rules.year_ou
        self._leavers = parse_dn(rules.leavers_ou)
        self._moves = (-1, 1) if _near_new_year(day, rules.rollover_grace) else ()
        self._entries = entries
        self._among_leavers = lru_cache(_CACHED)(self._judge_leavers)
        self._misplaced = lru_cache(_CACHED)(_is_misplaced)
        self._homes_of = lru_cache(_CACHED)(self._find_homes)

    def check(self, person: Person, entry: DirectoryEntry) -> Finding | None:
        """What is to be said of where the student's own account lies."""
        parent = parent_dn(entry.dn)
        if self._leavers and self._among_leavers(parent):
            return _found(
                "leavers-ou-but-active",
                person,
                entry,
                f"lies in {parent}, but the SIS says the student is here",
                "Move the account back to the students, or correct the student's status in the SIS.",
            )
        homes = self._homes_of(person.year_level, person.cohort, person.intake)
        if homes and self._misplaced(parent, homes):
            return _found(
                "wrong-year-ou",
                person,
                entry,
                f"lies in {parent}, expected {homes[0]}",
                "Move the account, or correct the year level in the SIS.",
            )
        return None

    def home(self, person: Person) -> str:
        """The DN of the one unit in use that the student's account belongs in; empty where there is not one."""
        homes = self._homes_of(person.year_level, person.cohort, person.intake)[:1]
        paths = [parse_dn(home) for home in homes]
        found = {
            above.lower(): above
            for parent in self._parents
            for above in (parent, *ancestors(parent))
            if any(_below(above)[1 : 1 + len(path)] == path for path in paths)
        }
        return next(iter(found.values())) if len(found) == 1 else ""

    @cached_property
    def _parents(self) -> list[str]:
        return sorted({parent_dn(entry.dn) for entry in self._entries if not entry.deleted})

    def _judge_leavers(self, parent: str) -> bool:
        return passes_through(_below(parent), self._leavers)

    def _find_homes(self, year_level: str, cohort: int | None, intake: int | None) -> tuple[str, ...]:
        homes = tuple(_homes(self._pattern, year_level, cohort, intake, self._moves))
        if year_level.isdecimal() or "{year}" not in self._pattern:
            return homes
        in_use = not all(self._misplaced(parent, homes) for parent in self._parents)
        return homes if in_use else ()


def _is_misplaced(parent: str, homes: tuple[str, ...]) -> bool:
    at = _below(parent)
    return bool(at) and not any(passes_through(at, parse_dn(home)) for home in homes)


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
