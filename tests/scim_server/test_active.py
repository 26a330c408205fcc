"""A PATCH of `active` alone, as clients send it all day, is answered as the same among other operations."""

import pytest

from tests.scim_server.talk import ENTERPRISE, TRACKONE, made, patch

PEOPLE = [
    {},
    {"active": False},
    {"displayName": "Shown Otherwise", "externalId": "e1", "nickName": "Nick"},
    {
        "name": {"givenName": "Amelia", "familyName": "Smith", "formatted": "A Smith"},
        "emails": [{"type": "home", "value": "h@x.example"}, {"type": "work", "value": "w@x.example"}],
        "roles": [{"value": "Teacher", "primary": True}],
        ENTERPRISE: {"department": "Arts", "manager": {"value": "9"}},
        TRACKONE: {"sisCode": "S1", "yearLevel": "7", "lockedOut": True},
    },
]
SHAPES = [
    {"op": "Replace", "path": "active", "value": "False"},
    {"op": "replace", "value": {"active": False}},
    {"op": "add", "path": "Active", "value": True},
]
NOTHING = {"op": "remove", "path": "preferredLanguage"}


def without(answer):
    """A user without what tells one and one moment from another."""
    return {key: value for key, value in answer.told.items() if key not in ("id", "meta")}


def changed(school, sent, *operations):
    """A new user after the operations, and as a GET then has it."""
    number = made(school, **sent)
    answer = school("PATCH", f"/Users/{number}", patch(*operations))
    assert answer.status_code == 200, answer.told
    found = school("GET", f"/Users/{number}")
    school("DELETE", f"/Users/{number}")
    return without(answer), without(found)


@pytest.mark.parametrize("sent", PEOPLE)
@pytest.mark.parametrize("operation", SHAPES)
def test_alone_and_among_others_it_does_the_same(school, sent, operation):
    """Answer and what a GET then says are those of the PATCH that goes through every operation."""
    alone, among = changed(school, sent, operation), changed(school, sent, operation, NOTHING)
    assert alone == among
    assert alone[0] == alone[1]


def test_removed_it_is_set_again(school):
    """`active` that a client removed is shown again once it is set."""
    number = made(school)
    school("PATCH", f"/Users/{number}", patch({"op": "remove", "path": "active"}))
    assert "active" not in school("GET", f"/Users/{number}").told
    answer = school("PATCH", f"/Users/{number}", patch({"op": "replace", "path": "active", "value": False}))
    assert answer.told["active"] is False
