"""Conversations as Entra ID holds them (Microsoft, "Develop and plan provisioning for a SCIM endpoint")."""

from uuid import uuid4

import pytest

from tests.scim_server.talk import ENTERPRISE, LIST_RESPONSE, PATCH_OP, USER, found, grouped, made, patch, refused

ADSCIM = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"


def entra_user(**more):
    """The body of Entra's POST, with the nulls and the text booleans it may have."""
    return {
        "schemas": [USER, ENTERPRISE],
        "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
        "userName": "Test_User_ab6490ee@riverside.example",
        "active": "True",
        "displayName": "lennay",
        "emails": [{"primary": True, "type": "work", "value": "Test_User_fd0ea19b@riverside.local"}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "givenName familyName", "familyName": "familyName", "givenName": "givenName"},
        "title": None,
        "phoneNumbers": None,
        "roles": [],
        **more,
    }


def test_the_connection_is_tested_by_asking_for_nobody(school):
    """Test Connection asks for a random userName and expects an empty list, not an error."""
    answer = school("GET", f'/Users?filter=userName eq "{uuid4()}"')
    assert answer.status_code == 200
    assert answer.told == {
        "schemas": [LIST_RESPONSE],
        "totalResults": 0,
        "itemsPerPage": 0,
        "startIndex": 1,
        "Resources": [],
    }


def test_the_flag_in_the_tenant_address_is_overlooked(school):
    """Entra's feature flag is part of the address it calls."""
    assert school("GET", '/Users?aadOptscim062020&filter=userName eq "nobody"').status_code == 200


def test_a_user_is_made_whole(school):
    """The answer to POST is the whole user, with its address in Location and in meta."""
    answer = school("POST", "/Users", entra_user())
    told = answer.told
    assert answer.status_code == 201
    assert answer.content_type == "application/scim+json"
    assert answer.headers["Location"] == told["meta"]["location"]
    assert told["meta"]["resourceType"] == "User"
    assert told["id"]
    assert told["externalId"] == "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef"
    assert told["userName"] == "Test_User_ab6490ee@riverside.example"
    assert told["active"] is True
    assert told["displayName"] == "lennay"
    assert told["emails"] == [{"primary": True, "type": "work", "value": "Test_User_fd0ea19b@riverside.local"}]
    assert told["name"] == {
        "formatted": "givenName familyName",
        "familyName": "familyName",
        "givenName": "givenName",
    }
    assert "roles" not in told
    assert "title" not in told
    assert ENTERPRISE not in told["schemas"]
    assert school("GET", f"/Users/{told['id']}").told == told


@pytest.mark.parametrize(
    "wanted",
    [
        'userName eq "TEST_user_ab6490ee@riverside.example"',
        'externalId eq "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef"',
        'emails[type eq "work"].value eq "test_user_fd0ea19b@riverside.local"',
        'emails[type eq "work" and value eq "test_user_fd0ea19b@riverside.local"]',
        'displayName eq "lennay"',
        'active eq true and userName eq "test_user_ab6490ee@riverside.example"',
    ],
)
def test_a_user_is_found_by_any_matching_attribute(school, wanted):
    """Entra looks users up by the attribute that is configured to match."""
    expected = school("POST", "/Users", entra_user()).told["id"]
    made(school, "another")
    assert [expected] == found(school, f"filter={wanted}")


def test_a_user_is_found_by_id(school):
    """The id is a matching attribute as well."""
    first, _second = made(school, "a"), made(school, "b")
    assert [first] == found(school, f'filter=id eq "{first}"')


@pytest.mark.parametrize(("sent", "expected"), [("False", False), ("false", False), (False, False), ("True", True)])
@pytest.mark.parametrize("with_path", [True, False])
def test_active_comes_as_a_text(school, sent, expected, with_path):
    """Entra sends "False" for false, with a path and without one."""
    number = made(school)
    operation = {"op": "Replace", "path": "active", "value": sent}
    if not with_path:
        operation = {"op": "Replace", "value": {"active": sent}}
    answer = school("PATCH", f"/Users/{number}", patch(operation))
    assert answer.status_code == 200
    assert answer.told["active"] is expected


def test_a_soft_deleted_user_stays_to_be_seen_and_comes_back(school):
    """A user that is not active is found by id and by filter, cycle after cycle, and is restored by active = true."""
    number = made(school)
    for _cycle in range(2):
        school("PATCH", f"/Users/{number}", patch({"op": "Replace", "path": "active", "value": "False"}))
        assert school("GET", f"/Users/{number}").told["active"] is False
        assert [number] == found(school, 'filter=userName eq "amelia"')
    school("PATCH", f"/Users/{number}", patch({"op": "Replace", "path": "active", "value": "True"}))
    assert school("GET", f"/Users/{number}").told["active"] is True


def test_a_tombstone_keeps_the_username(school):
    """Entra renames whom it soft-deletes to 32 hexadecimal digits and the old name: that is no new login."""
    number = made(school, "amelia@riverside.example")
    tombstone = "58013f2bb4c44e9cb6d7ef1b2d93d70damelia@riverside.example"
    answer = school(
        "PATCH",
        f"/Users/{number}",
        patch(
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "Replace", "path": "userName", "value": tombstone},
        ),
    )
    assert answer.status_code == 200
    assert (answer.told["userName"], answer.told["active"]) == ("amelia@riverside.example", False)


def test_a_hard_delete_frees_the_name(school):
    """DELETE, then 404 and nothing found; a second DELETE is 404; the same name may be made again."""
    number = made(school)
    assert school("DELETE", f"/Users/{number}").status_code == 204
    refused(school("GET", f"/Users/{number}"), 404)
    refused(school("DELETE", f"/Users/{number}"), 404)
    assert found(school, 'filter=userName eq "amelia"') == []
    assert made(school) != number


def test_keys_of_a_value_without_path_are_paths(school):
    """With its flag aadOptscim062020 Entra writes dotted keys and keys behind a URN into one value."""
    number = made(school)
    answer = school(
        "PATCH",
        f"/Users/{number}",
        patch(
            {
                "op": "replace",
                "value": {
                    "displayName": "Bjfe",
                    "name.givenName": "Kkom",
                    "name.familyName": "Unua",
                    f"{ENTERPRISE}:employeeNumber": "Aklq",
                },
            }
        ),
    )
    assert answer.status_code == 200
    assert answer.told["displayName"] == "Bjfe"
    assert answer.told["name"] == {"givenName": "Kkom", "familyName": "Unua"}
    assert answer.told[ENTERPRISE] == {"employeeNumber": "Aklq"}


@pytest.mark.parametrize("op", ["Add", "Replace", "add", "REPLACE"])
def test_a_typed_address_is_made_where_there_is_none(school, op):
    """Entra's mappings write emails[type eq "work"].value to users who have no address yet."""
    number = made(school)
    path = 'emails[type eq "work"].value'
    answer = school("PATCH", f"/Users/{number}", patch({"op": op, "path": path, "value": "a@riverside.local"}))
    assert answer.status_code == 200
    assert answer.told["emails"] == [{"type": "work", "value": "a@riverside.local"}]


@pytest.mark.parametrize(
    "sent",
    [
        "26118915",
        {"value": "26118915"},
        [{"$ref": "https://trackone.example/scim/v2/Users/26118915", "value": "26118915"}],
        {"$ref": "../Users/26118915", "value": "26118915", "displayName": "overlooked"},
    ],
)
@pytest.mark.parametrize("op", ["Add", "Replace"])
def test_a_manager_comes_in_three_shapes(school, sent, op):
    """As a bare id, as an object and as a list of one: it is kept and shown as an object."""
    number = made(school)
    path = f"{ENTERPRISE}:manager"
    answer = school("PATCH", f"/Users/{number}", patch({"op": op, "path": path, "value": sent}))
    assert answer.status_code == 200
    manager = answer.told[ENTERPRISE]["manager"]
    assert manager["value"] == "26118915"
    assert answer.told == school("GET", f"/Users/{number}").told


@pytest.mark.parametrize(
    "removal", [{"op": "Remove"}, {"op": "Replace", "value": ""}, {"op": "Replace", "value": None}]
)
def test_a_manager_goes(school, removal):
    """By Remove, and by Replace with nothing."""
    path = f"{ENTERPRISE}:manager"
    number = made(school, **{ENTERPRISE: {"manager": {"value": "5"}, "department": "Arts"}})
    answer = school("PATCH", f"/Users/{number}", patch({**removal, "path": path}))
    assert answer.told[ENTERPRISE] == {"department": "Arts"}


FULL = {
    "name": {"givenName": "A", "familyName": "B", "formatted": "A B", "middleName": "C"},
    "displayName": "Shown",
    "nickName": "Nick",
    "title": "Ms",
    "userType": "Member",
    "preferredLanguage": "en-AU",
    "locale": "en-AU",
    "timezone": "Australia/Brisbane",
    "profileUrl": "https://riverside.example/a",
    "emails": [{"type": "work", "value": "w@x.example", "primary": True}, {"type": "home", "value": "h@x.example"}],
    "phoneNumbers": [{"type": "work", "value": "1"}, {"type": "mobile", "value": "2"}],
    "addresses": [{"type": "work", "streetAddress": "1 River St", "locality": "Brisbane"}],
    ENTERPRISE: {"employeeNumber": "7", "department": "d", "division": "v", "costCenter": "c", "organization": "o"},
}
NULLED = [
    *("name.givenName", "name.familyName", "name.formatted", "name.middleName", "displayName", "nickName", "title"),
    *("userType", "preferredLanguage", "locale", "timezone", "profileUrl"),
    *('emails[type eq "work"].value', 'emails[type eq "home"].value', 'phoneNumbers[type eq "mobile"].value'),
    *('addresses[type eq "work"].streetAddress', 'addresses[type eq "work"].locality'),
    *(f"{ENTERPRISE}:{name}" for name in FULL[ENTERPRISE]),
]


@pytest.mark.parametrize("nothing", ["", None])
@pytest.mark.parametrize("path", NULLED)
def test_an_attribute_is_emptied_by_nothing(school, path, nothing):
    """Replace with "" or null leaves the attribute absent, and everything else as it was."""
    number = made(school, **FULL)
    before = school("GET", f"/Users/{number}").told
    answer = school("PATCH", f"/Users/{number}", patch({"op": "Replace", "path": path, "value": nothing}))
    assert answer.status_code == 200
    after = school("GET", f"/Users/{number}").told
    assert answer.told == after
    wanted = f'filter=id eq "{number}" and {path} pr' if "[" not in path else None
    if wanted:
        assert found(school, wanted) == []
    changed = {key for key in before if before[key] != after.get(key)} - {"meta"}
    assert len(changed) == 1
    assert set(after) <= set(before)


def test_everything_is_emptied_at_once(school):
    """The validator empties every optional attribute in one request."""
    number = made(school, **FULL)
    operations = [{"op": "Replace", "path": path, "value": ""} for path in NULLED]
    answer = school("PATCH", f"/Users/{number}", patch(*operations))
    assert answer.status_code == 200
    left = set(school("GET", f"/Users/{number}").told) - {"schemas", "id", "userName", "active", "meta", "addresses"}
    assert {name for name in left if not name.startswith("urn:") and name != "phoneNumbers"} == set()


@pytest.mark.parametrize(
    "sent",
    [
        '[{"value":"Student Portal","display":"Portal","primary":"True"}]',
        '{"value":"Student Portal","display":"Portal","primary":true}',
        [{"value": "Student Portal", "display": "Portal", "primary": "True"}],
    ],
)
@pytest.mark.parametrize("op", ["Add", "Replace"])
def test_roles_come_as_json_text(school, sent, op):
    """The expressions for application roles give a JSON text where a list belongs."""
    number = made(school)
    answer = school("PATCH", f"/Users/{number}", patch({"op": op, "path": "roles", "value": sent}))
    assert answer.status_code == 200
    assert answer.told["roles"] == [{"value": "Student Portal", "display": "Portal", "primary": True}]


def test_the_primary_role_is_named_by_a_text_boolean(school):
    """SingleAppRoleAssignment is mapped to roles[primary eq "True"].value."""
    number = made(school)
    path = 'roles[primary eq "True"].value'
    for role in ("Student Portal", "Other"):
        answer = school("PATCH", f"/Users/{number}", patch({"op": "Add", "path": path, "value": role}))
        assert answer.told["roles"] == [{"primary": True, "value": role}]


def test_a_group_is_made_without_members(school):
    """Entra makes groups empty, with an id of its own and a schema that is not echoed."""
    body = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group", ADSCIM],
        "externalId": "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159",
        "displayName": "Year 7",
        "meta": {"resourceType": "Group"},
    }
    answer = school("POST", "/Groups", body)
    assert answer.status_code == 201
    assert answer.told["schemas"] == ["urn:ietf:params:scim:schemas:core:2.0:Group"]
    assert answer.told["externalId"] == body["externalId"]
    assert answer.headers["Location"] == answer.told["meta"]["location"]
    refused(school("POST", "/Groups", {**body, "displayName": "YEAR 7"}), 409, "uniqueness")


def test_groups_are_asked_for_without_members(school):
    """By name and by id, with excludedAttributes=members."""
    group = grouped(school, "Year 7", made(school))
    answer = school("GET", '/Groups?excludedAttributes=members&filter=displayName eq "year 7"')
    assert answer.told["totalResults"] == 1
    assert "members" not in answer.told["Resources"][0]
    assert "members" not in school("GET", f"/Groups/{group}?excludedAttributes=members").told
    assert "members" in school("GET", f"/Groups/{group}").told


def test_a_membership_is_asked_for(school):
    """An older way to ask whether somebody is in a group."""
    inside, outside = made(school, "a"), made(school, "b")
    group = grouped(school, "Year 7", inside)
    ask = f'filter=id eq "{group}" and members eq "%s"'
    assert found(school, ask % inside, "Groups") == [group]
    assert found(school, ask % outside, "Groups") == []


def members_of(school, group):
    """Who is in a group."""
    return [one["value"] for one in school("GET", f"/Groups/{group}").told.get("members", [])]


def test_members_come_many_at_once(school):
    """Add with a list of references whose $ref is null: 204 without a body; the same again changes nothing."""
    people = [made(school, f"s{number}") for number in range(20)]
    group = grouped(school, "Year 7")
    adding = {"op": "Add", "path": "members", "value": [{"$ref": None, "value": one} for one in people]}
    for _again in range(2):
        answer = school("PATCH", f"/Groups/{group}", patch(adding))
        assert (answer.status_code, answer.data) == (204, b"")
        assert members_of(school, group) == people


@pytest.mark.parametrize(
    ("operation", "left"),
    [
        ({"op": "Remove", "path": "members", "value": [{"$ref": None, "value": "{0}"}]}, [1, 2]),
        ({"op": "Remove", "path": "members", "value": [{"value": "{0}"}, {"value": "{1}"}]}, [2]),
        ({"op": "Remove", "path": "members", "value": {"value": "{1}"}}, [0, 2]),
        ({"op": "Remove", "path": 'members[value eq "{2}"]'}, [0, 1]),
        ({"op": "remove", "path": 'members[value eq "{0}" or value eq "{2}"]'}, [1]),
        ({"op": "Remove", "path": "members"}, []),
        ({"op": "Remove", "path": "members", "value": [{"value": "999999"}]}, [0, 1, 2]),
        ({"op": "Remove", "path": 'members[value eq "nobody"]'}, [0, 1, 2]),
    ],
)
def test_members_go_in_every_way(school, operation, left):
    """The legacy removal takes only the member it names; the new one filters; without a value all go."""
    people = [made(school, f"s{number}") for number in range(3)]
    group = grouped(school, "Year 7", *people)
    told = _filled(operation, people)
    assert school("PATCH", f"/Groups/{group}", patch(told)).status_code == 204
    assert members_of(school, group) == [people[number] for number in left]


def _filled(told, people):
    if isinstance(told, dict):
        return {key: _filled(value, people) for key, value in told.items()}
    if isinstance(told, list):
        return [_filled(one, people) for one in told]
    return told.format(*people) if isinstance(told, str) else told


def test_a_group_is_renamed_and_deleted(school):
    """Replace displayName; DELETE, and 404 behind it."""
    group = grouped(school, "Year 7")
    renaming = patch({"op": "Replace", "path": "displayName", "value": "Year Seven"})
    assert school("PATCH", f"/Groups/{group}", renaming).status_code == 204
    assert school("GET", f"/Groups/{group}").told["displayName"] == "Year Seven"
    assert school("DELETE", f"/Groups/{group}").status_code == 204
    refused(school("GET", f"/Groups/{group}"), 404)
    refused(school("DELETE", f"/Groups/{group}"), 404)


def test_eleven_users_come_in_pages_of_five(school):
    """The gallery's paging test: startIndex is echoed, the pages part everybody."""
    people = [made(school, f"s{number:02}") for number in range(11)]
    seen = []
    for start in (1, 6, 11):
        told = school("GET", f"/Users?startIndex={start}&count=5").told
        assert (told["startIndex"], told["totalResults"]) == (start, 11)
        assert told["itemsPerPage"] == len(told["Resources"])
        seen += [one["id"] for one in told["Resources"]]
    assert seen == people


def test_the_operations_message_may_be_spelled_otherwise(school):
    """Names of attributes in messages are matched letter case aside."""
    number = made(school)
    body = {"schemas": [PATCH_OP], "operations": [{"OP": "Replace", "Path": "title", "Value": "Dr"}]}
    assert school("PATCH", f"/Users/{number}", body).told["title"] == "Dr"
