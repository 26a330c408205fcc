"""Parts of resources: `attributes` and `excludedAttributes` (RFC 7644, section 3.9)."""

import pytest

from tests.scim_server.talk import ENTERPRISE, TRACKONE, USER, grouped, made, patch, refused, user

WHOLE = {
    "name": {"givenName": "Amelia", "familyName": "Smith"},
    "emails": [{"value": "w@x.example", "type": "work"}, {"value": "h@x.example", "type": "home"}],
    "title": "Ms",
    ENTERPRISE: {"department": "Arts", "manager": {"value": "9"}},
    TRACKONE: {"sisCode": "S1", "yearLevel": "7"},
}
CASES = [
    ("attributes=userName", {"userName": "amelia"}),
    ("attributes=USERNAME,Title", {"userName": "amelia", "title": "Ms"}),
    ("attributes=userName,%20title", {"userName": "amelia", "title": "Ms"}),
    ("attributes=name", {"name": WHOLE["name"]}),
    ("attributes=name.familyName", {"name": {"familyName": "Smith"}}),
    ("attributes=name.familyName,name.givenName", {"name": WHOLE["name"]}),
    ("attributes=emails.value", {"emails": [{"value": "w@x.example"}, {"value": "h@x.example"}]}),
    (f"attributes={USER}:userName", {"userName": "amelia"}),
    (f"attributes={USER}:name.familyName", {"name": {"familyName": "Smith"}}),
    (f"attributes={ENTERPRISE}", {ENTERPRISE: WHOLE[ENTERPRISE]}),
    (f"attributes={ENTERPRISE}:department", {ENTERPRISE: {"department": "Arts"}}),
    (f"attributes={TRACKONE}:sisCode,title", {TRACKONE: {"sisCode": "S1"}, "title": "Ms"}),
    (f"attributes={ENTERPRISE}:manager.value", {ENTERPRISE: {"manager": {"value": "9"}}}),
    ("attributes=nothing", {}),
    ("attributes=nickName", {}),
    ("attributes=id", {}),
    ("attributes=password", {}),
    ("attributes=nothing,title", {"title": "Ms"}),
    ("attributes=..,((", {}),
]


@pytest.mark.parametrize(("query", "expected"), CASES)
def test_only_what_is_asked_for_is_told(school, query, expected):
    """The id and the schemas always come along; so for one resource, for a list and in the answer to a write."""
    number = made(school, **WHOLE)
    alone = school("GET", f"/Users/{number}?{query}").told
    assert {key: value for key, value in alone.items() if key not in ("id", "schemas")} == expected
    assert (alone["id"], USER in alone["schemas"]) == (number, True)
    assert school("GET", f"/Users?{query}").told["Resources"] == [alone]
    change = patch({"op": "replace", "path": "active", "value": True})
    assert school("PATCH", f"/Users/{number}?{query}", change).told == alone
    put = school("PUT", f"/Users/{number}?{query}", school("GET", f"/Users/{number}").told)
    assert put.told == alone


@pytest.mark.parametrize(
    ("query", "gone"),
    [
        ("excludedAttributes=title", ["title"]),
        ("excludedAttributes=TITLE,emails", ["title", "emails"]),
        (f"excludedAttributes={ENTERPRISE}", [ENTERPRISE]),
        ("excludedAttributes=id,schemas", []),
        ("excludedAttributes=nothing", []),
        ("excludedAttributes=meta", ["meta"]),
    ],
)
def test_what_is_excluded_is_not_told(school, query, gone):
    """Everything else is; the id and the schemas cannot be excluded."""
    number = made(school, **WHOLE)
    whole = school("GET", f"/Users/{number}").told
    told = school("GET", f"/Users/{number}?{query}").told
    assert told == {key: value for key, value in whole.items() if key not in gone}


def test_parts_of_parts_are_excluded(school):
    """A sub-attribute and an extension's attribute can be left out alone."""
    number = made(school, **WHOLE)
    query = f"excludedAttributes=name.givenName,emails.type,{ENTERPRISE}:manager"
    told = school("GET", f"/Users/{number}?{query}").told
    assert told["name"] == {"familyName": "Smith"}
    assert told["emails"] == [{"value": "w@x.example"}, {"value": "h@x.example"}]
    assert told[ENTERPRISE] == {"department": "Arts"}


def test_both_at_once_are_refused(school):
    """The two exclude each other."""
    number = made(school)
    for path in (f"/Users/{number}", "/Users", "/Groups"):
        refused(school("GET", f"{path}?attributes=id&excludedAttributes=id"), 400, "invalidValue")


def test_a_post_tells_parts(school):
    """The answer to a creation can be cut as well, its ETag and Location stay."""
    answer = school("POST", "/Users?attributes=userName", user("amelia", title="Ms"))
    assert set(answer.told) == {"schemas", "id", "userName"}
    assert answer.headers["ETag"] == school("GET", f"/Users/{answer.told['id']}").headers["ETag"]
    assert answer.headers["Location"].endswith(answer.told["id"])


def test_groups_are_cut_too(school):
    """Members, parts of them, and all but them."""
    number = made(school)
    group = grouped(school, "G", number)
    assert school("GET", f"/Groups/{group}?attributes=members.value").told["members"] == [{"value": number}]
    assert set(school("GET", f"/Groups/{group}?attributes=displayName").told) == {"schemas", "id", "displayName"}
    assert "members" not in school("GET", f"/Groups/{group}?excludedAttributes=members").told
    add = patch({"op": "add", "path": "members", "value": [{"value": number}]})
    answer = school("PATCH", f"/Groups/{group}?attributes=displayName", add)
    assert (answer.status_code, answer.told["displayName"]) == (200, "G")
