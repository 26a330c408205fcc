"""Conversations as Okta holds them (Okta, "SCIM 2.0 protocol reference", and its test suites for integrations)."""

import json

import pytest

from tests.scim_server.talk import ENTERPRISE, GROUP, USER, found, grouped, made, patch, refused, user


def okta_user(**more):
    """The body of Okta's POST."""
    return {
        "schemas": [USER],
        "userName": "test.user@okta.local",
        "name": {"givenName": "Test", "familyName": "User"},
        "emails": [{"primary": True, "value": "test.user@okta.local", "type": "work"}],
        "displayName": "Test User",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq",
        "active": True,
        **more,
    }


def test_a_user_is_made_with_password_and_empty_groups(school):
    """What only the server writes is overlooked, the password is taken and never told."""
    answer = school("POST", "/Users", okta_user(id="bulkId", meta={"version": "7"}, groups=[{"value": "x"}]))
    assert answer.status_code == 201
    assert "password" not in json.dumps(answer.told)
    assert "1mz050nq" not in json.dumps(answer.told)
    assert "groups" not in answer.told
    assert answer.told["id"] != "bulkId"
    assert answer.told["emails"][0]["value"] == "test.user@okta.local"
    assert answer.told["locale"] == "en-US"
    refused(school("POST", "/Users", okta_user()), 409, "uniqueness")


def test_application_json_is_taken(school):
    """Okta posts application/json, also with a charset."""
    for name, content_type in (("a", "application/json"), ("b", "application/scim+json; charset=utf-8")):
        body = json.dumps(okta_user(userName=name))
        answer = school.http.post("/scim/v2/Users", data=body, content_type=content_type)
        assert answer.status_code == 201
        assert answer.content_type == "application/scim+json"


def test_a_look_up_pages(school):
    """A filter on userName with startIndex and count, whatever the letter case."""
    number = made(school, "Test.User@okta.local")
    query = 'filter=userName eq "TEST.USER@OKTA.LOCAL"&startIndex=1&count=100'
    told = school("GET", f"/Users?{query}").told
    assert [one["id"] for one in told["Resources"]] == [number]
    assert [type(told[key]) for key in ("totalResults", "startIndex", "itemsPerPage")] == [int, int, int]
    assert found(school, "startIndex=1&count=2") == [number]


@pytest.mark.parametrize("write", ["POST", "PUT", "PATCH"])
def test_a_username_belongs_to_one(school, write):
    """Another user's name, in whatever case, is 409 on POST, PUT and PATCH."""
    made(school, "First@okta.local")
    second = made(school, "second@okta.local")
    taken = "FIRST@okta.local"
    bodies = {
        "POST": ("/Users", user(taken)),
        "PUT": (f"/Users/{second}", user(taken)),
        "PATCH": (f"/Users/{second}", patch({"op": "replace", "value": {"userName": taken}})),
    }
    path, body = bodies[write]
    refused(school(write, path, body), 409, "uniqueness")
    assert school("GET", f"/Users/{second}").told["userName"] == "second@okta.local"


def test_a_put_of_what_was_read_changes_nothing(school):
    """Okta puts back what it read, groups, meta and all: the answer is the user as before, version and time too."""
    number = school("POST", "/Users", okta_user(**{ENTERPRISE: {"department": "Arts"}})).told["id"]
    grouped(school, "Year 7", number)
    before = school("GET", f"/Users/{number}")
    answer = school("PUT", f"/Users/{number}", before.told)
    assert answer.status_code == 200
    assert answer.told == before.told
    assert answer.headers["ETag"] == before.headers["ETag"]
    assert school("GET", f"/Users/{number}").told == before.told


def test_a_put_replaces(school):
    """What the body does not have is gone, active and password are taken with the rest."""
    number = school("POST", "/Users", okta_user(title="Dr", nickName="T")).told["id"]
    body = okta_user(active=False, name={"givenName": "Tess", "familyName": "User"}, password="another", title="Prof")
    del body["locale"]
    told = school("PUT", f"/Users/{number}", body).told
    assert (told["active"], told["name"]["givenName"], told["title"]) == (False, "Tess", "Prof")
    assert {"nickName", "locale", "password"}.isdisjoint(told)


@pytest.mark.parametrize(
    ("value", "expected"),
    [({"active": False}, {"active": False}), ({"active": True}, {"active": True}), ({"password": "s3cret-2"}, {})],
)
def test_a_patch_has_no_path(school, value, expected):
    """Deactivation and a new password come as an object without a path; the answer is the updated user."""
    number = school("POST", "/Users", okta_user()).told["id"]
    answer = school("PATCH", f"/Users/{number}", patch({"op": "replace", "value": value}))
    assert answer.status_code == 200
    assert answer.told["id"] == number
    assert expected.items() <= answer.told.items()
    assert "password" not in answer.told


def test_a_missing_user_is_a_404(school):
    """The suite asks for a user that is not there: Error schema, status as a text, a detail."""
    refused(school("GET", "/Users/010101001010101011001010101011"), 404)


def test_a_group_push(school):
    """Made with an empty list, named again right away with its id beside, filled, emptied, put and deleted."""
    people = [made(school, f"s{number}") for number in range(3)]
    made_group = school("POST", "/Groups", {"schemas": [GROUP], "displayName": "Test SCIMv2", "members": []})
    assert made_group.status_code == 201
    group = made_group.told["id"]
    renaming = patch({"op": "replace", "value": {"id": group, "displayName": "Test SCIMv2"}})
    assert school("PATCH", f"/Groups/{group}", renaming).status_code == 204

    def members():
        return [one["value"] for one in school("GET", f"/Groups/{group}").told.get("members", [])]

    shown = [{"value": one, "display": f"s{number}@okta.local"} for number, one in enumerate(people)]
    school("PATCH", f"/Groups/{group}", patch({"op": "add", "path": "members", "value": shown[:2]}))
    assert members() == people[:2]
    both = patch(
        {"op": "remove", "path": f'members[value eq "{people[0]}"]'},
        {"op": "add", "path": "members", "value": [shown[2]]},
    )
    assert school("PATCH", f"/Groups/{group}", both).status_code == 204
    assert members() == people[1:]
    school("PATCH", f"/Groups/{group}", patch({"op": "replace", "path": "members", "value": shown[:1]}))
    assert members() == people[:1]
    none = patch({"op": "replace", "value": {"members": [], "id": group, "displayName": "Test SCIMv2"}})
    school("PATCH", f"/Groups/{group}", none)
    assert members() == []
    body = {
        "schemas": [GROUP],
        "id": group,
        "displayName": "Renamed",
        "members": [{"value": people[2], "display": None}],
    }
    put = school("PUT", f"/Groups/{group}", body)
    assert put.status_code == 200
    assert put.told["displayName"] == "Renamed"
    assert members() == people[2:]
    assert school("DELETE", f"/Groups/{group}").status_code == 204


def test_a_group_is_put_back_as_it_was_read(school):
    """A PUT of what was read changes neither version nor time."""
    group = grouped(school, "Year 7", made(school))
    before = school("GET", f"/Groups/{group}")
    answer = school("PUT", f"/Groups/{group}", before.told)
    assert answer.told == before.told
    assert answer.headers["ETag"] == before.headers["ETag"]


def test_an_import_reads_everybody_once(school):
    """Pages of any size part the users without a gap or a repetition, and the total never changes."""
    people = [made(school, f"s{number:02}") for number in range(23)]
    for size in (1, 4, 7, 100):
        seen = []
        for start in range(1, 24, size):
            told = school("GET", f"/Users?startIndex={start}&count={size}").told
            assert told["totalResults"] == 23
            seen += [one["id"] for one in told["Resources"]]
        assert seen == people
