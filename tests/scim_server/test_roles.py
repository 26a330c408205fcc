"""TrackOne roles by SCIM roles and groups, and who may touch protected ones."""

import pytest

from connector.domain import ruleset
from connector.domain.account import Grant, UserType
from connector.domain.ruleset import RoleRule, RoleRules
from tests.scim_server.conftest import School
from tests.scim_server.talk import TRACKONE, grouped, made, patch, refused, student

PORTAL = "Student Portal"
SECURITY = "Student Security"
TEACHER = "Teacher Security"
RULES = RoleRules(
    default=(SECURITY,),
    rules=(RoleRule("prefects", ruleset.Test("scim_group", ("Prefects",)), grant=(PORTAL,)),),
    allow_protected=frozenset({TEACHER}),
)
ALL = "read write protected"


@pytest.fixture
def ruled(tmp_path):
    """A school whose prefects get the portal."""
    return School(tmp_path, roles=RULES)


def roles(school, username):
    """The roles in effect."""
    return list(school.accounts()[username].roles)


def move(school, group, op, number, **headers):
    """Put somebody into a group, or take them out."""
    return school(
        "PATCH", f"/Groups/{group}", patch({"op": op, "path": "members", "value": [{"value": number}]}), **headers
    )


@pytest.mark.parametrize("name", ["Prefects", "prefects", PORTAL, PORTAL.upper()])
def test_a_group_gives_a_role_as_long_as_one_is_in_it(ruled, name):
    """By a rule that asks for the group, or by the role's own name; leaving withdraws it."""
    [number] = ruled.make(student("asmith", "S1", grants=(Grant(SECURITY, "rule:default"),), roles=(SECURITY,)))
    group = grouped(ruled, name)
    move(ruled, group, "add", number)
    assert roles(ruled, "asmith") == [PORTAL, SECURITY]
    assert Grant(PORTAL, "scim:entra") in ruled.accounts()["asmith"].grants
    told = ruled("GET", f"/Users/{number}?attributes={TRACKONE}:grantedRoles").told
    assert told[TRACKONE]["grantedRoles"] == f"{PORTAL};{SECURITY}"
    move(ruled, group, "remove", number)
    assert roles(ruled, "asmith") == [SECURITY]


@pytest.mark.parametrize("way", ["delete", "rename", "replace", "clear", "put"])
def test_a_role_goes_however_the_membership_ends(ruled, way):
    """The group deleted, named otherwise, or its members replaced."""
    number = made(ruled, "amelia")
    group = grouped(ruled, "Prefects", number)
    assert PORTAL in roles(ruled, "amelia")
    if way == "delete":
        ruled("DELETE", f"/Groups/{group}")
    elif way == "rename":
        ruled("PATCH", f"/Groups/{group}", patch({"op": "replace", "path": "displayName", "value": "Choir"}))
    elif way == "put":
        ruled("PUT", f"/Groups/{group}", {"displayName": "Prefects", "members": []})
    else:
        operation = {"op": "replace", "path": "members", "value": []}
        ruled(
            "PATCH", f"/Groups/{group}", patch(operation if way == "replace" else {"op": "remove", "path": "members"})
        )
    assert PORTAL not in roles(ruled, "amelia")


def test_a_role_stays_while_another_group_gives_it(ruled):
    """Two groups that give one role: it goes with the last."""
    number = made(ruled, "amelia")
    first, second = grouped(ruled, "Prefects", number), grouped(ruled, PORTAL, number)
    move(ruled, first, "remove", number)
    assert PORTAL in roles(ruled, "amelia")
    move(ruled, second, "remove", number)
    assert PORTAL not in roles(ruled, "amelia")


def test_the_roles_attribute_gives_and_takes(ruled):
    """A name in `roles` gives that role; another list takes it again."""
    number = made(ruled, "amelia", roles=[{"value": PORTAL}])
    assert roles(ruled, "amelia") == [PORTAL, SECURITY]
    ruled("PATCH", f"/Users/{number}", patch({"op": "replace", "path": "roles", "value": [{"value": "Nothing"}]}))
    assert roles(ruled, "amelia") == [SECURITY]


def test_a_client_withdraws_only_its_own(ruled):
    """A role that a rule or a person gave stays when the group that gave it too is left."""
    own = (Grant(PORTAL, "person"), Grant(SECURITY, "rule:default"))
    [number] = ruled.make(student("asmith", "S1", grants=own, roles=(PORTAL, SECURITY)))
    group = grouped(ruled, "Prefects", number)
    move(ruled, group, "remove", number)
    account = ruled.accounts()["asmith"]
    assert (account.grants, account.roles) == (own, (PORTAL, SECURITY))


def test_a_denied_role_is_not_given(ruled):
    """A deny beats every grant."""
    [number] = ruled.make(student("asmith", "S1", denies=(Grant(PORTAL, "person"),)))
    grouped(ruled, "Prefects", number)
    assert roles(ruled, "asmith") == []


@pytest.mark.parametrize("scopes", ["read write", ALL])
@pytest.mark.parametrize("name", [TEACHER, "Administrator Security"])
def test_no_student_gets_a_protected_role(ruled, scopes, name):
    """Not by a group of its name, not by `roles`, whoever asks."""
    number = made(ruled, "amelia", roles=[{"value": name}])
    grouped(ruled, name, number, scopes=scopes)
    assert roles(ruled, "amelia") == [SECURITY]


def staff(school, username="mlee", **fields):
    """The id of a member of staff."""
    [number] = school.make(student(username, "", user_type=UserType.STAFF, claimed=False, **fields))
    return number


def test_staff_get_an_allowed_protected_role_by_opt_in(ruled):
    """The role must be named by allow_protected and the token must have the scope; else nothing is given."""
    number = staff(ruled)
    group = grouped(ruled, TEACHER, number)
    assert roles(ruled, "mlee") == []
    move(ruled, group, "remove", number)
    move(ruled, group, "add", number, Scopes=ALL)
    assert roles(ruled, "mlee") == [TEACHER]
    grouped(ruled, "Administrator Security", number, scopes=ALL)
    assert roles(ruled, "mlee") == [TEACHER]


def test_an_account_with_a_protected_role_is_read_only(ruled):
    """Without opt-in it is seen and found, and every change to it is 403; a PUT that changes nothing is not one."""
    number = staff(ruled, grants=(Grant(TEACHER, "person"),), roles=(TEACHER,))
    told = ruled("GET", f"/Users/{number}").told
    off = patch({"op": "replace", "path": "active", "value": False})
    refused(ruled("PATCH", f"/Users/{number}", off), 403)
    refused(ruled("PUT", f"/Users/{number}", {**told, "title": "Dr"}), 403)
    refused(ruled("DELETE", f"/Users/{number}"), 403)
    assert ruled("PUT", f"/Users/{number}", told).status_code == 200
    assert ruled("GET", f"/Users/{number}").told == told
    assert ruled("PATCH", f"/Users/{number}", off, Scopes=ALL).told["active"] is False


def test_a_protected_role_that_is_not_allowed_is_never_touched(ruled):
    """The scope alone does not open an account whose role allow_protected does not name."""
    number = staff(ruled, grants=(Grant("Administrator Security", "person"),), roles=("Administrator Security",))
    refused(
        ruled("PATCH", f"/Users/{number}", patch({"op": "replace", "path": "title", "value": "x"}), Scopes=ALL), 403
    )


def test_a_group_does_not_take_a_protected_role_without_opt_in(ruled):
    """Who gave it may take it; another client's token without the scope is refused, other members move freely."""
    number, other = staff(ruled), made(ruled, "amelia")
    group = grouped(ruled, TEACHER, number, scopes=ALL)
    refused(move(ruled, group, "remove", number, Client="okta"), 403)
    assert roles(ruled, "mlee") == [TEACHER]
    choir = grouped(ruled, "Prefects", number, client="okta")
    assert move(ruled, choir, "add", other, Client="okta").status_code == 204
    assert roles(ruled, "mlee") == [TEACHER]
    assert move(ruled, group, "remove", number, Scopes=ALL).status_code == 204
    assert roles(ruled, "mlee") == []


def test_a_group_that_gives_no_role_leaves_the_accounts_alone(ruled):
    """Membership alone is no change to the account: no outcome, no new version of the row."""
    [number] = ruled.make(student("asmith", "S1"))
    before = ruled.accounts()["asmith"]
    grouped(ruled, "Choir", number)
    assert ruled.accounts()["asmith"] == before
