"""Names that were given up, and when somebody else may have them."""

import pytest

from connector.services.accounts import rename_plan
from tests.services.school import OVERWRITE, School, row, skipped

RULES = OVERWRITE.replace('method = "initial_surname"', 'method = "initial_surname"\ncollision = "skip"')
AFTER_A_YEAR = RULES.replace("[usernames]\n", "[usernames]\nreuse_after_days = 365\n")
AMELIA, ALAN = row("S1", "Amelia", "Smith"), row("S2", "Alan", "Smith")


def opened(folder, rules):
    """A school in which Amelia Smith was asmith and is msmith by now."""
    school = School(folder, rules)
    school.write([AMELIA])
    school.sync()
    school.apply(rename_plan(school.built(), "S1", "msmith"), command="accounts rename")
    school.write([{**AMELIA, "given_names": "Mia"}, ALAN])
    return school


@pytest.mark.parametrize("do", ["plan", "sync"])
def test_a_name_given_up_long_ago_goes_to_the_next(tmp_path, do):
    """Until the days have gone by the name is its former owner's; then the next student gets it, also by a plan."""
    school = opened(tmp_path, AFTER_A_YEAR)
    assert skipped(school.sync().plan) == {"S2": "username-taken"}
    school.pass_time(days=364)
    assert skipped(school.plan()) == {"S2": "username-taken"}
    school.pass_time(days=1)
    if do == "plan":
        school.apply(school.plan())
    else:
        school.sync()
    assert school.usernames() == {"S1": "msmith", "S2": "asmith"}
    assert school.sync().plan.counts.unchanged == 2


def test_names_stay_reserved_for_ever_by_default(tmp_path):
    """Without reuse_after_days no time is long enough."""
    school = opened(tmp_path, RULES)
    school.pass_time(days=3650)
    assert skipped(school.sync().plan) == {"S2": "username-taken"}


def test_an_archived_account_keeps_its_name(tmp_path):
    """Who left may come back: the name of an archived account is not given away, however long ago it was."""
    school = School(tmp_path, AFTER_A_YEAR)
    school.write([AMELIA, row("S3", "Bo", "Nguyen")])
    school.sync()
    school.write([{**AMELIA, "status": "left"}, ALAN, row("S3", "Bo", "Nguyen")])
    school.sync()
    school.pass_time(days=3650)
    assert skipped(school.sync().plan) == {"S2": "username-taken"}
    school.write([AMELIA, row("S3", "Bo", "Nguyen")])
    school.sync()
    assert school.usernames()["S1"] == "asmith"


def test_the_owner_takes_an_expired_name_back(tmp_path):
    """As long as nobody has it, the former owner gets the name again."""
    school = opened(tmp_path, AFTER_A_YEAR)
    school.pass_time(days=400)
    school.apply(rename_plan(school.built(), "S1", "asmith"), command="accounts rename")
    assert school.usernames()["S1"] == "asmith"


def test_undo_gives_the_name_back_to_nobody_twice(tmp_path):
    """Undoing the run that gave an expired name away frees it again for the next."""
    school = opened(tmp_path, AFTER_A_YEAR)
    school.pass_time(days=400)
    given = school.sync().run
    assert school.usernames()["S2"] == "asmith"
    school.undo(given)
    assert "S2" not in school.usernames()
    school.sync()
    assert school.usernames()["S2"] == "asmith"
