"""What the endpoint announces of itself (RFC 7644, section 4)."""

import pytest

from tests.scim_server.talk import ENTERPRISE, GROUP, LIST_RESPONSE, TRACKONE, USER, refused

CONFIG = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"


def nulls(told, path=""):
    """Where a null stands."""
    if isinstance(told, dict):
        return [one for key, value in told.items() for one in nulls(value, f"{path}.{key}")]
    if isinstance(told, list):
        return [one for number, value in enumerate(told) for one in nulls(value, f"{path}[{number}]")]
    return [path] if told is None else []


def schema(school, urn):
    """One schema, its attributes by name."""
    told = school("GET", f"/Schemas/{urn}").told
    return {one["name"]: one for one in told["attributes"]}


@pytest.mark.parametrize("path", ["/ServiceProviderConfig", "/Schemas", "/ResourceTypes"])
def test_there_are_no_nulls(school, path):
    """Entra's validator cannot read them."""
    answer = school("GET", path)
    assert answer.status_code == 200
    assert answer.content_type == "application/scim+json"
    assert nulls(answer.told) == []


@pytest.mark.parametrize(
    ("path", "ids"), [("/Schemas", {USER, ENTERPRISE, GROUP, TRACKONE}), ("/ResourceTypes", {"User", "Group"})]
)
def test_lists_hold_everything_and_each_is_found_by_id(school, path, ids):
    """A ListResponse, and each of its resources under its own address, which meta tells."""
    told = school("GET", path).told
    assert told["schemas"] == [LIST_RESPONSE]
    assert told["totalResults"] == told["itemsPerPage"] == len(ids)
    assert {one["id"] for one in told["Resources"]} == ids
    for one in told["Resources"]:
        assert school("GET", f"{path}/{one['id']}").told == one
        assert one["meta"]["location"].endswith(f"{path}/{one['id']}")
    refused(school("GET", f"{path}/urn:nothing"), 404)


def test_only_what_is_done_is_announced(school):
    """Everything is done: the numbers announced are those that are held to."""
    told = school("GET", "/ServiceProviderConfig").told
    assert told["schemas"] == [CONFIG]
    for feature in ("patch", "bulk", "filter", "changePassword", "sort", "etag"):
        assert told[feature]["supported"] is True
    assert told["meta"]["location"].endswith("/ServiceProviderConfig")
    assert told["authenticationSchemes"]


def test_the_extensions_belong_to_the_user(school):
    """The enterprise extension and ours, neither of them required."""
    told = school("GET", "/ResourceTypes/User").told
    assert (told["endpoint"], told["schema"]) == ("/Users", USER)
    assert {one["schema"]: one["required"] for one in told["schemaExtensions"]} == {
        ENTERPRISE: False,
        TRACKONE: False,
    }


def test_schemas_say_what_is_so(school):
    """Letter case, uniqueness, what is required and who may write it."""
    user, group = schema(school, USER), schema(school, GROUP)
    name = user["userName"]
    assert (name["required"], name["uniqueness"], name["caseExact"]) == (True, "server", False)
    assert (user["password"]["mutability"], user["password"]["returned"]) == ("writeOnly", "never")
    assert user["groups"]["mutability"] == "readOnly"
    assert {one["mutability"] for one in user.values()} <= {"readOnly", "readWrite", "writeOnly", "immutable"}
    assert (group["displayName"]["required"], group["displayName"]["uniqueness"]) == (True, "server")
    assert {one["name"] for one in group["members"]["subAttributes"]} >= {"value", "$ref", "type"}


@pytest.mark.parametrize("name", ["emails", "phoneNumbers", "addresses", "ims", "photos"])
def test_types_have_canonical_values(school, name):
    """Entra's validator flattens attributes by the types of their items."""
    subs = {one["name"]: one for one in schema(school, USER)[name]["subAttributes"]}
    assert subs["type"]["canonicalValues"]


def test_our_attributes_are_flat(school):
    """Texts and flags, one of each, so that Entra can map them by their URN."""
    told = schema(school, TRACKONE)
    assert set(told) >= {"sisCode", "userType", "yearLevel", "campus", "lockedOut", "overrideNetworkAuthentication"}
    for one in told.values():
        assert one["type"] in ("string", "boolean")
        assert one["multiValued"] is False
    assert told["roleProvenance"]["mutability"] == "readOnly"


def test_every_attribute_announced_is_kept(school):
    """What /Schemas calls writable comes back from a POST, sub-attributes and all."""
    body = {"schemas": [USER], "userName": "amelia"}
    for urn in (USER, ENTERPRISE):
        target = body if urn == USER else body.setdefault(urn, {})
        for name, one in schema(school, urn).items():
            if one["mutability"] == "readWrite" and name not in ("userName", "active", "id", "schemas", "meta"):
                target[name] = _sample(one)
    answer = school("POST", "/Users", body)
    assert answer.status_code == 201
    told = school("GET", f"/Users/{answer.told['id']}").told
    expected = {name: value for name, value in body.items() if name != "schemas"}
    assert {name: told.get(name) for name in expected} == expected
    for name in expected:
        if not name.startswith("urn:"):
            assert school("GET", f"/Users?filter={name} pr").told["totalResults"] == 1, name


def _sample(attribute):
    """A value of an attribute's kind."""
    if attribute["type"] == "complex":
        writable = [one for one in attribute["subAttributes"] if one["mutability"] != "readOnly"]
        told = {one["name"]: _sample(one) for one in writable}
        return [told] if attribute["multiValued"] else told
    if attribute["type"] == "boolean":
        return True
    return {"reference": "https://x.example/1", "binary": "QQ=="}.get(attribute["type"], f"a {attribute['name']}")
