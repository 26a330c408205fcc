"""Runs of SCIM clients: one for each client and hour, shown with the rest and undone as any other."""

from datetime import timedelta

import pytest

from connector.bootstrap import build
from connector.services.apply import apply_plan
from connector.services.undo import NOT_PUT_BACK, undo_plan
from connector.settings.load import load_settings
from tests.scim_server.conftest import School
from tests.scim_server.talk import found, made, patch, student, user

CONFIG = """
[sis]
path = "students.csv"
[sis.columns]
sis_code = "Code"
given_names = "Given"
family_name = "Family"
status = "Status"
year_level = "Year"
[mapping]
file = "students.toml"
[store]
url = "sqlite:///trackone.db"
"""


@pytest.fixture
def school(tmp_path):
    """A school whose endpoint and whose services share a store."""
    (tmp_path / "connector.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "students.toml").write_text('[usernames]\nmethod = "initial_surname"\n', encoding="utf-8")
    school = School(tmp_path)
    school.parts = build(load_settings(tmp_path / "connector.toml", {}), {}, school.clock)
    return school


def undo(school, number):
    """Undo a run; the plan that did."""
    plan = undo_plan(school.parts, number)
    apply_plan(school.parts, plan, "test", "tester", command="undo", progress=lambda *_: None)
    return plan


def test_one_run_for_each_client_and_hour(school):
    """The writes of an hour are one run, which says who and counts what was done; each change names the token."""
    made(school, "a", client="entra")
    number = made(school, "b", client="entra")
    made(school, "c", client="okta")
    school("PATCH", f"/Users/{number}", patch({"op": "replace", "path": "active", "value": False}))
    school.clock.now += timedelta(hours=1)
    made(school, "d", client="entra")
    runs = sorted(school.store.runs(), key=lambda one: one.number)
    assert [(one.command, one.actor) for one in runs] == [("scim", "entra"), ("scim", "okta"), ("scim", "entra")]
    assert [one.counts for one in runs] == [{"create": 2, "update": 1}, {"create": 1}, {"create": 1}]
    outcomes = list(school.store.outcomes(runs[0].number))
    assert all("token token-1" in one.change.reasons[0] for one in outcomes)


def test_reading_and_refusals_are_no_changes(school):
    """Nor is a write that changes nothing: the record holds only what was done."""
    number = made(school)
    school.clock.now += timedelta(hours=1)
    school("GET", "/Users")
    school("POST", "/Users", user("amelia"))
    school("PUT", f"/Users/{number}", school("GET", f"/Users/{number}").told)
    school("PATCH", f"/Users/{number}", patch({"op": "replace", "path": "nothing", "value": 1}))
    changes = [one.change for run in school.store.runs() for one in school.store.outcomes(run.number)]
    assert [str(one.action) for one in changes] == ["create"]


def test_a_change_is_undone(school):
    """Attributes, and the deactivation with who did it."""
    [number] = school.make(student("asmith", "S1"))
    before = school.accounts()["asmith"]
    operations = [
        {"op": "replace", "path": "active", "value": False},
        {"op": "replace", "path": "emails", "value": [{"value": "n@x.example"}]},
    ]
    school("PATCH", f"/Users/{number}", patch(*operations))
    run = max(one.number for one in school.store.runs())
    plan = undo(school, run)
    assert [str(one.action) for one in plan.changes] == ["update"]
    assert school.accounts()["asmith"]._replace(version=1) == before
    told = school("GET", f"/Users/{number}").told
    assert (told["active"], told["emails"][0]["value"]) == (True, before.email)


def test_several_changes_of_one_account_are_undone_together(school):
    """A run holds an hour: an account changed three times in it is put back as it was before the first."""
    [number] = school.make(student("asmith", "S1"))
    before = school.accounts()["asmith"]
    for value in ("a@x.example", "b@x.example", "c@x.example"):
        school("PATCH", f"/Users/{number}", patch({"op": "replace", "path": "emails", "value": [{"value": value}]}))
    plan = undo(school, max(one.number for one in school.store.runs()))
    assert len(plan.changes) == 1
    assert plan.skips == ()
    assert school.accounts()["asmith"]._replace(version=1) == before


def test_an_account_made_and_changed_in_one_hour_is_taken_away(school):
    """Its creation is what is undone; the name is free again."""
    number = made(school, title="Ms", password="s3cret-1")
    school("PATCH", f"/Users/{number}", patch({"op": "replace", "path": "active", "value": False}))
    plan = undo(school, 1)
    assert [str(one.action) for one in plan.changes] == ["remove"]
    assert school.accounts() == {}
    assert found(school, "") == []
    assert made(school) != number


def test_what_has_no_column_is_said_to_stay(school):
    """The record holds no title or telephone number: an undo says so, rather than to have put them back."""
    [number, other] = school.make(student("asmith", "S1"), student("bjones", "S2"))
    title = {"op": "replace", "path": "title", "value": "Dr"}
    off, on = ({"op": "replace", "path": "active", "value": value} for value in (False, True))
    for one, *operations in ((number, title), (other, off, title), (number, off), (number, on)):
        assert school("PATCH", f"/Users/{one}", patch(*operations)).status_code == 200
    plan = undo(school, max(one.number for one in school.store.runs()))
    assert [(one.username, one.reasons) for one in plan.changes] == [("bjones", ("undoes run 2", NOT_PUT_BACK))]
    assert [(one.sis_code, one.detail) for one in plan.skips] == [("S1", f"asmith: {NOT_PUT_BACK}")]
    assert school("GET", f"/Users/{number}").told["title"] == "Dr"


def test_a_linked_account_is_archived_instead(school):
    """A client knows it under an id of its own: it stays, archived, and is named."""
    made(school, externalId="e1")
    plan = undo(school, 1)
    assert [str(one.action) for one in plan.changes] == ["archive"]
    assert plan.findings[0].code == "touched-since"


def test_a_deletion_is_undone(school):
    """The account is live again, under its name, and the client sees it."""
    [number] = school.make(student("asmith", "S1"))
    scim_made = made(school, "bob")
    school.clock.now += timedelta(hours=1)
    for one in (number, scim_made):
        assert school("DELETE", f"/Users/{one}").status_code == 204
    undo(school, max(one.number for one in school.store.runs()))
    assert found(school, "") == [number, scim_made]
    assert {name: one.archived for name, one in school.accounts().items()} == {"asmith": False, "bob": False}


def test_what_went_on_since_is_left(school):
    """An account that was changed after the run is named and stays as it is."""
    [number] = school.make(student("asmith", "S1"))
    off = patch({"op": "replace", "path": "active", "value": False})
    school("PATCH", f"/Users/{number}", off)
    run = max(one.number for one in school.store.runs())
    school.alter("asmith", year_level="8")
    plan = undo_plan(school.parts, run)
    assert (plan.changes, [one.reason for one in plan.skips]) == ((), ["touched-since"])


def test_what_follows_an_undo_is_a_run_of_its_own(school):
    """A run that was undone does not go on within its hour: later writes can be undone in their turn."""
    number = made(school, "a")
    [first] = school.store.runs()
    school("PATCH", f"/Users/{number}", patch({"op": "replace", "path": "title", "value": "Dr"}))
    undo(school, first.number)
    made(school, "b")
    latest = max(one.number for one in school.store.runs())
    assert latest > first.number + 1
    assert [one.change.after.username for one in school.store.outcomes(latest)] == ["b"]
    undo(school, latest)
    with school.store.view() as accounts:
        assert [one for one in accounts.accounts() if one.live] == []
