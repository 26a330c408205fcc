"""Bulk requests (RFC 7644, section 3.7)."""

import pytest

from tests.scim_server.talk import GROUP, bulk, found, grouped, made, patch, refused, user


def post_user(bulk_id, name="amelia", **attributes):
    """Make a user."""
    return {"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": user(name, **attributes)}


def post_group(bulk_id, name, *members):
    """Make a group."""
    data = {"displayName": name, "members": [{"value": one} for one in members]}
    return {"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data}


def statuses(answer):
    """The statuses of the operations, by bulkId or method."""
    assert answer.status_code == 200, answer.told
    return {one.get("bulkId", one["method"]): one["status"] for one in answer.told["Operations"]}


def test_operations_are_done_and_told(school):
    """Each with its status as a text, the address and the version of what it made or changed."""
    first, second = made(school, "first"), made(school, "second")
    answer = school(
        "POST",
        "/Bulk",
        bulk(
            post_user("q", "third"),
            {"method": "PUT", "path": f"/Users/{first}", "data": user("first", title="Dr")},
            {
                "method": "patch",
                "path": f"/Users/{first}",
                "data": patch({"op": "add", "path": "nickName", "value": "F"}),
            },
            {"method": "DELETE", "path": f"/Users/{second}"},
        ),
    )
    told = answer.told["Operations"]
    assert [one["status"] for one in told] == ["201", "200", "200", "204"]
    third = told[0]["location"].rpartition("/")[2]
    assert told[0]["bulkId"] == "q"
    assert told[0]["version"] == school("GET", f"/Users/{third}").headers["ETag"]
    assert told[1]["location"] == school("GET", f"/Users/{first}").told["meta"]["location"]
    assert (school("GET", f"/Users/{first}").told["nickName"], found(school, "")) == ("F", [first, third])


@pytest.mark.parametrize("group_first", [False, True])
def test_a_group_refers_to_users_of_the_same_bulk(school, group_first):
    """bulkId:... stands for the id of what another operation makes, whichever comes first."""
    operations = [post_user("q", "a"), post_user("r", "b"), post_group("g", "G", "bulkId:q", "bulkId:r")]
    answer = school("POST", "/Bulk", bulk(*(operations[::-1] if group_first else operations)))
    assert set(statuses(answer).values()) == {"201"}
    [group] = found(school, "", "Groups")
    members = [one["value"] for one in school("GET", f"/Groups/{group}").told["members"]]
    assert members == found(school, "")


def test_a_path_refers_too(school):
    """What was made is changed in the same bulk."""
    change = {
        "method": "PATCH",
        "path": "/Users/bulkId:q",
        "data": patch({"op": "add", "path": "title", "value": "Dr"}),
    }
    answer = school("POST", "/Bulk", bulk(change, post_user("q")))
    assert set(statuses(answer).values()) == {"201", "200"}
    [number] = found(school, "")
    assert school("GET", f"/Users/{number}").told["title"] == "Dr"


def test_ids_that_begin_alike_are_told_apart(school):
    """bulkId:1 is not the beginning of bulkId:10."""
    operations = [post_user(str(number), f"u{number:02}") for number in range(1, 12)]
    answer = school("POST", "/Bulk", bulk(*operations, post_group("g", "G", "bulkId:1", "bulkId:11", "bulkId:10")))
    assert set(statuses(answer).values()) == {"201"}
    [group] = found(school, "", "Groups")
    names = {one["id"]: one["userName"] for one in school("GET", "/Users").told["Resources"]}
    members = school("GET", f"/Groups/{group}").told["members"]
    assert sorted(names[one["value"]] for one in members) == ["u01", "u10", "u11"]


def test_operations_that_wait_for_each_other_fail(school):
    """A circle is 409 for its operations; what does not belong to it is done."""
    answer = school(
        "POST", "/Bulk", bulk(post_group("a", "A", "bulkId:b"), post_group("b", "B", "bulkId:a"), post_user("q"))
    )
    assert statuses(answer) == {"q": "201", "a": "409", "b": "409"}
    assert found(school, "", "Groups") == []


@pytest.mark.parametrize(
    "operation",
    [
        post_group("g", "G", "bulkId:nothing"),
        {"method": "PATCH", "path": "/Users/bulkId:nothing", "data": patch()},
        {"method": "DELETE", "path": "/Groups/bulkId:nothing"},
    ],
)
def test_a_reference_to_nothing_fails(school, operation):
    """What was not made cannot be referred to."""
    assert list(statuses(school("POST", "/Bulk", bulk(operation))).values()) == ["409"]


def test_a_reference_to_what_failed_fails(school):
    """A user that could not be made gives no member."""
    made(school)
    answer = school("POST", "/Bulk", bulk(post_user("q"), post_group("g", "G", "bulkId:q")))
    assert statuses(answer) == {"q": "409", "g": "409"}
    told = answer.told["Operations"][0]
    assert told["response"]["scimType"] == "uniqueness"
    assert "location" not in told


@pytest.mark.parametrize(("most", "done"), [(None, 5), (1, 2), (2, 4), (9, 5)])
def test_it_stops_after_so_many_failures(school, most, done):
    """failOnErrors counts failures; what was done before stays done."""
    made(school)
    more = {"failOnErrors": most} if most is not None else {}
    names = ["a", "amelia", "b", "amelia", "c"]
    answer = school("POST", "/Bulk", bulk(*(post_user(str(n), name) for n, name in enumerate(names)), **more))
    assert len(answer.told["Operations"]) == done
    assert len(found(school, "")) == 1 + sum(name != "amelia" for name in names[:done])


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        ({"method": "GET", "path": "/Users"}, "400"),
        ({"method": "POST", "path": "/Users", "data": user("x")}, "400"),
        ({"method": "POST", "path": "/Users", "bulkId": "q"}, "400"),
        ({"method": "POST", "path": "/Users", "bulkId": "q", "data": []}, "400"),
        ({"method": "POST", "path": "/Users", "bulkId": "q", "data": {"title": "x"}}, "400"),
        ({"method": "POST", "path": "/Users/1", "bulkId": "q", "data": user("x")}, "405"),
        ({"method": "DELETE", "path": "/Users"}, "405"),
        ({"method": "DELETE", "path": "/Users/77"}, "404"),
        ({"method": "DELETE", "path": "/Nothing/1"}, "404"),
        ({"method": "DELETE", "path": "/Users/1/2"}, "404"),
        ({"method": "DELETE", "path": ""}, "404"),
        ({"method": "DELETE", "path": {"x": 1}}, "404"),
        ({"method": 5, "path": "/Users/1"}, "400"),
        ({}, "400"),
        ("DELETE", "400"),
        (None, "400"),
        ([], "400"),
    ],
)
def test_a_bad_operation_fails_alone(school, operation, status):
    """Its status and Error stand in its place, and the next is done."""
    told = school("POST", "/Bulk", bulk(operation, post_user("last"))).told["Operations"]
    assert [one["status"] for one in told] == [status, "201"]
    assert told[0]["response"]["status"] == status


def test_a_version_is_a_condition(school):
    """The version of an operation is its If-Match; one that is no text is refused."""
    number = made(school)
    path, etag = f"/Users/{number}", school("GET", f"/Users/{number}").headers["ETag"]
    for version, status in (('W/"other"', "412"), (5, "400"), (etag, "200")):
        data = patch({"op": "add", "path": "title", "value": "Dr"})
        told = school("POST", "/Bulk", bulk({"method": "PATCH", "path": path, "version": version, "data": data}))
        assert told.told["Operations"][0]["status"] == status


@pytest.mark.parametrize(
    "body",
    [
        {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [post_user("q")]},
        bulk(),
        {"Operations": {}},
        {"Operations": "x"},
        {},
        bulk(post_user("q"), failOnErrors="x"),
        bulk(post_user("q"), failOnErrors=0),
        bulk(post_user("q"), failOnErrors=True),
    ],
)
def test_a_bad_request_is_refused_whole(school, body):
    """A message that is no bulk request is 400, and nothing is done."""
    assert school("POST", "/Bulk", body).status_code == 400
    assert found(school, "") == []


def test_too_many_operations_are_refused_whole(school):
    """More than announced is 413."""
    most = school("GET", "/ServiceProviderConfig").told["bulk"]["maxOperations"]
    refused(
        school("POST", "/Bulk", bulk(*({"method": "DELETE", "path": "/Users/1"} for _ in range(most + 1)))),
        413,
        "tooLarge",
    )
    assert (
        school("POST", "/Bulk", bulk(*({"method": "DELETE", "path": "/Users/1"} for _ in range(most)))).status_code
        == 200
    )


def test_a_reading_token_changes_nothing(school):
    """Without the scope write each operation is 403."""
    number = made(school)
    group = grouped(school, "G", number)
    operations = [post_user("q", "new"), {"method": "DELETE", "path": f"/Groups/{group}"}]
    assert set(statuses(school("POST", "/Bulk", bulk(*operations), Scopes="read")).values()) == {"403"}


def test_what_waits_for_another_is_done_right_behind_it(school):
    """An operation that refers to a later one is done as soon as it can be: before what failOnErrors ends."""
    group = {"schemas": [GROUP], "displayName": "Year 7", "members": [{"value": "bulkId:pupil"}]}
    told = school(
        "POST",
        "/Bulk",
        bulk(
            {"method": "POST", "path": "/Groups", "bulkId": "group", "data": group},
            {"method": "POST", "path": "/Users", "bulkId": "pupil", "data": user("amelia")},
            {"method": "DELETE", "path": "/Users/999999"},
            {"method": "POST", "path": "/Users", "bulkId": "late", "data": user("noah")},
            failOnErrors=1,
        ),
    ).told
    done = [(one.get("bulkId"), one["status"]) for one in told["Operations"]]
    assert done == [("pupil", "201"), ("group", "201"), (None, "404")]
