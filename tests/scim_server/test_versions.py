"""Versions: ETag, If-None-Match and If-Match (RFC 7644, section 3.14)."""

import pytest

from tests.scim_server.talk import grouped, made, patch, refused, student, user


@pytest.fixture(params=["Users", "Groups"])
def resource(request, school):
    """The address of a user or of a group, with what changes it."""
    number = made(school)
    if request.param == "Users":
        return f"/Users/{number}", user("amelia", title="Dr"), patch({"op": "add", "path": "title", "value": "Ms"})
    renaming = patch({"op": "replace", "path": "displayName", "value": "Z"})
    return f"/Groups/{grouped(school, 'G', number)}", {"displayName": "H", "members": []}, renaming


def test_a_version_stands_in_meta_and_in_the_header(school, resource):
    """Both are the same, weak, and stay as they are while nothing changes."""
    path, _body, _patch = resource
    first, second = school("GET", path), school("GET", path)
    assert first.headers["ETag"] == first.told["meta"]["version"] == second.headers["ETag"]
    assert first.headers["ETag"].startswith('W/"')


def test_what_has_not_changed_is_not_sent_again(school, resource):
    """If-None-Match with the version, in a list, strong or *, is 304 without a body; with another it is 200."""
    path, body, _patch = resource
    etag = school("GET", path).headers["ETag"]
    for header in (etag, f'"x", {etag}', etag.removeprefix("W/"), "*"):
        answer = school("GET", path, If_None_Match=header)
        assert (answer.status_code, answer.data) == (304, b"")
        assert answer.headers["ETag"] == etag
    assert school("GET", path, If_None_Match='W/"x"').status_code == 200
    school("PUT", path, body)
    assert school("GET", path, If_None_Match=etag).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_write_may_depend_on_the_version(school, resource, method):
    """If-Match with an old version is 412 and does nothing; with the current one the write is done."""
    path, body, change = resource
    old = school("GET", path).headers["ETag"]
    school("PATCH", path, change)
    current = school("GET", path)
    told = {"PUT": body, "PATCH": patch({"op": "add", "path": "externalId", "value": "7"})}.get(method)
    refused(school(method, path, told, If_Match=old), 412)
    assert school("GET", path).told == current.told
    assert school(method, path, told, If_Match=f'"x", {current.headers["ETag"]}').status_code in (200, 204)


def test_any_version_will_do(school, resource):
    """If-Match: * asks only that there is one."""
    path, body, _patch = resource
    assert school("PUT", path, body, If_Match="*").status_code == 200
    refused(school("PUT", "/Users/77", user("x"), If_Match="*"), 404)


def test_what_a_sync_changes_is_another_version(school):
    """A write that depends on what was read before the sync is refused."""
    [number] = school.make(student("asmith", "S1"))
    etag = school("GET", f"/Users/{number}").headers["ETag"]
    school.alter("asmith", family_name="Jones")
    title = patch({"op": "add", "path": "title", "value": "Dr"})
    refused(school("PATCH", f"/Users/{number}", title, If_Match=etag), 412)


def test_every_answer_with_a_user_has_its_version(school):
    """POST, PUT, PATCH and GET."""
    answer = school("POST", "/Users", user("amelia"))
    path = f"/Users/{answer.told['id']}"
    for told in (
        answer,
        school("PUT", path, user("amelia", title="Dr")),
        school("PATCH", path, patch({"op": "add", "path": "title", "value": "Ms"})),
        school("GET", path),
    ):
        assert told.headers["ETag"] == told.told["meta"]["version"]
