"""PATCH on users, case by case (RFC 7644, section 3.5.2)."""

import pytest

from tests.scim_server.talk import ENTERPRISE, TRACKONE, USER, made, patch, refused

START = {
    "name": {"givenName": "Amelia", "familyName": "Smith"},
    "title": "Ms",
    "emails": [
        {"type": "work", "value": "w@x.example", "primary": True},
        {"type": "home", "value": "h@x.example"},
    ],
    "phoneNumbers": [{"type": "work", "value": "1"}, {"type": "work", "value": "2"}, {"type": "fax", "value": "3"}],
    ENTERPRISE: {"department": "Arts", "manager": {"value": "9"}},
    TRACKONE: {"sisCode": "S1", "yearLevel": "7"},
}
WORK, HOME = START["emails"]
NOT_PRIMARY = {**WORK, "primary": False}
OTHER = {"type": "other", "value": "o@x.example"}


def add(path, value):
    """An add; without a path for None."""
    return {"op": "add", "value": value} | ({"path": path} if path else {})


def replace(path, value):
    """A replace."""
    return {**add(path, value), "op": "replace"}


def remove(path):
    """A remove."""
    return {"op": "remove", "path": path}


CASES = [
    # simple attributes
    ([add("title", "Dr")], {"title": "Dr"}),
    ([replace("title", "Dr")], {"title": "Dr"}),
    ([add("nickName", "Am")], {"nickName": "Am"}),
    ([replace("nickName", "Am")], {"nickName": "Am"}),
    ([remove("title")], {"title": None}),
    ([remove("nickName")], {"nickName": None}),
    ([replace("TITLE", "Dr")], {"title": "Dr"}),
    ([replace(f"{USER}:title", "Dr")], {"title": "Dr"}),
    ([add("title", "Dr"), replace("title", "Prof"), add("nickName", "P")], {"title": "Prof", "nickName": "P"}),
    ([remove("title"), add("title", "Back")], {"title": "Back"}),
    ([replace("active", value=False)], {"active": False}),
    ([replace("userName", "Amelia.Smith")], {"userName": "Amelia.Smith"}),
    # complex attributes
    ([add("name", {"middleName": "R"})], {"name": {"givenName": "Amelia", "familyName": "Smith", "middleName": "R"}}),
    ([replace("name", {"givenName": "Amy"})], {"name": {"givenName": "Amy", "familyName": "Smith"}}),
    ([replace("name.givenName", "Amy")], {"name": {"givenName": "Amy", "familyName": "Smith"}}),
    ([replace("name.FAMILYNAME", "Jones")], {"name": {"givenName": "Amelia", "familyName": "Jones"}}),
    ([remove("name.givenName")], {"name": {"familyName": "Smith"}}),
    ([remove("name")], {"name": None}),
    ([replace("name", {"givenName": None})], {"name": {"familyName": "Smith"}}),
    # multi-valued attributes
    ([add("emails", [OTHER])], {"emails": [WORK, HOME, OTHER]}),
    ([add("emails", OTHER)], {"emails": [WORK, HOME, OTHER]}),
    ([add("emails", [HOME])], {"emails": [WORK, HOME]}),
    ([add("emails", [OTHER, OTHER])], {"emails": [WORK, HOME, OTHER]}),
    ([add("emails", [{**OTHER, "primary": True}])], {"emails": [NOT_PRIMARY, HOME, {**OTHER, "primary": True}]}),
    ([replace("emails", [OTHER])], {"emails": [OTHER]}),
    ([replace("emails", [])], {"emails": None}),
    ([remove("emails")], {"emails": None}),
    ([remove('emails[type eq "home"]')], {"emails": [WORK]}),
    ([remove('emails[type eq "work"]'), remove('emails[type eq "home"]')], {"emails": None}),
    ([remove('emails[type eq "nothing"]')], {"emails": [WORK, HOME]}),
    ([remove('emails[type eq "work"].primary')], {"emails": [{"type": "work", "value": "w@x.example"}, HOME]}),
    ([replace('emails[type eq "home"].value', "n@x.example")], {"emails": [WORK, {**HOME, "value": "n@x.example"}]}),
    (
        [replace('emails[type eq "home"]', {"value": "n@x.example"})],
        {"emails": [WORK, {**HOME, "value": "n@x.example"}]},
    ),
    ([replace('emails[TYPE EQ "HOME"].VALUE', "n@x.example")], {"emails": [WORK, {**HOME, "value": "n@x.example"}]}),
    (
        [replace('emails[value ew "x.example" and type eq "home"].type', "other")],
        {"emails": [WORK, {**HOME, "type": "other"}]},
    ),
    ([replace('emails[type eq "home"].primary', value=True)], {"emails": [NOT_PRIMARY, {**HOME, "primary": True}]}),
    ([add('emails[type eq "home"].display', "H")], {"emails": [WORK, {**HOME, "display": "H"}]}),
    ([add('emails[type eq "other"].value', "o@x.example")], {"emails": [WORK, HOME, OTHER]}),
    (
        [add('emails[type eq "other" and primary eq true].value', "o@x.example")],
        {"emails": [NOT_PRIMARY, HOME, {**OTHER, "primary": True}]},
    ),
    (
        [replace('phoneNumbers[type eq "work"].display', "W")],
        {
            "phoneNumbers": [
                {"type": "work", "value": "1", "display": "W"},
                {"type": "work", "value": "2", "display": "W"},
                {"type": "fax", "value": "3"},
            ]
        },
    ),
    ([replace("phoneNumbers.type", "other")], {"phoneNumbers": [{"type": "other", "value": one} for one in "123"]}),
    ([remove("phoneNumbers.type")], {"phoneNumbers": [{"value": one} for one in "123"]}),
    ([remove('phoneNumbers[not (type eq "fax")]')], {"phoneNumbers": [{"type": "fax", "value": "3"}]}),
    ([remove('phoneNumbers[type eq "fax" or value eq "1"]')], {"phoneNumbers": [{"type": "work", "value": "2"}]}),
    (
        [{"op": "remove", "path": "phoneNumbers", "value": [{"value": "3"}]}],
        {"phoneNumbers": START["phoneNumbers"][:2]},
    ),
    # extensions
    (
        [replace(f"{ENTERPRISE}:department", "Maths")],
        {ENTERPRISE: {"department": "Maths", "manager": {"value": "9"}}},
    ),
    ([remove(f"{ENTERPRISE}:department")], {ENTERPRISE: {"manager": {"value": "9"}}}),
    ([replace(f"{ENTERPRISE}:manager.value", "8")], {ENTERPRISE: {"department": "Arts", "manager": {"value": "8"}}}),
    ([remove(ENTERPRISE)], {ENTERPRISE: None}),
    (
        [replace(ENTERPRISE, {"division": "D"})],
        {ENTERPRISE: {"department": "Arts", "manager": {"value": "9"}, "division": "D"}},
    ),
    (
        [add(None, {ENTERPRISE: {"division": "D"}})],
        {ENTERPRISE: {"department": "Arts", "manager": {"value": "9"}, "division": "D"}},
    ),
    ([replace(f"{TRACKONE}:yearLevel", "8")], {TRACKONE: {"yearLevel": "8", "sisCode": "S1"}}),
    ([replace(f"{TRACKONE}:campus", "North")], {TRACKONE: {"campus": "North"}}),
    (
        [add(None, {f"{TRACKONE}:campus": "North", f"{ENTERPRISE}:division": "D"})],
        {
            TRACKONE: {"campus": "North", "yearLevel": "7"},
            ENTERPRISE: {"division": "D", "department": "Arts", "manager": {"value": "9"}},
        },
    ),
    ([replace(f"{TRACKONE}:lockedOut", "True")], {TRACKONE: {"lockedOut": True}}),
    ([remove(f"{TRACKONE}:sisCode")], {TRACKONE: {"sisCode": None}}),
    # without a path
    ([replace(None, {"title": "Dr", "nickName": "Am"})], {"title": "Dr", "nickName": "Am"}),
    ([add(None, {"emails": [OTHER]})], {"emails": [WORK, HOME, OTHER]}),
    ([replace(None, {"emails": [OTHER]})], {"emails": [OTHER]}),
    ([replace(None, {"name.givenName": "Amy"})], {"name": {"givenName": "Amy", "familyName": "Smith"}}),
    (
        [replace(None, {'emails[type eq "home"].value': "n@x.example"})],
        {"emails": [WORK, {**HOME, "value": "n@x.example"}]},
    ),
    ([replace(None, {"unknown": 1, "title": "Dr"})], {"title": "Dr"}),
    ([replace(None, {"id": "77", "meta": {}, "schemas": [], "groups": [], "title": "Dr"})], {"title": "Dr"}),
    ([replace("", {"title": "Dr"})], {"title": "Dr"}),
]


@pytest.mark.parametrize(("operations", "expected"), CASES)
def test_operations_do_what_they_say(school, operations, expected):
    """The attributes named become what is expected, and nothing else changes; GET tells the same as the answer."""
    number = made(school, **START)
    before = school("GET", f"/Users/{number}").told
    answer = school("PATCH", f"/Users/{number}", patch(*operations))
    assert answer.status_code == 200, answer.told
    after = school("GET", f"/Users/{number}").told
    assert answer.told == after
    for name, value in expected.items():
        if name == TRACKONE:
            assert value == {key: after[TRACKONE].get(key) for key in value}
        else:
            assert after.get(name) == value, name
    derived = {"displayName"} if "name" in expected else set()
    if ENTERPRISE in expected:
        derived.add("schemas")
    untouched = set(before) - set(expected) - derived - {"meta"}
    assert {name: before[name] for name in untouched} == {name: after[name] for name in untouched if name in after}


BAD = [
    ([remove(None)], "noTarget"),
    ([{"op": "remove"}], "noTarget"),
    ([{"op": "remove", "value": {"title": 1}}], "noTarget"),
    ([replace("nothing", "x")], "invalidPath"),
    ([replace("name.nothing", "x")], "invalidPath"),
    ([replace("emails[", "x")], "invalidPath"),
    ([replace("..", "x")], "invalidPath"),
    ([replace("title[value eq 1]", "x")], "invalidPath"),
    ([replace('emails[type eq "work"].nothing', "x")], "invalidPath"),
    ([replace("urn:nobody:knows:this", "x")], "invalidPath"),
    ([replace(f"{ENTERPRISE}:nothing", "x")], "invalidPath"),
    ([replace("emails[type eq]", "x")], "invalidFilter"),
    ([replace('emails[nothing eq "x"].value', "x")], "invalidFilter"),
    ([replace("id", "5")], "mutability"),
    ([remove("id")], "mutability"),
    ([replace("meta.created", "2020-01-01T00:00:00Z")], "mutability"),
    ([add("groups", [{"value": "1"}])], "mutability"),
    ([remove("groups")], "mutability"),
    ([replace(f"{TRACKONE}:grantedRoles", "Administrator Security")], "mutability"),
    ([replace(f"{TRACKONE}:roleProvenance", "x")], "mutability"),
    ([remove("userName")], "mutability"),
    ([replace("active", "maybe")], "invalidValue"),
    ([replace("active", 1)], "invalidValue"),
    ([replace("active", [True])], "invalidValue"),
    ([replace("title", {"x": 1})], "invalidValue"),
    ([replace("title", ["x"])], "invalidValue"),
    ([replace("title", 5)], "invalidValue"),
    ([replace("title", value=True)], "invalidValue"),
    ([replace("name", "Amelia Smith")], "invalidValue"),
    ([replace("emails", [5])], "invalidValue"),
    ([replace("emails", [{"value": {"x": 1}}])], "invalidValue"),
    ([replace("userName", "")], "invalidValue"),
    ([replace("userName", None)], "invalidValue"),
    ([replace("userName", "  ")], "invalidValue"),
    ([replace("userName", "x" * 300)], "invalidValue"),
    ([add(None, "text")], "invalidValue"),
    ([add(None, ["text"])], "invalidValue"),
    ([{"op": "add", "path": "title"}], "invalidValue"),
    ([replace(f"{TRACKONE}:userType", "System")], "invalidValue"),
    ([{"op": "move", "path": "title", "value": "x"}], "invalidSyntax"),
    ([{"path": "title", "value": "x"}], "invalidSyntax"),
    ([{"op": 5, "path": "title", "value": "x"}], "invalidSyntax"),
    ([{"op": "add", "path": 5, "value": "x"}], "invalidPath"),
    (["add"], "invalidSyntax"),
    ([], "invalidSyntax"),
    ([replace('emails[value gt "zzz"].value', "x")], "noTarget"),
]


@pytest.mark.parametrize(("operations", "scim_type"), BAD)
@pytest.mark.parametrize("behind_good", [False, True])
def test_bad_operations_are_refused_whole(school, operations, scim_type, behind_good):
    """A wrong operation is 400 with its scimType, and of the right ones before it nothing is done."""
    number = made(school, **START)
    before = school("GET", f"/Users/{number}").told
    good = [replace("title", "Dr"), add("emails", [OTHER])] if behind_good and operations else []
    refused(school("PATCH", f"/Users/{number}", patch(*good, *operations)), 400, scim_type)
    assert school("GET", f"/Users/{number}").told == before


@pytest.mark.parametrize(
    "operations",
    [
        [replace("title", "Ms")],
        [add("emails", [HOME])],
        [replace("emails", START["emails"])],
        [replace("active", "True")],
        [remove("nickName")],
        [replace(ENTERPRISE, {"department": "Arts"})],
        [replace(f"{TRACKONE}:sisCode", "S1")],
        [add("title", "Dr"), replace("title", "Ms")],
        [replace("name", {"givenName": "Amelia"})],
        [replace(None, {"userName": "amelia"})],
    ],
)
def test_an_operation_without_effect_leaves_time_and_version(school, operations):
    """A no-op keeps lastModified and the ETag, and makes no record."""
    number = made(school, **START)
    before = school("GET", f"/Users/{number}")
    answer = school("PATCH", f"/Users/{number}", patch(*operations))
    assert answer.status_code == 200
    assert answer.told == before.told
    assert answer.headers["ETag"] == before.headers["ETag"]


def test_a_change_moves_time_and_version(school):
    """lastModified, the version in meta and the ETag move on together; created stays."""
    number = made(school, **START)
    before = school("GET", f"/Users/{number}")
    answer = school("PATCH", f"/Users/{number}", patch(replace("title", "Dr")))
    assert answer.told["meta"]["lastModified"] > before.told["meta"]["lastModified"]
    assert answer.told["meta"]["created"] == before.told["meta"]["created"]
    assert answer.headers["ETag"] == answer.told["meta"]["version"] != before.headers["ETag"]


def test_a_message_of_another_kind_is_refused(school):
    """A body that says it is something else is no PatchOp."""
    number = made(school)
    body = {"schemas": [USER], "Operations": [replace("title", "Dr")]}
    refused(school("PATCH", f"/Users/{number}", body), 400, "invalidSyntax")


GROUP_BAD = [
    ([replace("id", "5")], "mutability"),
    ([remove("displayName")], "mutability"),
    ([replace("displayName", "")], "invalidValue"),
    ([replace("displayName", 5)], "invalidValue"),
    ([replace("nothing", "x")], "invalidPath"),
    ([add("members", [{"value": "999999"}])], "invalidValue"),
    ([add("members", [{"value": "nobody"}])], "invalidValue"),
    ([add("members", "nobody")], "invalidValue"),
    ([add("members", [{"display": "without a value"}])], "invalidValue"),
    ([replace("members", [{"value": {"x": 1}}])], "invalidValue"),
    ([replace("members[type eq", "x")], "invalidPath"),
    ([replace('members[value eq "1"].value', "2")], "mutability"),
    ([replace("members.value", "2")], "invalidPath"),
    ([replace("externalId", {"x": 1})], "invalidValue"),
    ([replace(None, "x")], "invalidValue"),
    ([remove(None)], "noTarget"),
    ([], "invalidSyntax"),
]


@pytest.mark.parametrize(("operations", "scim_type"), GROUP_BAD)
def test_bad_operations_on_a_group_are_refused_whole(school, operations, scim_type):
    """A group stays as it was, the members that came before the wrong operation too."""
    inside, outside = made(school, "a"), made(school, "b")
    group = school("POST", "/Groups", {"displayName": "G", "members": [{"value": inside}]}).told["id"]
    before = school("GET", f"/Groups/{group}").told
    good = [add("members", [{"value": outside}])] if operations else []
    refused(school("PATCH", f"/Groups/{group}", patch(*good, *operations)), 400, scim_type)
    assert school("GET", f"/Groups/{group}").told == before
    assert "groups" not in school("GET", f"/Users/{outside}").told


def test_both_sides_of_a_membership_agree(school):
    """A user shows the groups it is in, direct; renaming and deleting the group shows there too."""
    number = made(school)
    group = school("POST", "/Groups", {"displayName": "Old", "members": [{"value": number}]}).told["id"]

    def shown():
        return [(one["value"], one["display"], one["type"]) for one in
                school("GET", f"/Users/{number}").told.get("groups", [])]  # fmt: skip

    assert shown() == [(group, "Old", "direct")]
    before = school("GET", f"/Users/{number}").headers["ETag"]
    school("PATCH", f"/Groups/{group}", patch(replace("displayName", "New")))
    assert shown() == [(group, "New", "direct")]
    assert school("GET", f"/Users/{number}").headers["ETag"] != before
    school("DELETE", f"/Groups/{group}")
    assert shown() == []
