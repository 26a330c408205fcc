"""Guesses why a login is not what the rules give."""

import pytest

from connector.domain.ruleset import RuleSet, UsernameRules
from connector.domain.student import Student
from connector.planning.suggest import suggest
from connector.planning.suggestion import pupil

CROWD = [Student(f"P{n:02d}", f"Given{chr(97 + n)}", f"Family{chr(97 + n)}", cohort=2030) for n in range(24)]
CROWD[:3] = [one._replace(preferred_given="Zora") for one in CROWD[:3]]
ODD = {"legal_given": "Amelia", "legal_family": "Smithers", "middle": "Rose", "cohort": 2030}


def _misfit(login: str, more: dict[str, str], spell, rules: UsernameRules | None = None):
    """The one misfit among students who all follow a rule."""
    students = [*CROWD, Student("S1", **{**ODD, **more})]
    given = {one.sis_code: spell(one) for one in CROWD} | {"S1": login}
    pupils = [pupil(one, given[one.sis_code]) for one in students]
    found = suggest(pupils, {one.key for one in pupils}, RuleSet(usernames=rules or UsernameRules()))
    (misfit,) = found.candidates[0].misfits
    assert (misfit.sis_code, misfit.login) == ("S1", login)
    return misfit


def _initial(one: Student) -> str:
    return f"{one.legal_given[0]}{one.legal_family}".lower()


def _dotted(one: Student) -> str:
    return f"{one.legal_given}.{one.legal_family}".lower()


def _year(one: Student) -> str:
    return f"{_initial(one)}{one.cohort % 100}"


def _year_first(one: Student) -> str:
    return f"{one.cohort % 100}{_initial(one)}"


GUESSES = [
    ("zz9plural", {"legal_given": "Иван"}, _initial, "no-username", "Cyrillic"),
    ("asmithers ", {}, _initial, "white-space", "blank"),
    ("asmíthers", {}, _initial, "accent", "mark"),
    ("msmithers", {"preferred_given": "Millie"}, _initial, "preferred-name", "preferred"),
    ("a.smithers", {}, _initial, "other-method", "initial_dot_surname"),
    ("amelia.smithers", {}, _initial, "other-method", "given_dot_surname"),
    ("aray-smith", {"legal_family": "Ray-Smith"}, _initial, "name-parts", "hyphen"),
    ("asmithers01", {}, _initial, "counter", "number"),
    ("asmithersr", {}, _initial, "middle-initial", "middle initial"),
    ("gfamilyb", {}, _initial, "other-student", "P01"),
    ("asmi", {}, _initial, "cut", "4"),
    ("asmihters", {}, _initial, "slip", "slip"),
    ("amiller", {}, _initial, "surname", "former"),
    ("bsmithers", {}, _initial, "slip", "slip"),
    ("xavier.smithers", {}, _dotted, "given-name", "another given name"),
    ("amelia.miller", {}, _dotted, "surname", "former"),
    ("guest77", {}, _initial, "unknown", "no guess"),
    ("asmithers31", {}, _year, "other-year", "year"),
    ("asmithers", {}, _year, "affix", "suffix"),
    ("31asmithers", {}, _year_first, "other-year", "year"),
]


@pytest.mark.parametrize(("login", "more", "spell", "why", "said"), GUESSES)
def test_each_exception_has_its_guess(login, more, spell, why, said):
    """The surest one, in a word and in a sentence."""
    misfit = _misfit(login, more, spell)
    assert (misfit.why, said in misfit.detail) == (why, True), misfit


def test_the_name_by_the_rules_stands_beside():
    """Nothing where the rules give none."""
    assert _misfit("guest77", {}, _initial).expected == "asmithers"
    assert _misfit("guest77", {"legal_given": "Иван"}, _initial).expected == ""


def test_two_who_have_each_other_s_login_are_swapped():
    """Each is told whose it is."""
    students = CROWD
    given = {one.sis_code: _initial(one) for one in students}
    given["P03"], given["P04"] = given["P04"], given["P03"]
    found = suggest([pupil(one, given[one.sis_code]) for one in students], given.values(), RuleSet())
    assert [(one.sis_code, one.why, one.detail) for one in found.candidates[0].misfits] == [
        ("P03", "swapped", "swapped with P04"),
        ("P04", "swapped", "swapped with P03"),
    ]


def test_a_name_that_is_not_cut_is_told():
    """The network is stricter for all others."""
    long = [one._replace(legal_family=one.legal_family + "tonworthy") for one in CROWD]
    pupils = [pupil(one, _initial(one)[:10]) for one in long[:-1]] + [pupil(long[-1], _initial(long[-1]))]
    found = suggest(pupils, {one.key for one in pupils}, RuleSet())
    (misfit,) = found.candidates[0].misfits
    assert (misfit.why, misfit.detail) == ("cut", "not cut to 10 characters")
