from collections.abc import Iterator

import pytest

from connector.domain import ruleset as rules
from connector.domain.errors import ConfigError
from connector.domain.ruleset import AllOf, AnyOf, NotOf, When
from connector.domain.student import Status, Student
from connector.mapping.conditions import condition, in_words

AMELIA = Student(
    "S0123",
    legal_given="Amelia",
    year_level="11",
    status=Status.ACTIVE,
    campuses=("SE", "North"),
    homegroup="11B",
    house="Gum",
    flags=frozenset({"Boarder"}),
    classes=frozenset({"11MAT1", "11ENG2"}),
    columns={"Bus Route": "R7", "house": "not this one"},
)
NONE: frozenset[str] = frozenset()
PREFECTS = "CN=Prefects,OU=Groups,DC=school,DC=edu,DC=au"


def ask(subject: str, *values: str, how: str = "equals") -> When:
    """One question about a student."""
    return rules.Test(subject, values, how)


YES, NO, UNKNOWN = ask("year", "11"), ask("year", "7"), ask("ldap_group", PREFECTS)


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        (ask("year", "10", "11", "12"), True),
        (ask("year", "1"), False),
        (ask("campus", "north"), True),
        (ask("campus", "nor"), False),
        (ask("status", "active"), True),
        (ask("house", "GUM"), True),
        (ask("homegroup", "11?", how="glob"), True),
        (ask("homegroup", "1?", how="glob"), False),
        (ask("homegroup", "11[a-c]", how="glob"), True),
        (ask("class", "11mat*", how="glob"), True),
        (ask("class", "mat*", how="glob"), False),
        (ask("class", "11ENG2"), True),
        (ask("flag", "boarder"), True),
        (ask("flag", "PortalBlocked"), False),
        (ask("field.Bus Route", "R7"), True),
        (ask("field.Bus Route", "R[0-9]", how="regex"), True),
        (ask("field.Bus Route", "[0-9]", how="regex"), False),
        (ask("field.Bus Route", "r7", how="regex"), False),
        (ask("field.Absent", "x"), False),
        (ask("field.sis_code", "s0123"), True),
        (ask("field.given_names", "Amelia"), True),
        (ask("field.campus", "north"), True),
        (ask("field.classes", "11*", how="glob"), True),
        (ask("field.house", "not this one"), True),
        (ask("field.email", ".*", how="regex"), True),
    ],
)
def test_questions_about_a_student(when: When, holds: bool) -> None:
    """Each question looks at its own field, whole and without case; regular expressions as they are written."""
    assert holds is condition(when)(AMELIA, NONE, NONE)


@pytest.mark.parametrize(
    ("asked", "member_of", "holds"),
    [
        (PREFECTS, PREFECTS, True),
        (PREFECTS, "cn=prefects, ou=groups , dc=School,dc=edu,dc=au", True),
        (PREFECTS, "CN=Pre\\66ects,OU=Groups,DC=school,DC=edu,DC=au", True),
        ("CN=Smith\\, Prefects,DC=x", 'CN="Smith, Prefects",DC=x', True),
        (PREFECTS, "CN=Prefects,OU=Other,DC=school,DC=edu,DC=au", False),
        (PREFECTS, "Prefects", False),
        ("prefects", "Prefects", True),
    ],
)
def test_directory_groups(asked: str, member_of: str, holds: bool) -> None:
    """Two spellings of a DN are one group; only the name of a group is not its DN."""
    for how in ("equals", "nested"):
        assert holds is condition(ask("ldap_group", asked, how=how))(AMELIA, frozenset({member_of}), NONE)


def test_scim_groups() -> None:
    """A SCIM group is known by its name, without case."""
    test = condition(ask("scim_group", "Prefects"))
    assert [test(AMELIA, None, groups) for groups in (frozenset({"PREFECTS"}), frozenset({"Choir"}))] == [True, False]


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        (UNKNOWN, None),
        (NotOf(UNKNOWN), None),
        (NotOf(YES), False),
        (NotOf(NO), True),
        (AllOf(), True),
        (AllOf((YES, YES)), True),
        (AllOf((YES, NO)), False),
        (AllOf((YES, UNKNOWN)), None),
        (AllOf((UNKNOWN, NO)), False),
        (AnyOf((NO, NO)), False),
        (AnyOf((NO, YES)), True),
        (AnyOf((NO, UNKNOWN)), None),
        (AnyOf((UNKNOWN, YES)), True),
        (AllOf((AnyOf((NO, UNKNOWN)), NotOf(NO))), None),
        (NotOf(AllOf((UNKNOWN, NO))), True),
    ],
)
def test_unknown_is_not_false(when: When, holds: bool | None) -> None:
    """A group that could not be looked up leaves a condition open unless the rest decides it."""
    assert holds is condition(when)(AMELIA, None, NONE)


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (ask("year", "10", "11"), "year is 10 or 11"),
        (ask("class", "11*", how="glob"), "class is like 11*"),
        (ask("field.X", "a+", how="regex"), "field.X matches a+"),
        (ask("ldap_group", "CN=A", how="nested"), "ldap_group is or lies in CN=A"),
        (AllOf((YES, NotOf(NO))), "year is 11 and not (year is 7)"),
        (AnyOf((YES, AllOf((YES, NO)))), "year is 11 or (year is 11 and year is 7)"),
        (AllOf(), "always"),
    ],
)
def test_conditions_in_words(when: When, words: str) -> None:
    """A condition is explained as a person would say it."""
    assert words == in_words(when)


def bad() -> Iterator[tuple[When, str]]:
    """Conditions that cannot be asked, with what is said of each."""
    yield ask("yaer", "7"), 'a condition cannot ask for "yaer": use one of year, campus'
    yield ask("house", "(", how="regex"), '"(" is not a regex:'
    yield ask("house", "a" * 201, how="regex"), "a regex has at most 200 characters, this one has 201"
    yield NotOf(AllOf((AnyOf((ask("x", "y"),)),))), 'a condition cannot ask for "x"'


@pytest.mark.parametrize(("when", "message"), list(bad()))
def test_conditions_that_cannot_be_asked(when: When, message: str) -> None:
    """A condition that means nothing stops before any student is looked at, also deep inside others."""
    with pytest.raises(ConfigError) as error:
        condition(when)
    assert error.value.message.startswith(message)
