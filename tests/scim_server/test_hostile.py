"""Requests at the edge of what can be asked: each has an answer that says what is wrong with it."""

import json
from io import BytesIO
from urllib.parse import quote

import pytest

from scim_server.app import create_app
from scim_server.query import LARGEST_BODY
from tests.scim_server.conftest import OpenGate
from tests.scim_server.talk import GROUP, TRACKONE, bulk, found, grouped, made, patch, refused, student, user


def asking(wanted, kind="Users"):
    """The address of a filter."""
    return f"/{kind}?filter={quote(wanted)}"


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_outside_the_calendar_is_no_filter(school, moment):
    """A dateTime that has no moment in UTC is refused like any other that cannot be read."""
    refused(school("GET", asking(f'meta.created gt "{moment}"')), 400, "invalidFilter")


@pytest.mark.parametrize("name", ["location", "version"])
def test_what_is_made_when_a_resource_is_sent_is_not_compared(school, name):
    """A filter on it is refused: it would find nobody, or everybody."""
    made(school)
    for kind, value in (("Users", "User"), ("Groups", "Group")):
        refused(school("GET", asking(f'meta.{name} eq "{value}"', kind)), 400, "invalidFilter")


def test_a_name_is_there_whoever_gave_it(school):
    """`name pr` finds the names of the SIS, of a client, and only one part of a name."""
    school.make(student("amelia", "S1"), student("noah", "S2", given_names="", family_name=""))
    formatted = made(school, "olivia", name={"formatted": "Olivia Jones"})
    assert found(school, "filter=name%20pr") == ["1", formatted]
    assert found(school, "filter=name%20eq%20null") == ["2"]


@pytest.mark.parametrize("group", ["%00", "a%00b", "%ff", "..%2f..%2fetc", "a" * 5_000, "A1", "x'--"])
def test_no_group_has_such_an_id(school, group):
    """What is no id of ours is not looked for."""
    refused(school("GET", f"/Groups/{group}"), 404)
    refused(school("DELETE", f"/Groups/{group}"), 404)
    refused(school("PUT", f"/Groups/{group}", {"schemas": [GROUP], "displayName": "Year 7"}), 404)
    refused(school("PATCH", f"/Groups/{group}", patch({"op": "remove", "path": "members"})), 404)


def test_no_operation_of_a_bulk_breaks_on_a_null_character(school):
    """It is told that there is no such resource."""
    told = school(
        "POST", "/Bulk", bulk(*({"method": "DELETE", "path": f"/{kind}/\0"} for kind in ("Users", "Groups")))
    )
    assert [one["status"] for one in told.told["Operations"]] == ["404", "404"]


def test_long_values_in_any_script_are_kept_whole(school):
    """What is too long to be filtered by is stored and returned all the same."""
    title = "".join(chr(0x4E00 + number * 37 % 20_000) for number in range(9_000))
    mine = made(school, title=title, nickName=title[:600])
    assert school("GET", f"/Users/{mine}").told["title"] == title
    assert found(school, asking(f'nickName eq "{title[:600]}"').partition("?")[2]) == [mine]


def test_a_code_that_is_long_in_plain_letters_is_refused(school):
    """Codes are compared in plain letters, which many signs have words of: the store has a limit for them."""
    signs = "".join(chr(0x1F300 + number * 37 % 800) for number in range(500))
    refused(school("POST", "/Users", user("amelia", **{TRACKONE: {"sisCode": signs}})), 400, "invalidValue")
    assert made(school, "amelia", **{TRACKONE: {"sisCode": signs[:20]}})


def test_a_restored_account_takes_no_code_that_another_has(school):
    """POST of a deleted user with the sisCode of somebody else is a conflict, and nothing is restored."""
    mine = made(school, "amelia", **{TRACKONE: {"sisCode": "S1"}})
    made(school, "noah", **{TRACKONE: {"sisCode": "S2"}})
    assert school("DELETE", f"/Users/{mine}").status_code == 204
    refused(school("POST", "/Users", user("amelia", **{TRACKONE: {"sisCode": "S2"}})), 409, "uniqueness")
    assert school("GET", f"/Users/{mine}").status_code == 404
    assert made(school, "amelia", **{TRACKONE: {"sisCode": "S1"}}) == mine


def test_a_removal_that_names_no_member_removes_none(school):
    """An empty list of members to remove does not empty the group, as leaving the value out does."""
    mine = made(school)
    group = grouped(school, "Year 7", mine)
    for step, left in (
        ({"op": "Remove", "path": "members", "value": []}, 1),
        ({"op": "Remove", "path": "members"}, 0),
    ):
        assert school("PATCH", f"/Groups/{group}", patch(step)).status_code == 204
        assert len(school("GET", f"/Groups/{group}").told.get("members", [])) == left


@pytest.mark.parametrize(("size", "status"), [(LARGEST_BODY, 201), (LARGEST_BODY + 1, 413), (2 * LARGEST_BODY, 413)])
def test_a_body_of_unknown_length_has_the_same_limit(school, size, status):
    """A chunked body that is too large is told so, rather than read in part."""
    body = json.dumps(user("amelia")).encode().ljust(size)
    environ = {"wsgi.input_terminated": True, "CONTENT_TYPE": "application/scim+json", "wsgi.input": BytesIO(body)}
    answer = school.http.post("/scim/v2/Users", environ_overrides=environ)
    assert answer.status_code == status, answer.data[:200]


@pytest.mark.parametrize("host", ['evil"}x', "a b", "a<b>", "a:99999"])
def test_a_host_that_is_none_is_in_no_address(school, host):
    """Where addresses are made of the header Host, one that names no host is refused."""
    made(school)
    client = create_app(school.provision, OpenGate()).test_client()
    answer = client.get("/scim/v2/Users?count=1", headers={"Host": host})
    assert (answer.status_code, answer.json["detail"]) == (400, "the header Host names no host")
