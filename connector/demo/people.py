"""The students of the invented school: ordinary households, children of all year levels."""

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

from connector.demo.names import CULTURES, MIDDLES, NICKNAMES, Culture, first_word, letters

T = TypeVar("T")
Draw = Callable[[], float]

AS_OF = date(2026, 3, 11)
"""The day the demo takes place: a Wednesday in Term 1."""

THIS_YEAR = date(2026, 1, 27)
"""The first school day of the year."""

JUNIOR, SENIOR = "Junior Campus", "Senior Campus"
LOGIN_LENGTH = 20
NAMESAKES = 80
"""How many may want the same login, so that two-digit numbers do."""


class Person(NamedTuple):
    """A student as the school office knows them; `begin` and `end` are the first and the last day.

    `year` counts Prep as 0. `earlier` is the first stay, from and to, of somebody who came back. `story` names
    what the cast has in mind for this person; "" leaves them to chance.
    """

    given: str
    family: str
    middle: str = ""
    preferred: str = ""
    year: int = 7
    begin: date = THIS_YEAR
    end: date | None = None
    earlier: tuple[date, date] | None = None
    enabled: bool = True
    story: str = ""
    code: str = ""

    @property
    def newcomer(self) -> bool:
        """Whether the student came this year, or will come."""
        return self.begin >= THIS_YEAR

    @property
    def shown(self) -> str:
        """The name people see: the preferred given name and the family name."""
        return f"{self.preferred or self.given} {self.family}".strip()

    @property
    def full(self) -> str:
        """The name people see as an address is made of it: given.family, in the letters a to z."""
        return f"{letters(self.preferred or self.given)}.{letters(self.family)}".strip(".")

    @property
    def names(self) -> set[str]:
        """The full names, in use and legal, as addresses."""
        return {self.full, f"{letters(self.given)}.{letters(self.family)}".strip(".")}

    @property
    def level(self) -> str:
        """The year level as TrackOne writes it."""
        return str(self.year) if self.year else "P"

    @property
    def campus(self) -> str:
        """The campus the year level is taught on."""
        return campus_of(self.year)

    @property
    def here(self) -> bool:
        """Whether the student is in school on the day of the demo."""
        return self.enabled and self.begin <= AS_OF and (self.end is None or self.end >= AS_OF)

    @property
    def base(self) -> str:
        """The login the IT department would like to give: initial and surname; "" for a name in another script."""
        return (self.initial + letters(self.family))[:LOGIN_LENGTH]

    @property
    def initial(self) -> str:
        """The first letter of the given name."""
        return letters(first_word(self.given))[:1]

    def logins(self) -> Iterator[str]:
        """The logins IT tries in turn: the base, the one with the middle initial, then numbers from 2."""
        yield self.base
        if middle := letters(self.middle)[:1]:
            yield (self.initial + middle + letters(self.family))[:LOGIN_LENGTH]
        for counter in map(str, range(2, 100)):
            yield self.base[: LOGIN_LENGTH - len(counter)] + counter


def campus_of(year: int) -> str:
    """The campus that teaches the year level."""
    return SENIOR if year >= 7 else JUNIOR


def stream(seed: int, purpose: str) -> Draw:
    """Random numbers from 0 to 1, the same for the same words on every machine."""
    return random.Random(f"{seed} {purpose}").random  # noqa: S311 - invents people, guards nothing


def pick(draw: Draw, among: Sequence[T]) -> T:
    """One of them."""
    return among[int(draw() * len(among))]


def began(year: int) -> date:
    """The first school day of that calendar year."""
    return date(year, 1, 29) if year < THIS_YEAR.year else THIS_YEAR


def crowd(count: int, draw: Draw, avoid: Collection[str] = ()) -> Iterator[Person]:
    """`count` ordinary students, household by household; nobody whose login base is to be avoided or worn out."""
    done = 0
    used: Counter[str] = Counter()
    while done < count:
        for child in _household(draw):
            used[child.base] += 1
            if child.base not in avoid and used[child.base] <= NAMESAKES and done < count:
                done += 1
                yield child


def _household(draw: Draw) -> Iterator[Person]:
    culture = _culture(draw)
    family = pick(draw, culture.families)
    if draw() < 0.05 and " " not in family:
        family = f"{family}-{pick(draw, _culture(draw).families)}".replace("- ", "-")
    year = _year(draw)
    twins = draw() < 0.04
    given: set[str] = set()
    for _ in range(pick(draw, (1, 1, 1, 2, 2, 3))):
        child = _child(draw, culture, family, year)
        if child.given not in given:
            yield child
        given.add(child.given)
        year = year if twins else (year + 2 + int(draw() * 4)) % 13


def _culture(draw: Draw) -> Culture:
    point = draw() * 100
    for culture in CULTURES:
        point -= culture.share
        if point < 0:
            return culture
    return CULTURES[0]


def _year(draw: Draw) -> int:
    return int(draw() * 7) if draw() < 0.42 else 7 + int(draw() * 6)


def _child(draw: Draw, culture: Culture, family: str, year: int) -> Person:
    girl = draw() < 0.5
    given = pick(draw, culture.girls if girl else culture.boys)
    middle = pick(draw, MIDDLES[0 if girl else 1 :: 2]) if draw() < 0.8 else ""
    middle = middle if middle != given else ""
    preferred = NICKNAMES.get(given, "") if draw() < 0.5 else ""
    return Person(given, family, middle, preferred, year, _first_day(draw, year))


def _first_day(draw: Draw, year: int) -> date:
    """Prep starts now; others came in Prep, in Year 7 or in between, a few this year."""
    point = draw()
    if point < 0.07:
        return THIS_YEAR
    if year >= 7 and point < 0.55:
        return began(THIS_YEAR.year - (year - 7))
    return began(THIS_YEAR.year - int(year * (0.4 + 0.6 * draw())))
