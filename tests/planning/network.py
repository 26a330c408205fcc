"""Invented schools whose network gives logins by a known rule, spelt here on their own, with some that are wrong."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from connector.demo.names import letters
from connector.demo.people import crowd
from connector.domain.ruleset import RuleSet, UsernameRules
from connector.domain.student import Student
from connector.mapping.keys import case_key
from connector.planning.suggest import suggest
from connector.planning.suggestion import Suggestion, pupil

SCHOOL_YEAR = 2026


@dataclass(frozen=True)
class Names:
    """What a login may be made of."""

    given: str
    middle: str
    family: str
    code: str
    cohort2: str
    email: str


SPELLINGS = {
    "initial_surname": "imF",
    "initial_dot_surname": "im.F",
    "given_surname": "GmF",
    "given_dot_surname": "G.m.F",
    "surname_initial": "Fim",
    "surname_dot_given": "F.G.m",
    "given_initial": "Gms",
    "cohort_initial_surname": "cimF",
}
"""What each method that can collide puts together: i and s initials, m the middle one, c the year of finishing,
F and G the names, which may lose letters in this order."""

COPIED: dict[str, Callable[[Names], str]] = {
    "student_code": lambda n: n.code,
    "initials_code": lambda n: n.given[0] + n.middle[:1] + n.family[0] + n.code.lstrip("S"),
    "email": lambda n: n.email,
    "email_local": lambda n: n.email.partition("@")[0],
}
"""Methods whose logins are one for each student."""

METHODS = (*SPELLINGS, *COPIED)


@dataclass(frozen=True)
class Habit:
    """How a network gives logins."""

    method: str
    given: str = "legal"
    prefix: str = ""
    suffix: str = ""
    case: str = "lower"
    max_length: int = 20
    collision: tuple[str, ...] = ("middle_initial", "counter")


def people(count: int, seed: int) -> list[Student]:
    """So many students whose names are written in Latin letters."""
    draw = random.Random(f"{seed} people").random
    found = []
    for number, person in enumerate(crowd(count, draw)):
        code = f"S{10_000 + 7 * number + int(draw() * 7):06d}"
        found.append(
            Student(
                code,
                legal_given=person.given,
                legal_family=person.family,
                middle=person.middle,
                preferred_given=person.preferred,
                year_level=person.level,
                cohort=SCHOOL_YEAR + 12 - person.year,
                campuses=("SC" if person.year >= 7 else "JC",),
                email=f"k{int(draw() * 10**9):09d}@students.example",
                entry_date=person.begin,
            )
        )
    return found


def logins(students: list[Student], habit: Habit) -> dict[str, str]:
    """The login of each student by SIS code, given in the order of the codes."""
    taken: set[str] = set()
    given: dict[str, str] = {}
    for student in sorted(students, key=lambda one: one.sis_code):
        login = next(one for one in _ways(student, habit) if case_key(one) not in taken)
        taken.add(case_key(login))
        given[student.sis_code] = login
    return given


def disturbed(given: dict[str, str], noise: float, seed: int) -> dict[str, str]:
    """The logins with so great a share wrong: another's, none at all, a slip, or one of the helpdesk's own."""
    draw = random.Random(f"{seed} noise")
    wrong = draw.sample(sorted(given), round(noise * len(given)))
    spoilt = dict(given)
    swapped, replaced, missing = wrong[::3], wrong[1::3], wrong[2::3]
    for one, other in zip(swapped[::2], swapped[1::2], strict=False):
        spoilt[one], spoilt[other] = spoilt[other], spoilt[one]
    for code in replaced:
        spoilt[code] = f"{draw.choice(('tmp', 'guest', 'lib'))}{draw.randrange(10**4, 10**5)}"
    for code in missing:
        del spoilt[code]
    return spoilt


def asked(students: list[Student], given: dict[str, str], rules: UsernameRules | None = None) -> Suggestion:
    """What is suggested for a network with these logins."""
    pupils = [pupil(student, given[student.sis_code]) for student in students if student.sis_code in given]
    held = frozenset(map(case_key, given.values()))
    return suggest(pupils, held, RuleSet(usernames=rules or UsernameRules()))


def _names(student: Student, habit: Habit) -> Names:
    preferred = habit.given == "preferred"
    given = student.preferred_given or student.legal_given if preferred else student.legal_given
    return Names(
        letters(given.split()[0]),
        letters(student.middle),
        letters(student.legal_family),
        student.sis_code,
        f"{student.cohort % 100:02d}",
        student.email,
    )


def _ways(student: Student, habit: Habit):
    names = _names(student, habit)
    prefix, suffix = (_affix(text, student) for text in (habit.prefix, habit.suffix))
    if habit.method in COPIED:
        yield _cased(prefix + COPIED[habit.method](names) + suffix, habit.case)
        return
    room = habit.max_length - len(prefix) - len(suffix)
    ways = [("", "")]
    for policy in habit.collision:
        if policy == "middle_initial" and names.middle:
            ways.append((names.middle[0], ""))
        elif policy == "counter":
            ways += [("", str(number)) for number in range(2, 100)]
    for middle, counter in ways:
        name = _spelt(SPELLINGS[habit.method], names, middle, room - len(counter))
        yield _cased(prefix + name + counter + suffix, habit.case)


def _spelt(layout: str, names: Names, middle: str, room: int) -> str:
    """A layout filled in, in at most so many signs."""
    texts = {"i": names.given[0], "G": names.given, "m": middle, "F": names.family, "s": names.family[0]}
    texts |= {"c": names.cohort2, ".": "."}
    layout = layout if middle else layout.replace(".m", "").replace("m", "")
    for name in "FG":
        excess = sum(len(texts[letter]) for letter in layout) - room
        if excess > 0 and name in layout:
            texts[name] = texts[name][: max(1, len(texts[name]) - excess)]
    return "".join(texts[letter] for letter in layout)


def _affix(text: str, student: Student) -> str:
    entry = (student.entry_date or date.min).isoformat()
    values = {"{cohort2}": f"{student.cohort % 100:02d}", "{cohort}": str(student.cohort)}
    values["{entry_date[2:4]}"] = entry[2:4]
    for field, value in values.items():
        text = text.replace(field, value)
    return text


def _cased(text: str, case: str) -> str:
    return {"lower": text.lower(), "upper": text.upper(), "keep": text}[case]
