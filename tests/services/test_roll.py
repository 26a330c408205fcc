"""The roll against the store it is read from."""

import pytest

from connector.bootstrap import build_console_record
from connector.domain.account import Account, UserType
from connector.services import accounts as by_hand
from connector.services.accounts import create_plan, edit_plan
from connector.services.roll import PATCHED, Query, Roll
from connector.settings.load import load_settings
from tests.services.school import School, row

PEOPLE = [
    row("S2", "Zoë", "Brontë", email="zoe@mail.example"),
    row("S10", "Ann", "Ash", email="ann@mail.example"),
    row("S9", "Bo", "Ash"),
    row("S1", "李", "Wong"),
]


@pytest.fixture
def school(tmp_path):
    """Four students with their codes as usernames."""
    made = School(tmp_path, '[usernames]\nmethod = "student_code"\n[passwords]\nmethod = "none"\n')
    made.write(PEOPLE)
    made.apply(made.plan())
    return made


@pytest.fixture
def roll(school):
    """The roll of the school's store."""
    record = build_console_record(load_settings(school.folder / "connector.toml", {}))
    return Roll(school.built().store, lambda: record.latest_runs(50))


def names(roll, start=0, size=50, **how):
    """The usernames of a page."""
    return [one.username for one in roll.page(Query(**how), start, size).accounts]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, ["S1", "S10", "S2", "S9"]),
        ({"sort": "sis_code"}, ["S1", "S2", "S9", "S10"]),
        ({"sort": "sis_code", "descending": True}, ["S10", "S9", "S2", "S1"]),
        ({"sort": "family_name"}, ["S10", "S9", "S2", "S1"]),
        ({"sort": "given_names"}, ["S10", "S9", "S1", "S2"]),
        ({"sort": "nothing"}, ["S1", "S10", "S2", "S9"]),
        ({"text": "ash"}, ["S10", "S9"]),
        ({"text": "ASH ann"}, ["S10"]),
        ({"text": "Ash, Ann"}, ["S10"]),
        ({"text": " ,"}, ["S1", "S10", "S2", "S9"]),
        ({"text": "bronte"}, ["S2"]),
        ({"text": "Brontë"}, ["S2"]),
        ({"text": "李"}, ["S1"]),
        ({"text": "mail.example"}, ["S10", "S2"]),
        ({"text": "nobody"}, []),
        ({"state": "archived"}, []),
        ({"state": "live", "text": "s1"}, ["S1", "S10"]),
        ({"user_type": UserType.STAFF}, []),
    ],
)
def test_what_is_asked_is_found_in_order(roll, how, expected):
    """Types, states and every word of a search narrow the list; case and accents do not matter."""
    assert names(roll, **how) == expected


def test_pages_follow_each_other(roll):
    """Each page begins behind the last, in either direction; there are no rows beyond the end."""
    assert [names(roll, start, 3) for start in (0, 3, 6)] == [["S1", "S10", "S2"], ["S9"], []]
    assert [names(roll, start, 3, descending=True) for start in (0, 3)] == [["S9", "S2", "S10"], ["S1"]]


def test_a_change_is_seen_at_once(school, roll):
    """After a run the roll finds what is new, no longer what is gone, and counts anew."""
    assert roll.counts()[UserType.STUDENT] == 4
    parts = school.built()
    school.apply(edit_plan(parts, ["S9"], by_hand.archive))
    school.apply(create_plan(parts, Account("jlee", user_type=UserType.STAFF, family_name="Lee")))
    assert names(roll, state="archived") == ["S9"]
    assert names(roll, user_type=UserType.STAFF, text="lee") == ["jlee"]
    assert roll.counts()[UserType.STAFF] == 1
    school.undo(3)
    assert names(roll, user_type=UserType.STAFF) == []
    assert roll.page(Query(), 0, 50).states["archived"] == 1


def test_a_rename_moves_in_the_order(school, roll):
    """A name that changed is found where it now belongs."""
    assert names(roll) == ["S1", "S10", "S2", "S9"]
    school.apply(edit_plan(school.built(), ["S1"], lambda one: one._replace(username="T1")))
    assert names(roll) == ["S10", "S2", "S9", "T1"]
    assert names(roll, text="t1") == ["T1"]


def test_many_changes_at_once(tmp_path):
    """More changes than are patched one by one come out the same."""
    school = School(tmp_path, '[usernames]\nmethod = "student_code"\n[passwords]\nmethod = "none"\n')
    school.write([row("S1", "Ann", "Ash")])
    school.apply(school.plan())
    record = build_console_record(load_settings(school.folder / "connector.toml", {}))
    roll = Roll(school.built().store, lambda: record.latest_runs(50))
    assert names(roll) == ["S1"]
    school.write([row(f"S{number}", "Ann", f"Ash{number}") for number in range(1, PATCHED + 50)])
    school.apply(school.plan())
    assert roll.page(Query(sort="sis_code"), PATCHED, 50).total == PATCHED + 49
    assert len(list(roll.everybody(Query()))) == PATCHED + 49
