"""What people do by hand and by import, and how a sync lives with it."""

import pytest

from connector.domain.account import Grant
from connector.domain.errors import ConfigError, OperationError
from connector.mapping.roles import student_roles
from connector.services.account_file import read_accounts
from connector.services.accounts import (
    archive,
    change_roles,
    edit_plan,
    import_plan,
    release,
    release_plan,
    rename_plan,
)
from connector.services.undo import undo_plan
from tests.services.school import OVERWRITE, School, by_action, row

ROWS = [row(f"S{n}", f"Ann{chr(97 + n % 26)}", f"Fam{chr(97 + n // 26)}") for n in range(60)]


@pytest.fixture
def school(tmp_path):
    """A synchronised school of sixty."""
    made = School(tmp_path, OVERWRITE.replace("overwrite = true", 'overwrite = true\nmissing = "archive"'))
    made.write(ROWS)
    made.sync()
    return made


def imported(school, text):
    """Import a CSV text at once."""
    return school.apply(import_plan(school.built(), read_accounts(text, "accounts.csv")), command="accounts import")


def test_an_import_never_turns_a_student_into_staff(school):
    """A row of another user type does not take an account over by its username."""
    with pytest.raises(OperationError, match="held or reserved by S0"):
        imported(school, "username,user_type,roles\nafama,Staff,Teacher Security\n")


def test_an_import_leaves_columns_it_does_not_have(school):
    """Only what the file gives is written."""
    before = school.accounts()["S0"]
    imported(school, "username,email\nafama,a@x.example\n")
    assert school.accounts()["S0"] == {**before, "email": "a@x.example"}


def test_an_import_gives_no_student_a_protected_role(school):
    """Not even an import may."""
    with pytest.raises(ConfigError, match="may not have the role Administrator Security"):
        imported(school, "username,sis_code,roles\nnew,S900,Administrator Security\n")


def test_a_returner_whose_name_was_released_gets_a_free_one(school):
    """The placeholder of a released name never comes into use."""
    school.write([{**ROWS[0], "status": "left"}, *ROWS[1:]])
    school.sync()
    plan, key = release_plan(school.built(), "afama")
    release(school.built(), plan, key, "test", "tester")
    school.write(ROWS)
    school.sync()
    assert school.usernames()["S0"] == "afama"


def test_a_rejected_row_starts_the_count_of_missing_reads_again(school):
    """A code seen in any row is not missing, so the reads without it are no longer consecutive."""
    for rows in (ROWS[1:], [{**ROWS[0], "exit_date": "no date"}, *ROWS[1:]], ROWS[1:]):
        school.write(rows)
        school.sync()
    assert not school.accounts()["S0"]["archived"]


def test_an_accepted_shrink_is_over_with_the_run_that_accepted_it(school):
    """Accounts that a person archived and the export dropped are counted as lost once, not every night."""
    plan = edit_plan(school.built(), [f"S{n}" for n in range(8)], archive)
    school.apply(plan, command="accounts archive")
    school.write(ROWS[8:])
    assert [line.code for line in school.sync().plan.refused] == ["max-shrink"]
    assert school.sync(accept=("max-shrink",)).run is not None
    assert school.sync().plan.refused == ()


def test_adopt_takes_no_login_with_a_blank(tmp_path):
    """A login nobody can type is not taken over; the student waits."""
    more = '[directory]\nurl = "ldif:d.ldif"\ntype = "active-directory"\npolicy = "adopt"\n'
    school = School(tmp_path, more=more)
    entry = "dn: CN=One,DC=x\nobjectClass: user\nsAMAccountName: a b\nemployeeID: S1\nuserAccountControl: 512\n\n"
    (tmp_path / "d.ldif").write_text(f"version: 1\n\n{entry}", encoding="utf-8")
    school.write([row("S1", "Amelia", "Smith"), row("S2", "Alan", "Smith")])
    plan = school.plan()
    assert by_action(plan) == {"create": ["S2"]}
    assert [(one.sis_code, one.reason) for one in plan.skips] == [("S1", "username-invalid")]


def _released(school, name):
    """Release a username at once; the number of the run."""
    plan, key = release_plan(school.built(), name)
    release(school.built(), plan, key, "test", "tester")
    return school.built().store.runs()[0].number


def _reserved(school):
    """The names kept for S0 beside its own."""
    with school.built().store.view() as accounts:
        (account,) = accounts.find("S0")
        return accounts.retired_names(account.id)


def test_undoing_a_release_keeps_a_former_name_for_its_owner_again(school):
    """A name that was only reserved is reserved again, the shown plan says so, and nobody else is touched."""
    school.apply(rename_plan(school.built(), "S0", "another"), command="accounts rename")
    before = school.accounts()
    number = _released(school, "afama")
    assert _reserved(school) == []
    (change,) = undo_plan(school.built(), number).changes
    assert change.reasons == (f"undoes run {number}", "keeps afama for its owner again")
    school.undo(number)
    assert (_reserved(school), school.accounts()) == (["afama"], before)


def test_undoing_a_release_gives_an_archived_holder_the_name_back(school):
    """The account that was moved aside has its username again, and it is nobody else's."""
    school.apply(edit_plan(school.built(), ["S0"], archive), command="accounts archive")
    number = _released(school, "afama")
    assert school.usernames()["S0"] != "afama"
    school.undo(number)
    assert (school.usernames()["S0"], _reserved(school)) == ("afama", [])


def test_a_released_name_that_somebody_took_is_not_taken_back(school):
    """The undo leaves the name with its new holder and says who that is."""
    school.apply(rename_plan(school.built(), "S0", "another"), command="accounts rename")
    number = _released(school, "afama")
    school.apply(rename_plan(school.built(), "S1", "afama"), command="accounts rename")
    plan = undo_plan(school.built(), number)
    assert plan.changes == ()
    assert [one.detail for one in plan.skips] == ["another: the username afama is held by S1 by now"]


ROLE_RULES = (
    OVERWRITE
    + """
[roles]
default = []
student_roles = ["Choir"]
managed = ["Student Security", "Student Portal"]
[[roles.rule]]
name = "sevens"
when = { year = "7" }
grant = ["Student Portal"]
[[roles.rule]]
name = "no choir"
when = { campus = "N" }
deny = ["Choir"]
"""
)


@pytest.fixture
def ruled(tmp_path):
    """A school whose rules give every seven the portal, and keep campus N from the choir."""
    made = School(tmp_path, ROLE_RULES)
    made.write([row("S1", "Amelia", "Smith"), row("S2", "Alan", "Jones", campus="N")])
    made.sync()
    return made


def _edited(school, who, add=(), remove=()):
    """Give and take roles at once; the account afterwards."""
    roles = school.built().rules.roles
    change = change_roles(add, remove, (), student_roles(roles))
    school.apply(edit_plan(school.built(), [who], change), command="accounts roles")
    return _account(school, who)


def _account(school, who):
    with school.built().store.view() as accounts:
        (account,) = accounts.find(who)
        return account


def test_taking_a_role_that_a_rule_gave_denies_it(ruled):
    """The grant stays the rule's; the person's deny holds through every sync, until they give it back."""
    account = _edited(ruled, "S1", remove=["Student Portal"])
    assert account.roles == ()
    assert account.grants == (Grant("Student Portal", "rule:sevens"),)
    assert account.denies == (Grant("Student Portal", "person"),)
    ruled.sync()
    assert _account(ruled, "S1").roles == ()
    assert _edited(ruled, "S1", add=["Student Portal"]).roles == ("Student Portal",)


def test_taking_back_what_a_person_gave_leaves_no_deny(ruled):
    """A person's own grant is withdrawn, so that a rule may give the role later."""
    assert _edited(ruled, "S1", add=["Choir"]).roles == ("Choir", "Student Portal")
    account = _edited(ruled, "S1", remove=["Choir"])
    assert (account.roles, account.denies) == (("Student Portal",), ())


def test_a_role_that_a_rule_denies_is_not_given_in_vain(ruled):
    """Adding it is refused with the rule's name, since the deny would beat it."""
    with pytest.raises(ConfigError, match="Choir: rule:no choir keeps it from ajones"):
        _edited(ruled, "S2", add=["Choir"])


def test_an_import_gives_and_takes_roles_as_a_person(ruled):
    """Roles the file lacks are denied where a rule gave them, and the rule's grant stays; new ones are a person's."""
    imported(ruled, "username,user_type,sis_code,roles\nasmith,Student,S1,Choir\n")
    account = _account(ruled, "S1")
    assert account.roles == ("Choir",)
    assert account.grants == (Grant("Choir", "person"), Grant("Student Portal", "rule:sevens"))
    assert account.denies == (Grant("Student Portal", "person"),)
