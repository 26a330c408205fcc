"""The plan file: what is applied is what was reviewed."""

import json
from datetime import UTC, datetime

import pytest

from connector.domain.account import EXPORT_KEYS, Account, Grant, UserType
from connector.domain.errors import PlanError
from connector.domain.finding import finding
from connector.domain.plan import Action, Change, Counts, GuardLine, Plan, ReadRecord, Skip
from connector.planning.plan_file import fingerprinted, plan_to_json, seal, unseal

KEY = b"k" * 32
AMELIA = Account(
    "asmith",
    "S0001",
    UserType.STUDENT,
    "Smith",
    "Amélia",
    "a@x.example",
    ("Student Security",),
    external_ids=(("entra", "42"), ("okta", "43")),
    grants=(Grant("Student Security", "rule:default"),),
    claimed=True,
    id=7,
    version=3,
    last_sign_in=datetime(2026, 3, 1, 8, 0, tzinfo=UTC),
)


def a_plan(**differs):
    """A plan with something of everything."""
    after = AMELIA._replace(family_name="Jones", username="ajones")
    return fingerprinted(
        Plan(
            created_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
            changes=(
                Change(Action.CREATE, None, AMELIA._replace(id=0, version=0), (), ("new in the SIS",)),
                Change(Action.RENAME, AMELIA, after, ("username", "family_name"), ("mapping now gives ajones",)),
                Change(
                    Action.ARCHIVE,
                    AMELIA,
                    AMELIA._replace(archived=True, archived_by="sync"),
                    ("archived",),
                    ("left",),
                ),
            ),
            skips=(Skip("S9", "not-active", "left in the SIS"),),
            findings=(finding("drift", sis_code="S2", detail="differs"),),
            guard=(GuardLine("max-archives", 1, 5, 3, refused=False),),
            counts=Counts(create=1, rename=1, archive=1, skip=1),
            inputs={"sis": {"source": "students.csv"}},
            read=ReadRecord("m", "s", "2026-03-02", "", ("s0001",), ()),
            **differs,
        )
    )


def test_a_sealed_plan_comes_back_whole():
    """Everything a plan holds survives the file, accounts with what is kept beside their columns too."""
    plan = a_plan()
    assert unseal(seal(plan, KEY), KEY, "plan.json") == plan


def test_the_json_has_the_documented_keys():
    """Counts have exactly the documented keys, and images are whole export objects."""
    body = plan_to_json(a_plan())
    assert list(body["counts"]) == ["create", "update", "rename", "archive", "restore", "unchanged", "skip"]
    assert list(body["changes"][1]["before"]) == list(EXPORT_KEYS)
    assert [change["username"] for change in body["changes"]] == ["asmith", "ajones", "asmith"]
    assert set(body["findings"][0]) == {
        "code",
        "severity",
        "sis_code",
        "username",
        "login",
        "dn",
        "detail",
        "suggestion",
    }
    assert set(body["guard"][0]) >= {"code", "value", "limit", "population", "refused", "accepted"}


def edited(change):
    """The sealed plan with its JSON changed by `change`."""
    body = json.loads(seal(a_plan(), KEY))
    change(body)
    return json.dumps(body)


TAMPERINGS = [
    ("another username", lambda body: body["changes"][0]["after"].update(username="root")),
    ("a row taken out", lambda body: body["changes"].pop()),
    ("a later time", lambda body: body.update(created_at="2027-01-01T00:00:00+00:00")),
    ("an acceptance added", lambda body: body["guard"][0].update(accepted=True)),
    ("a grant added", lambda body: body["changes"][0]["kept"]["after"]["grants"].append(["Administrator", "rule:x"])),
    ("another fingerprint", lambda body: body.update(fingerprint="0" * 64)),
    ("no signature", lambda body: body.pop("signature")),
    ("a signature of another kind", lambda body: body.update(signature=5)),
    ("another version", lambda body: body.update(plan_version=2)),
]


@pytest.mark.parametrize(("name", "change"), TAMPERINGS, ids=[case[0] for case in TAMPERINGS])
def test_a_changed_plan_is_refused(name, change):
    """Any edit of a plan file makes it no plan, with exit code 4 and the file named."""
    with pytest.raises(PlanError, match=r"^plan\.json: the plan cannot be applied") as caught:
        unseal(edited(change), KEY, "plan.json")
    assert caught.value.exit_code == 4, name


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', "\x00"])
def test_what_is_no_plan_is_refused(text):
    """A file that is not a plan at all is refused the same way."""
    with pytest.raises(PlanError, match=r"^plan\.json"):
        unseal(text, KEY, "plan.json")


def test_the_key_of_another_store_does_not_fit():
    """A plan made for one store cannot be applied to another."""
    with pytest.raises(PlanError, match="another store"):
        unseal(seal(a_plan(), KEY), b"x" * 32, "plan.json")


def test_a_plan_is_itself_by_its_moment():
    """Two equal plans made at different times are different plans."""
    later = fingerprinted(Plan(created_at=datetime(2026, 3, 3, tzinfo=UTC)))
    assert later.fingerprint != fingerprinted(Plan(created_at=datetime(2026, 3, 2, tzinfo=UTC))).fingerprint
