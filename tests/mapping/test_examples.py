from datetime import date
from typing import Any

import pytest

from connector.domain import ruleset
from connector.domain.ruleset import Example, RoleRule, RoleRules, RuleSet, Scope, UsernameRules
from connector.mapping.mapper import run_example

RULES = RuleSet(
    scope=Scope(year_levels=frozenset({"7", "8"})),
    usernames=UsernameRules(method="initial_surname", overrides=()),
    roles=RoleRules(
        rules=(
            RoleRule("bus", ruleset.Test("field.Bus", ("Y",)), ("Student Portal",)),
            RoleRule("prefects", ruleset.Test("ldap_group", ("CN=P,DC=x",)), ("Student Portal", "Student Security")),
            RoleRule("choir", ruleset.Test("scim_group", ("Choir",)), ("Student Portal",)),
        )
    ),
)
AMELIA = {"sis_code": "S1", "given_names": "Amelia", "family_name": "Smith", "year_level": "7"}


def run(given: dict[str, Any], **expect: Any) -> list[str]:
    """What is wrong with an example of Amelia with these changes."""
    return run_example(Example(AMELIA | given, expect, "students.toml: example 1"), RULES)


@pytest.mark.parametrize(
    ("given", "expect"),
    [
        ({}, {"username": "asmith", "roles": ["Student Security"]}),
        ({"year_level": 7}, {"username": "asmith", "year_level": 7}),
        ({}, {"roles": "Student Security"}),
        ({"preferred_name": "Millie"}, {"given_names": "Millie", "family_name": "Smith", "username": "asmith"}),
        ({"columns": {"Bus": "Y"}}, {"roles": ["Student Portal"]}),
        ({"ldap_groups": ["cn=p,dc=x"]}, {"roles": ["Student Security", "Student Portal"]}),
        ({"scim_groups": "Choir"}, {"roles": ["Student Portal"]}),
        ({"campus": ["SE", "NW"], "email": "a@x.au"}, {"campus": "SE", "email": "a@x.au"}),
        ({"given_names": "  Amelia  Jane "}, {"given_names": "Amelia Jane"}),
        ({"status": "left"}, {"skip": "not-active"}),
        ({"status": "future"}, {"skip": "not-active"}),
        ({"status": "unknown"}, {"skip": "status-unknown"}),
        ({"year_level": "9"}, {"skip": "year-level-out-of-scope"}),
        ({"year_level": ""}, {"skip": "year-level-out-of-scope"}),
        ({"family_name": "李"}, {"skip": "non-latin-name"}),
        ({"family_name": "", "given_names": ""}, {"skip": "empty-username"}),
        (
            {
                "middle_name": "R",
                "preferred_family_name": "J",
                "network_login": "x",
                "homegroup": "7B",
                "house": "Gum",
                "cohort": 2031,
                "entry_date": date(2026, 1, 27),
                "exit_date": "2026-12-01",
                "flags": ["Boarder"],
                "classes": ["7MAT"],
            },
            {"username": "asmith", "family_name": "J"},
        ),
    ],
)
def test_examples_that_hold(given: dict[str, Any], expect: dict[str, Any]) -> None:
    """An example may describe a student by any canonical field and expect what the account or the skip is."""
    assert run(given, **expect) == []


@pytest.mark.parametrize(
    ("given", "expect", "wrong"),
    [
        ({}, {"username": "bsmith"}, 'username: expected "bsmith", got "asmith"'),
        ({}, {"username": "ASmith"}, 'username: expected "ASmith", got "asmith"'),
        ({}, {"roles": ["Student Portal"]}, 'roles: expected "Student Portal", got "Student Security"'),
        ({}, {"roles": []}, 'roles: expected none, got "Student Security"'),
        ({}, {"roles": [1, "a"]}, 'roles: expected "1; a", got "Student Security"'),
        ({}, {"username": ["asmith"]}, "expect: username = ['asmith']: expected text in quotes"),
        ({}, {"campus": "SE"}, 'campus: expected "SE", got ""'),
        ({}, {"skip": "not-active"}, 'skip: expected "not-active", got an account'),
        ({"status": "left"}, {"skip": "status-unknown"}, 'skip: expected "status-unknown", got "not-active"'),
        (
            {"status": "left"},
            {"username": "asmith"},
            'username: expected "asmith", but there is no account: not-active (left)',
        ),
        (
            {"year_level": "9"},
            {"roles": ["Student Security"]},
            'roles: expected "Student Security", but there is no account: year-level-out-of-scope (9)',
        ),
        (
            {"family_name": "김"},
            {"username": "ali"},
            (
                'username: expected "ali", but there is no account: non-latin-name (the family name holds Hangul '
                "letters, which cannot be turned into Latin safely)"
            ),
        ),
        (
            {"famly_name": "x"},
            {"username": "x"},
            'given holds the unknown key "famly_name": did you mean "family_name"?',
        ),
        ({}, {"user": "asmith"}, 'expect holds the unknown key "user": did you mean "username"?'),
        (
            {},
            {"zzz": 1},
            (
                'expect holds the unknown key "zzz": known are username, roles, skip, given_names, family_name, '
                "email, year_level, campus"
            ),
        ),
        ({}, {}, 'expect is empty: say what must come out, e.g. username = "asmith"'),
        ({"sis_code": 7}, {"username": "x"}, "given: sis_code = 7: expected text in quotes"),
        ({"cohort": "2031"}, {"username": "x"}, "given: cohort = '2031': expected the year of finishing, e.g. 2031"),
        (
            {"entry_date": "27/1/26"},
            {"username": "x"},
            "given: entry_date = '27/1/26': expected a date, e.g. 2026-01-27",
        ),
        (
            {"columns": "Y"},
            {"username": "x"},
            "given: columns = 'Y': expected a table of columns, e.g. { Boarder = \"Y\" }",
        ),
        ({"flags": [1]}, {"username": "x"}, "given: flags = [1]: expected text in quotes"),
        (
            {"status": "gone"},
            {"username": "x"},
            "given: status = 'gone': expected one of active, future, inactive, left, unknown",
        ),
    ],
)
def test_examples_that_do_not_hold(given: dict[str, Any], expect: dict[str, Any], wrong: str) -> None:
    """What does not hold is told in one line that shows what was expected and what came out."""
    assert [wrong] == run(given, **expect)


def test_an_unknown_skip_reason() -> None:
    """A skip reason that does not exist is named with those that do."""
    assert run({}, skip="inactive")[0].startswith(
        "expect: skip = 'inactive' is no skip reason; known are rejected-row"
    )


def test_an_unknown_year_level() -> None:
    """A year level is given as the canonical token."""
    assert run({"year_level": "Year 7"}, username="x")[0].startswith(
        "given: year_level = 'Year 7': expected one of PK"
    )


def test_every_mismatch_is_told() -> None:
    """One run shows all that is wrong, not only the first."""
    assert len(run({}, username="x", roles=[], email="y")) == 3
