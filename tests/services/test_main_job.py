"""The main job from an export to accounts, decided and done by the real services on a real store."""

import pytest

from connector.domain.errors import GuardError, PlanError
from connector.planning.plan_file import seal, unseal
from connector.services.undo import undo_plan
from tests.services.school import AS_OF, OVERWRITE, School, by_action, codes, row, skipped

FAMILY = [row("S1", "Amelia", "Smith"), row("S2", "Alan", "Smith"), row("S10", "Zoe", "Brown"), row("S3", "Bo", "Ng")]


@pytest.fixture
def school(tmp_path):
    """A school whose rules create only."""
    made = School(tmp_path)
    made.write(FAMILY)
    return made


@pytest.fixture
def open_school(tmp_path):
    """A school whose rules also change what is there."""
    made = School(tmp_path, OVERWRITE)
    made.write(FAMILY)
    return made


def test_a_first_sync_creates_everybody(school):
    """Every active student gets an account, names that collide a counter in the natural order of codes."""
    synced = school.sync()
    assert synced.run == 1
    assert school.usernames() == {"S1": "asmith", "S2": "asmith2", "S10": "zbrown", "S3": "bng"}
    assert synced.plan.counts.create == 4


def test_a_plan_writes_nothing_and_apply_does_exactly_it(school):
    """Planning leaves the store as it was; applying the sealed plan gives what a sync would."""
    plan = school.plan()
    assert school.accounts() == {}
    key = school.built().store.plan_key()
    done = school.apply(unseal(seal(plan, key), key, "plan.json"))
    assert (done.run, done.done) == (1, 4)
    assert school.usernames()["S2"] == "asmith2"


def test_a_second_plan_is_empty(school):
    """After a sync there is nothing left to do."""
    school.sync()
    again = school.plan()
    assert (again.changes, again.counts.unchanged, again.findings) == ((), 4, ())
    second = school.sync()
    assert (second.plan.counts.create, second.plan.counts.unchanged) == (0, 4)


def test_a_plan_applied_twice_is_applied_once(school):
    """Applying the same plan again says so and does nothing."""
    plan = school.plan()
    school.apply(plan)
    again = school.apply(plan)
    assert (again.already, again.run) == (True, 1)


def test_row_order_does_not_matter(school, tmp_path):
    """The same rows in another order give the same accounts."""
    school.sync()
    (tmp_path / "b").mkdir()
    other = School(tmp_path / "b")
    other.write(reversed(FAMILY))
    other.sync()
    assert other.accounts() == school.accounts()


def test_overwrite_off_changes_nothing_existing(school):
    """Without overwrite a changed student is only reported; leavers stay too."""
    school.sync()
    before = school.accounts()
    school.write([row("S1", "Amelia", "Jones"), row("S2", "Alan", "Smith", status="left"), *FAMILY[2:]])
    plan = school.plan()
    assert plan.changes == ()
    assert codes(plan) == [("drift", "S1"), ("drift", "S2")]
    school.sync()
    assert school.accounts() == before


def test_overwrite_updates_renames_and_archives(open_school):
    """With overwrite a new name is a visible rename, a leaver an archive; the old name stays reserved."""
    open_school.sync()
    open_school.write([row("S1", "Amelia", "Jones"), row("S2", "Alan", "Smith", status="left"), *FAMILY[2:]])
    plan = open_school.plan()
    assert by_action(plan) == {"rename": ["S1"], "archive": ["S2"]}
    open_school.apply(plan)
    accounts = open_school.accounts()
    assert (accounts["S1"]["username"], accounts["S2"]["archived"]) == ("ajones", True)
    open_school.write([row("S1", "Amelia", "Jones"), *FAMILY[2:], row("S5", "Abe", "Smith")])
    open_school.sync()
    assert open_school.usernames()["S5"] == "asmith3"


def test_an_unattended_sync_only_reports_reviewed_renames(open_school):
    """A schedule never renames under renames = reviewed: it says what a person's apply would do."""
    open_school.sync()
    open_school.write([row("S1", "Amelia", "Jones"), *FAMILY[1:]])
    synced = open_school.sync()
    assert open_school.usernames()["S1"] == "asmith"
    assert open_school.accounts()["S1"]["family_name"] == "Jones"
    assert codes(synced.plan) == [("drift", "S1")]


def test_an_account_keeps_a_username_mapping_could_still_give(open_school):
    """asmith2 stays asmith2 when asmith goes away."""
    open_school.sync()
    open_school.write([row("S1", "Amelia", "Smith", status="left"), *FAMILY[1:]])
    open_school.sync()
    assert open_school.plan().changes == ()
    assert open_school.usernames()["S2"] == "asmith2"


def test_a_returning_student_gets_the_old_account_back(open_school):
    """What a sync archived a sync restores, with the old username."""
    open_school.sync()
    open_school.write([row("S1", "Amelia", "Smith", status="left"), *FAMILY[1:]])
    open_school.sync()
    open_school.write(FAMILY)
    plan = open_school.plan()
    assert by_action(plan) == {"restore": ["S1"]}
    open_school.apply(plan)
    assert open_school.usernames()["S1"] == "asmith"


def test_a_rename_to_a_held_name_is_not_planned(open_school):
    """A base another account holds is not dodged by a rename; the finding says who is in the way."""
    open_school.sync()
    open_school.write([row("S1", "Zara", "Brown"), *FAMILY[1:]])
    plan = open_school.plan()
    assert [(one.code, one.sis_code) for one in plan.findings] == [("drift", "S1")]
    assert "username-taken" in plan.findings[0].detail
    assert by_action(plan) == {"update": ["S1"]}


def test_undo_puts_back_what_a_run_did(open_school):
    """Undo after apply gives the same export, archived and renamed accounts included."""
    open_school.sync()
    before = open_school.accounts()
    open_school.write(
        [row("S1", "Amelia", "Jones"), row("S2", "Alan", "Smith", status="left"), *FAMILY[2:], row("S9", "Io", "Uy")]
    )
    open_school.apply(open_school.plan())
    assert open_school.accounts() != before
    open_school.undo(2)
    assert open_school.accounts() == before
    open_school.undo(1)
    assert open_school.accounts() == {}


def test_a_name_given_up_and_undone_is_free_again(open_school):
    """Undo ends the reservation its run made."""
    open_school.sync()
    open_school.write([row("S1", "Amelia", "Jones"), *FAMILY[1:]])
    open_school.apply(open_school.plan())
    open_school.undo(2)
    open_school.write([*FAMILY, row("S6", "Aj", "Jones")])
    open_school.sync()
    assert open_school.usernames()["S6"] == "ajones"


def test_rows_touched_since_are_left_by_undo(open_school):
    """An account changed after the run is not undone but named."""
    open_school.sync()
    open_school.write([row("S1", "Amelia", "Jones"), *FAMILY[1:]])
    open_school.apply(open_school.plan())
    open_school.write([row("S1", "Amelie", "Jones"), *FAMILY[1:]])
    open_school.apply(open_school.plan())
    plan = undo_plan(open_school.built(), 2)
    assert (plan.changes, [one.reason for one in plan.skips]) == ((), ["touched-since"])


def test_a_stale_plan_names_its_rows_and_writes_nothing(open_school):
    """A plan whose account changed meanwhile is refused whole; --apply-rest does the others."""
    open_school.sync()
    open_school.write([row("S1", "Amelie", "Smith"), row("S2", "Alana", "Smith"), *FAMILY[2:]])
    stale = open_school.plan()
    open_school.write([row("S1", "Amy", "Smith"), *FAMILY[1:]])
    open_school.apply(open_school.plan())
    before = open_school.accounts()
    with pytest.raises(PlanError, match="S1: the account was changed since"):
        open_school.apply(stale)
    assert open_school.accounts() == before
    done = open_school.apply(stale, rest=True)
    assert (done.done, [drift.change.sis_code for drift in done.drifted]) == (1, ["S1"])
    assert open_school.accounts()["S2"]["given_names"] == "Alana"


def test_a_wanted_name_taken_meanwhile_makes_a_plan_stale(school):
    """A create whose username somebody got since is drift, not a second account with that name."""
    plan = school.plan()
    school.write([row("S77", "Aa", "Smith")])
    school.sync()
    with pytest.raises(PlanError, match="the username asmith is held by S77 by now"):
        school.apply(plan)
    assert list(school.accounts()) == ["S77"]


def test_a_plan_expires(school):
    """A plan older than plan_expires is stale."""
    plan = school.plan()
    school.pass_time(hours=25)
    with pytest.raises(PlanError, match="25 hours old"):
        school.apply(plan)


def test_an_empty_read_is_refused_and_never_archives(open_school):
    """A header-only export is a fault, not "everybody left"; nothing is written and no run is recorded."""
    open_school.sync()
    before = open_school.accounts()
    open_school.write([])
    refused = open_school.sync()
    assert refused.run is None
    assert {line.code for line in refused.plan.refused} >= {"empty-read"}
    assert open_school.accounts() == before
    assert len(open_school.built().store.runs()) == 1
    with pytest.raises(GuardError):
        open_school.apply(open_school.plan())


def test_missing_students_are_archived_only_after_two_reads(tmp_path):
    """missing = archive waits for the second consecutive complete read, and plans do not count as reads."""
    many = [row(f"S{n}", f"Ann{chr(97 + n % 26)}", f"Fam{chr(97 + n // 26)}") for n in range(60)]
    school = School(tmp_path, OVERWRITE.replace("overwrite = true", 'overwrite = true\nmissing = "archive"'))
    school.write(many)
    school.sync()
    school.write(many[1:])
    assert by_action(school.plan()) == {}
    assert by_action(school.plan()) == {}
    assert ("missing-from-sis", "S0") in codes(school.sync().plan)
    plan = school.plan()
    assert by_action(plan) == {"archive": ["S0"]}
    school.write(many)
    school.sync()
    school.write(many[1:])
    assert by_action(school.plan()) == {}, "a read that shows the code starts the count again"


def test_duplicated_codes_are_both_rejected_and_nobody_is_missing(open_school):
    """Two rows with one code give neither account, and the account that has it is left alone."""
    open_school.sync()
    before = open_school.accounts()
    open_school.write([*FAMILY, row("s1", "Other", "Person")])
    plan = open_school.plan()
    assert skipped(plan) == {"S1": "duplicate-sis-code", "s1": "duplicate-sis-code"}
    open_school.sync()
    assert open_school.accounts() == before


def test_a_status_word_in_no_list_archives_nobody(open_school):
    """unknown is never left."""
    open_school.sync()
    open_school.write([row("S1", "Amelia", "Smith", status="on the moon"), *FAMILY[1:]])
    plan = open_school.plan()
    assert (plan.changes, skipped(plan)) == ((), {"S1": "status-unknown"})


def test_a_changed_mapping_waits_for_a_person(open_school):
    """A schedule refuses a mapping that differs from the one last applied; an applied plan clears it."""
    open_school.sync()
    open_school.rules(OVERWRITE + '[roles]\ndefault = ["Student Security", "Student Portal"]\n')
    refused = open_school.sync()
    assert [line.code for line in refused.plan.refused] == ["mapping-changed"]
    plan = open_school.plan()
    line = next(line for line in plan.guard if line.code == "mapping-changed")
    assert not line.refused
    open_school.apply(plan)
    assert open_school.sync().run == 3


def test_the_run_lists_who_accepted_what(open_school):
    """--accept lets a refusal pass for this run and is recorded."""
    open_school.sync()
    open_school.write([{**one, "status": "left"} for one in FAMILY[:3]] + FAMILY[3:])
    open_school.rules(OVERWRITE + "# the same rules\n")
    assert open_school.sync(accept=("max-archives", "max-shrink")).run == 2


def test_years_out_of_scope_are_left_alone(tmp_path):
    """A leaver is judged by the account's stored year level, even when the SIS year went blank."""
    school = School(tmp_path, OVERWRITE.replace("[scope]", '[scope]\nyear_levels = ["7-9"]'))
    school.write([row("S1", "A", "Bee"), row("S2", "C", "Dee", year_level="10"), row("S3", "E", "Eff")])
    assert skipped(school.sync().plan) == {"S2": "year-level-out-of-scope"}
    school.write([row("S1", "A", "Bee", status="left", year_level=""), row("S3", "E", "Eff")])
    assert by_action(school.plan()) == {"archive": ["S1"]}
    assert AS_OF.year == 2026


LDIF = """version: 1

dn: CN=One,OU=Students,DC=x
objectClass: user
sAMAccountName: asmith2
employeeID: S1
userAccountControl: 512

dn: CN=Two,OU=Students,DC=x
objectClass: user
sAMAccountName: asmith
employeeID: S2
userAccountControl: 512

"""
DIRECTORY = '[directory]\nurl = "ldif:d.ldif"\ntype = "active-directory"\n'


def test_a_newcomer_gets_the_own_login_among_the_candidates(tmp_path):
    """Whoever signs in to the network as asmith2 is asmith2 here too, whatever the order of the codes."""
    school = School(tmp_path, more=DIRECTORY)
    (tmp_path / "d.ldif").write_text(LDIF, encoding="utf-8")
    school.write([row("S1", "Amelia", "Smith"), row("S2", "Alan", "Smith"), row("S0", "Abe", "Smith")])
    school.sync()
    assert school.usernames() == {"S1": "asmith2", "S2": "asmith", "S0": "asmith3"}
