"""Everybody the school has to do with: who they are, which codes they carry, which logins IT gave them."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from connector.demo.cast import ENROLLED, LAST_TERM, TERM_2
from connector.demo.names import letters
from connector.demo.oneroster import Teacher
from connector.demo.people import Person, began, crowd, stream

CAST = frozenset(person.base for person in ENROLLED)
FIRST_CODE = 4100
"""Codes are seven digits with leading zeros, given in the order of enrolment."""


class Group(NamedTuple):
    """`per_mille` of the enrolled count, at least `least`: people with one story who are not in school."""

    story: str
    per_mille: float
    least: int
    begin: date
    end: date | None = None
    enabled: bool = True


ABSENT = (
    Group("forgotten", 3, 1, began(2017), date(2021, 6, 25)),
    Group("gone", 20, 2, began(2018), date(2023, 12, 8)),
    Group("gone-enabled", 1, 1, began(2018), date(2024, 12, 13)),
    Group("left-before", 6, 1, began(2019), date(2025, 9, 19)),
    Group("left", 12, 2, began(2020), LAST_TERM),
    Group("left-enabled", 3, 1, began(2021), LAST_TERM),
    Group("left-unnoticed", 3, 1, began(2025), date(2025, 3, 28)),
    Group("left", 1, 1, began(2022), enabled=False),
    Group("future", 10, 2, TERM_2),
)


def everybody(enrolled: int, seed: int) -> list[Person]:
    """The enrolled students and all others, with their codes, in the order of the codes."""
    absent = [group for group in ABSENT for _ in range(max(group.least, round(enrolled * group.per_mille / 1000)))]
    ordinary = crowd(enrolled - len(ENROLLED) + len(absent), stream(seed, "crowd"), CAST)
    people = [*ENROLLED, *(_placed(person, group) for group, person in zip(absent, ordinary, strict=False))]
    people += ordinary
    people.sort(key=lambda person: (person.earlier or (person.begin,))[0])
    return [person._replace(code=f"{FIRST_CODE + n:07d}") for n, person in enumerate(people)]


def _placed(person: Person, group: Group) -> Person:
    return person._replace(begin=group.begin, end=group.end, enabled=group.enabled, story=group.story)


def teachers(enrolled: int, seed: int, taken: set[str]) -> list[Teacher]:
    """The staff, who had their logins before any student; adds the logins to `taken`."""
    people = [Person("Sarah", "Tailor"), *crowd(max(8, enrolled // 14), stream(seed, "staff"), CAST)]
    return [
        Teacher(f"T{number:04d}", person.given, person.family, give_login(person, taken))
        for number, person in enumerate(people, 1)
    ]


def give_login(person: Person, taken: set[str]) -> str:
    """The first login of the person's that is free, now taken; "" for those who have not come yet.

    A name in another script, and the scheme of former years, make it of the code.
    """
    number = person.code.lstrip("0")
    if person.begin >= TERM_2:
        return ""
    if person.story == "forgotten":
        return f"{letters(person.family)[:12]}{number}"
    tries = person.logins() if person.base else (f"s{person.code}",)
    login = next(one for one in tries if one not in taken)
    taken.add(login)
    return login


def bases_of_one(people: Iterable[Person]) -> set[str]:
    """The login bases that only one person has."""
    return {base for base, holders in Counter(person.base for person in people).items() if holders == 1}


def names_of_many(people: Iterable[Person]) -> set[str]:
    """The full names, in use or legal, that several people have."""
    names = Counter(name for person in people for name in person.names)
    return {name for name, holders in names.items() if holders > 1}
