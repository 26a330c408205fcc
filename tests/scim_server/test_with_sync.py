"""A sync and two SCIM clients on the same accounts: each keeps to what is its own, and the record explains it."""

import csv
from itertools import pairwise

import pytest

from connector.bootstrap import build
from connector.services.decision import Request
from connector.services.sync import sync
from connector.settings.load import load_settings
from tests.scim_server.conftest import School
from tests.scim_server.talk import TRACKONE, found, grouped, made, patch, refused, user

CONFIG = """
[sis]
path = "students.csv"
[sis.columns]
sis_code = "Code"
given_names = "Given"
family_name = "Family"
status = "Status"
year_level = "Year"
email = "Mail"
[mapping]
file = "students.toml"
[store]
url = "sqlite:///trackone.db"
"""
MAPPING = """
[scope]
overwrite = true
[usernames]
method = "initial_surname"
[passwords]
method = "none"
"""


class SyncedSchool(School):
    """A school with an SIS beside its endpoint."""

    def __init__(self, folder):
        """Lay the configuration down."""
        (folder / "connector.toml").write_text(CONFIG, encoding="utf-8")
        (folder / "students.toml").write_text(MAPPING, encoding="utf-8")
        super().__init__(folder)
        self.folder = folder
        self.parts = build(load_settings(folder / "connector.toml", {}), {}, self.clock)

    def sync(self, *rows):
        """Read these students and synchronise; the plan that was applied."""
        with (self.folder / "students.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("Code", "Given", "Family", "Status", "Year", "Mail"))
            writer.writerows(rows)
        request = Request(self.clock().date(), attended=True, accept=("max-archives", "max-shrink"))
        return sync(self.parts, request, "test", "tester", lambda *_: None).plan


AMELIA = ("S1", "Amelia", "Smith", "active", "7", "amelia@sis.example")
BEN = ("S2", "Ben", "Lee", "active", "8", "")
OFF = patch({"op": "replace", "path": "active", "value": False})
ON = patch({"op": "replace", "path": "active", "value": True})


@pytest.fixture
def school(tmp_path):
    """A school with two students."""
    school = SyncedSchool(tmp_path)
    school.sync(AMELIA, BEN)
    return school


def actions(plan):
    """What a plan does, by username."""
    return {one.username: str(one.action) for one in plan.changes}


def test_a_plan_after_scim_writes_is_empty(school):
    """What clients may write a sync does not take back: address, ids, deactivation, groups and their roles."""
    [number] = found(school, 'filter=userName eq "asmith"')
    operations = [
        {"op": "replace", "path": "emails", "value": [{"value": "amelia@entra.example", "type": "work"}]},
        {"op": "add", "path": "externalId", "value": "e1"},
        {"op": "replace", "path": "name.familyName", "value": "Jones"},
    ]
    answer = school("PATCH", f"/Users/{number}", patch(*operations), Client="entra")
    assert answer.headers["TrackOne-Ignored"] == "name"
    school("PATCH", f"/Users/{number}", patch({"op": "add", "path": "externalId", "value": "o1"}), Client="okta")
    grouped(school, "Student Portal", number, client="okta")
    plan = school.sync(AMELIA, BEN)
    assert actions(plan) == {}
    account = school.accounts()["asmith"]
    assert (account.email, account.email_by, account.family_name) == ("amelia@entra.example", "scim:entra", "Smith")
    assert account.external_ids == (("entra", "e1"), ("okta", "o1"))
    assert "Student Portal" in account.roles
    assert account.claimed


def test_what_a_client_deactivated_the_sync_does_not_restore(school):
    """An active student whom a client switched off stays off, with a finding; the client switches on again."""
    [number] = found(school, 'filter=userName eq "asmith"')
    school("PATCH", f"/Users/{number}", OFF)
    plan = school.sync(AMELIA, BEN)
    assert actions(plan) == {}
    assert "held-inactive-by-scim" in [one.code for one in plan.findings]
    assert school.accounts()["asmith"].approved is False
    school("PATCH", f"/Users/{number}", ON, Client="okta")
    assert "held-inactive-by-scim" not in [one.code for one in school.sync(AMELIA, BEN).findings]
    assert school.accounts()["asmith"].approved is True


def test_whom_the_sync_archived_no_client_restores(school):
    """A leaver is seen as not active; active = true is ignored; the sync restores who returns."""
    [number] = found(school, 'filter=userName eq "asmith"')
    left = (*AMELIA[:3], "left", *AMELIA[4:])
    assert actions(school.sync(left, BEN)) == {"asmith": "archive"}
    for client in ("entra", "okta"):
        answer = school("PATCH", f"/Users/{number}", ON, Client=client)
        assert (answer.told["active"], answer.headers["TrackOne-Ignored"]) == (False, "active")
    assert actions(school.sync(AMELIA, BEN)) == {"asmith": "restore"}
    assert school("GET", f"/Users/{number}").told["active"] is True


def test_a_deleted_student_is_not_restored_by_the_sync(school):
    """DELETE over SCIM holds against the SIS, with a finding; POST by the client brings the account back."""
    [number] = found(school, 'filter=userName eq "asmith"')
    school("DELETE", f"/Users/{number}")
    plan = school.sync(AMELIA, BEN)
    assert actions(plan) == {}
    assert "held-inactive-by-scim" in [one.code for one in plan.findings]
    assert school("POST", "/Users", user("asmith")).told["id"] == number
    assert actions(school.sync(AMELIA, BEN)) == {}


def test_the_sync_claims_what_a_client_made(school):
    """An account made over SCIM with a student's code becomes the SIS's: from then on names are its own."""
    number = made(school, "czoe", name={"familyName": "Before"}, **{TRACKONE: {"sisCode": "S3"}})
    school.sync(AMELIA, BEN, ("S3", "Chloe", "Zoe", "active", "9", ""))
    told = school("GET", f"/Users/{number}").told
    assert (told["name"], told[TRACKONE]["yearLevel"]) == ({"givenName": "Chloe", "familyName": "Zoe"}, "9")
    name = patch({"op": "replace", "path": "name.familyName", "value": "Before"})
    answer = school("PATCH", f"/Users/{number}", name)
    assert answer.headers["TrackOne-Ignored"] == "name"
    assert answer.told["name"]["familyName"] == "Zoe"


def test_a_name_that_a_client_made_first_is_not_dodged(school):
    """A new student whose username an account without a code holds is skipped: a person links the two."""
    made(school, "czoe")
    plan = school.sync(AMELIA, BEN, ("S3", "Chloe", "Zoe", "active", "9", ""))
    assert [(one.sis_code, one.reason) for one in plan.skips] == [("S3", "username-taken")]
    refused(school("POST", "/Users", user("new", **{TRACKONE: {"sisCode": "S2"}})), 409, "uniqueness")


def test_accounts_without_a_code_are_never_archived(school):
    """What only SCIM knows no sync touches."""
    number = made(school, "visitor")
    left = (*AMELIA[:3], "left", *AMELIA[4:])
    school.sync(left)
    assert school("GET", f"/Users/{number}").told["active"] is True


def test_the_record_explains_every_version(school):
    """Whatever the three did to an account stands in the record, change by change, each from the one before."""
    [number] = found(school, 'filter=userName eq "asmith"')
    school("PATCH", f"/Users/{number}", patch({"op": "add", "path": "externalId", "value": "e1"}), Client="entra")
    school.sync(("S1", "Amelia", "Jones", "active", "8", "x@sis.example"), BEN)
    school("PATCH", f"/Users/{number}", OFF, Client="okta")
    grouped(school, "Student Portal", number, client="entra")
    images = [one.change for one in reversed(school.store.history(int(number)))]
    for earlier, later in pairwise(images):
        assert later.before == earlier.after
    assert images[-1].after == school.accounts()[images[-1].after.username]
    assert len(images) == images[-1].after.version
