"""Rules that ask for a directory group, directly or through the groups that lie in it."""

import pytest

from connector.domain.ruleset import Test as Question
from connector.domain.student import Student
from connector.mapping.conditions import condition

AMELIA = Student(sis_code="S1")
ALL, YEAR, CLASS, OTHER = "CN=All,DC=x", "CN=Year 7,DC=x", "CN=7A,DC=x", "CN=Other,DC=x"
NESTING = {ALL: frozenset[str](), YEAR: frozenset({"cn=all, dc=X"}), CLASS: frozenset({YEAR})}


@pytest.mark.parametrize(
    ("how", "member_of", "expected"),
    [
        ("equals", ALL, True),
        ("equals", CLASS, False),
        ("nested", ALL, True),
        ("nested", YEAR, True),
        ("nested", "cn=7a,dc=x", True),
        ("nested", OTHER, False),
    ],
)
def test_membership(how: str, member_of: str, *, expected: bool) -> None:
    """A plain rule wants the group itself; a nested one also takes groups that lie in it, however deep."""
    holds = condition(Question("ldap_group", (ALL,), how), NESTING)
    assert holds(AMELIA, frozenset({member_of}), frozenset()) is expected


def test_groups_that_lie_in_each_other() -> None:
    """A circle of groups ends."""
    circle = {ALL: frozenset({CLASS}), CLASS: frozenset({ALL})}
    holds = condition(Question("ldap_group", (ALL,), "nested"), circle)
    assert holds(AMELIA, frozenset({CLASS}), frozenset()) is True


def test_unknown_groups_stay_unknown() -> None:
    """Without a whole read of the directory a nested rule is unknown too."""
    assert condition(Question("ldap_group", (ALL,), "nested"), NESTING)(AMELIA, None, frozenset()) is None
