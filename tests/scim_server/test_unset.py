"""Attributes that an account always has and a client may still remove; and those that are only sent on request."""

import pytest

TRACKONE = "urn:ietf:params:scim:schemas:extension:trackone:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def patch(*operations):
    """A PatchOp."""
    return {"schemas": [PATCH_OP], "Operations": list(operations)}


@pytest.fixture
def path(school):
    """A user's address."""
    body = {"userName": "amelia", TRACKONE: {"sisCode": "S1", "lockedOut": False}}
    return f"/Users/{school('POST', '/Users', body).told['id']}"


def test_active_that_is_removed_is_not_shown_and_changes_nobodys_rights(school, path) -> None:
    """The account stays approved; setting `active` again shows it again."""
    told = school("PATCH", path, patch({"op": "remove", "path": "active"})).told
    assert "active" not in told
    assert school("GET", path).told == told
    assert school.accounts()["amelia"].approved
    back = school("PATCH", path, patch({"op": "replace", "path": "active", "value": False})).told
    assert back["active"] is False
    assert not school.accounts()["amelia"].approved


def test_a_disabled_account_is_not_enabled_by_removing_active(school, path) -> None:
    """Unassigned means not shown, never true."""
    school("PATCH", path, patch({"op": "replace", "path": "active", "value": False}))
    school("PATCH", path, patch({"op": "remove", "path": "active"}))
    school("PATCH", path, patch({"op": "replace", "path": "title", "value": "Teacher"}))
    assert not school.accounts()["amelia"].approved


def test_the_whole_extension_can_be_removed(school, path) -> None:
    """Nothing of it is shown, its URN included; a part that is set comes back alone."""
    told = school("PATCH", path, patch({"op": "remove", "path": TRACKONE})).told
    assert TRACKONE not in told
    assert TRACKONE not in told["schemas"]
    again = school("PATCH", path, patch({"op": "add", "path": f"{TRACKONE}:yearLevel", "value": "7"})).told
    assert again[TRACKONE] == {"yearLevel": "7"}
    assert school("PUT", path, again).told == again


def test_who_does_not_see_the_lock_does_not_open_it(school, path) -> None:
    """After `lockedOut` is removed a lock that comes by failed sign-ins outlives changes of other attributes."""
    school("PATCH", path, patch({"op": "remove", "path": f"{TRACKONE}:lockedOut"}))
    other = {"op": "replace", "path": f"{TRACKONE}:lockedOut", "value": True}
    assert school("PATCH", path, patch(other), Client="okta").told[TRACKONE]["lockedOut"] is True
    school("PATCH", path, patch({"op": "remove", "path": f"{TRACKONE}:userType"}))
    assert school.accounts()["amelia"].locked_out


def test_roles_and_their_provenance_come_where_they_are_asked_for(school, path) -> None:
    """By name in `attributes`, of one user, of a list and in the answer to a write; else never."""
    wanted = {"grantedRoles": "Student Security", "roleProvenance": "Student Security=rule:default"}
    asked = f"attributes={TRACKONE}:grantedRoles,{TRACKONE}:roleProvenance"
    assert school("GET", f"{path}?{asked}").told[TRACKONE] == wanted
    assert school("GET", f"/Users?{asked}").told["Resources"][0][TRACKONE] == wanted
    change = patch({"op": "replace", "path": "title", "value": "Teacher"})
    assert school("PATCH", f"{path}?{asked}", change).told[TRACKONE] == wanted
    for plain in (path, f"{path}?attributes={TRACKONE}", f"{path}?excludedAttributes=title"):
        assert not wanted.keys() & school("GET", plain).told[TRACKONE].keys()
    put = school("PUT", f"{path}?excludedAttributes=title", school("GET", path).told).told
    assert not wanted.keys() & put[TRACKONE].keys()
