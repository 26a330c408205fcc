"""Refusals, each in the shape of RFC 7644, section 3.12, and bodies that mean no good."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.scim_server.conftest import School
from tests.scim_server.talk import ENTERPRISE, TRACKONE, bulk, found, made, patch, refused, user


def raw(school, data, path="/Users", method="POST", content_type="application/scim+json"):
    """A request with a body that need not be JSON."""
    answer = school.http.open(f"/scim/v2{path}", method=method, data=data, content_type=content_type)
    answer.told = json.loads(answer.data) if answer.data else None
    return answer


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/Nothing", 404),
        ("GET", "/Users/1/2", 404),
        ("GET", "/Users/77", 404),
        ("GET", "/Users/nobody", 404),
        ("GET", "/Users/0", 404),
        ("GET", "/Users/-1", 404),
        ("GET", "/Users/9999999999999999999999", 404),
        ("GET", "/Users/\u0661", 404),
        ("GET", "/Groups/nothing", 404),
        ("PUT", "/Users", 405),
        ("PATCH", "/Users", 405),
        ("DELETE", "/Users", 405),
        ("POST", "/Users/1", 405),
        ("DELETE", "/Groups", 405),
        ("GET", "/Bulk", 405),
        ("GET", "/Users/.search", 404),
        ("PUT", "/Users/.search", 404),
        ("POST", "/Schemas", 405),
        ("DELETE", "/ServiceProviderConfig", 405),
        ("PATCH", "/ResourceTypes/User", 405),
        ("GET", "/Me", 501),
        ("POST", "/Me", 501),
        ("PUT", "/Me", 501),
        ("PATCH", "/Me", 501),
        ("DELETE", "/Me", 501),
        ("GET", "/Users?filter=nothing", 400),
        ("GET", "/Schemas?filter=id pr", 403),
        ("GET", "/ResourceTypes?FILTER=id pr", 403),
        ("GET", "/ServiceProviderConfig?filter=patch pr", 403),
    ],
)
def test_every_refusal_is_an_error_message(school, method, path, status):
    """Unknown addresses and wrong methods too are answered in JSON; 405 says which methods there are."""
    body = user("x") if method in ("POST", "PUT", "PATCH") else None
    answer = school(method, path, body)
    refused(answer, status, {"/Users?filter=nothing": "invalidFilter"}.get(path))
    assert ("Allow" in answer.headers) is (status == 405)


@pytest.mark.parametrize("path", ["/Users", "/Groups", "/Bulk", "/.search", "/Users/.search"])
@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", None])
def test_another_content_type_is_415(school, path, content_type):
    """Only the two JSON types are taken."""
    refused(raw(school, b"{}", path, content_type=content_type), 415)


DEEP = 1_500
HOSTILE = [
    b"",
    b"{",
    b"nonsense",
    b"[]",
    b'"text"',
    b"5",
    b"null",
    b"\xff\xfe\x00",
    b'{"userName": "\xed\xa0\x80"}',
    b'{"userName": "a\\ud800b"}',
    b'{"userName": "x", "title": "\\udfff"}',
    b'{"x\\ud800": 1, "userName": "x"}',
    b'{"userName": NaN}',
    b'{"userName": "x", "n": Infinity}',
    b'{"userName": "x", "n": ' + b"9" * 5_000 + b"}",
    b'{"userName": "x", "n": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    b'{"userName": "x", "n": ' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}",
    b"[" * 100_000,
    b'{"userName": "x", "n": ' + b"[" * 60 + b"]" * 60 + b"}",
    '{"userName": "x"}'.encode("utf-16"),
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("path", ["/Users", "/Groups", "/Bulk", "/.search"])
def test_a_body_that_is_no_message_is_400(school, data, path):
    """Broken, deep, endless or half a character: 400 invalidSyntax, and nothing is written."""
    refused(raw(school, data, path), 400, "invalidSyntax")
    assert found(school, "") == []


@pytest.mark.parametrize(
    "attributes",
    [
        {"userName": None},
        {"userName": ""},
        {"userName": " \t "},
        {"userName": " amelia"},
        {"userName": "a\u0000b"},
        {"userName": "a\nb"},
        {"userName": "a\u200bb"},
        {"userName": "x" * 10_000},
        {"userName": 5},
        {"userName": ["x"]},
        {"userName": {"value": "x"}},
        {"userName": True},
        {"title": "a\u0000b"},
        {"title": "\u0001/Users/1"},
        {"title": "x" * 10_001},
        {"title": 1e400},
        {"externalId": 5},
        {"externalId": "x" * 1_000},
        {"name": "Amelia"},
        {"name": {"familyName": 5}},
        {"name": {"familyName": "a\u0000"}},
        {"active": "yes"},
        {"active": 1},
        {"active": {}},
        {"emails": "nothing\u0000"},
        {"emails": [["x"]]},
        {"emails": [{"primary": "maybe", "value": "x"}]},
        {"emails": {"value": 5}},
        {"roles": '[{"value": "\\ud800"}]'},
        {"roles": "[" * 60 + "]" * 60},
        {"password": 12345678},
        {ENTERPRISE: "x"},
        {ENTERPRISE: {"manager": [[]]}},
        {TRACKONE: []},
        {TRACKONE: {"userType": "System"}},
        {TRACKONE: {"lockedOut": "x"}},
        {TRACKONE: {"yearLevel": 7}},
    ],
    ids=str,
)
def test_a_value_that_cannot_be_is_refused(school, attributes):
    """Values are stored as they were sent or refused: 400 on POST, PUT and PATCH, and nothing changes."""
    number = made(school, "before")
    before = school("GET", f"/Users/{number}").told
    body = {**user("x"), **attributes}
    attributes = {key: value for key, value in attributes.items() if value not in ({}, [], "")}
    for method, path, told in [
        ("POST", "/Users", body),
        ("PUT", f"/Users/{number}", body),
        ("PATCH", f"/Users/{number}", patch({"op": "replace", "value": attributes})),
    ]:
        answer = school(method, path, told)
        if answer.status_code == 200 and method == "PATCH":
            assert not attributes
            continue
        assert answer.status_code == 400, (method, answer.told)
        assert answer.told["scimType"] in ("invalidValue", "invalidSyntax")
    assert school("GET", f"/Users/{number}").told == before
    assert found(school, "") == [number]


@pytest.mark.parametrize(
    "name",
    [
        "x" * 10_000,
        "𝒜" * 5_000,
        'quo"te',
        "back\\slash",
        "<b>",
        "Zoë",
        "李 小龙",
        "a\u0301",
        "'; DROP TABLE accounts; --",
    ],
)
def test_a_strange_name_is_kept_as_it_is(school, name):
    """A value that can be kept comes back as it was sent."""
    number = made(school, "amelia", name={"familyName": name}, displayName=name, title=name)
    told = school("GET", f"/Users/{number}").told
    assert told["name"]["familyName"] == told["displayName"] == told["title"] == name


def test_the_last_of_two_equal_keys_counts(school):
    """A key that stands twice in a body is what it is said to be last."""
    answer = raw(school, b'{"userName": "first", "userName": "last"}')
    assert (answer.status_code, answer.told["userName"]) == (201, "last")


def test_what_no_schema_knows_is_left_out(school):
    """Unknown attributes and schemas are neither refused nor echoed."""
    body = user("amelia", nothing=1, **{"urn:x:y:z": {"a": 1}})
    body["schemas"] += ["urn:x:y:z"]
    told = school("POST", "/Users", body).told
    assert "nothing" not in told
    assert "urn:x:y:z" not in json.dumps(told)


def test_a_body_beyond_the_limit_is_413(school):
    """More bytes than announced are 413, not a broken JSON."""
    most = school("GET", "/ServiceProviderConfig").told["bulk"]["maxPayloadSize"]
    for path in ("/Users", "/Bulk"):
        refused(raw(school, b'{"userName": "x", "t": "' + b"x" * most + b'"}', path), 413, "tooLarge")


@pytest.mark.parametrize("value", ["x", "1.5", "", "1e3", "9" * 400, "-5", "\u0661", "1_0", " 3 ", "true"])
@pytest.mark.parametrize("name", ["count", "startIndex"])
def test_numbers_that_are_none(school, name, value):
    """Whole numbers of any size are taken, anything else is 400."""
    answer = school("GET", f"/Users?{name}={value}")
    whole = value.strip().lstrip("-").isdecimal() and value.isascii() and "_" not in value
    assert answer.status_code == (200 if whole or not value else 400)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        *(
            "schemas",
            "userName",
            "id",
            "externalId",
            "active",
            "name",
            "emails",
            "roles",
            "groups",
            "meta",
            "password",
        ),
        *("displayName", "members", "Operations", "op", "path", "value", "method", "bulkId", "data", "failOnErrors"),
        *("filter", "attributes", "excludedAttributes", "count", "startIndex", "cursor", "sortBy", "sortOrder"),
        *(ENTERPRISE, TRACKONE, "manager", "addresses", "x509Certificates", "title"),
    ]
)
MESSAGES = st.dictionaries(
    KEYS,
    JSON | st.dictionaries(KEYS, JSON, max_size=3) | st.lists(st.dictionaries(KEYS, JSON, max_size=3), max_size=2),
    max_size=5,
)
PLACES = st.sampled_from(
    [
        *(("POST", "/Users"), ("PUT", "/Users/1"), ("PATCH", "/Users/1"), ("POST", "/Groups"), ("PUT", "/Groups/{}")),
        *(("PATCH", "/Groups/{}"), ("POST", "/Bulk"), ("POST", "/.search"), ("POST", "/Users/.search")),
        ("POST", "/Groups/.search"),
    ]
)


@pytest.fixture(scope="module")
def battered(tmp_path_factory):
    """A school that stands all requests of this module's fuzz."""
    school = School(tmp_path_factory.mktemp("fuzz"))
    number = made(school)
    school.group = school("POST", "/Groups", {"displayName": "G", "members": [{"value": number}]}).told["id"]
    return school


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PLACES, MESSAGES)
def test_no_message_is_too_strange(battered, place, message):
    """Whatever JSON comes to whatever address is done or refused, never a failure of ours."""
    method, path = place
    answer = raw(battered, json.dumps(message), path.format(battered.group), method)
    assert answer.status_code < 500 or answer.status_code == 501, (place, message, answer.told)
    if path == "/Bulk" and answer.status_code == 200:
        assert all(int(one["status"]) < 500 for one in answer.told["Operations"])


OPERATIONS = st.fixed_dictionaries(
    {},
    optional={
        "op": st.sampled_from(["add", "replace", "remove", "Add"]) | JSON,
        "path": st.sampled_from(
            [
                *(
                    "userName",
                    "name",
                    "name.givenName",
                    "emails",
                    'emails[type eq "work"].value',
                    "emails.value",
                    "members",
                ),
                *(
                    'members[value eq "1"]',
                    "displayName",
                    "roles",
                    "active",
                    f"{ENTERPRISE}:manager",
                    TRACKONE,
                    ENTERPRISE,
                ),
                *(f"{TRACKONE}:sisCode", "emails[not (type pr)]", "emails[type eq", "addresses", "schemas", "meta"),
                *('addresses[type eq "work"].locality', "password", "x509Certificates", "groups", "externalId"),
            ]
        )
        | st.text(max_size=12),
        "value": JSON | MESSAGES,
    },
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["/Users/1", "/Groups/{}"]), st.lists(OPERATIONS, max_size=3))
def test_no_operation_is_too_strange(battered, path, operations):
    """Whatever a PATCH says is done or refused, and what is done reads as the answer says."""
    path = path.format(battered.group)
    answer = raw(battered, json.dumps(patch(*operations)), path, "PATCH")
    assert answer.status_code in (200, 204, 400, 409), (operations, answer.told)
    after = battered("GET", path)
    assert after.status_code == 200
    if answer.status_code == 200:
        assert answer.told == after.told
    assert battered("PUT", path, after.told).told == after.told


def test_a_bulk_of_strange_references_is_answered(school):
    """References in odd places do no harm."""
    operation = {
        "method": "POST",
        "path": "/Users/bulkId:q",
        "bulkId": "q",
        "data": {"bulkId:q": ["bulkId:", "bulkId:q"]},
    }
    told = school("POST", "/Bulk", bulk(operation)).told
    assert int(told["Operations"][0]["status"]) < 500
