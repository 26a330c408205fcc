"""How answers reach the server: HEAD, OPTIONS, answers without a body, and every answer in one part."""

import pytest
from werkzeug.test import EnvironBuilder

from scim_server.app import create_app
from tests.scim_server.talk import made, refused, user


@pytest.mark.parametrize("path", ["/Users", "/Users/{id}", "/Schemas", "/ServiceProviderConfig"])
def test_head_is_get_without_its_body(school, path):
    """The headers are the same, the length of what GET sends among them."""
    address = path.format(id=made(school))
    got, head = (school(method, address) for method in ("GET", "HEAD"))
    assert (head.status_code, head.data) == (200, b"")
    assert dict(head.headers) == dict(got.headers)
    assert int(head.headers["Content-Length"]) == len(got.data)


def test_options_names_the_methods(school):
    """Without asking who wants to know."""
    answer = school.http.options("/scim/v2/Users/1")
    assert answer.status_code == 200
    assert {"GET", "PUT", "PATCH", "DELETE"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize(("method", "status"), [("DELETE", 204), ("GET", 304)])
def test_an_answer_without_a_body_says_nothing_of_one(school, method, status):
    """204 and 304 have neither a type nor a length."""
    one = made(school)
    etag = school("GET", f"/Users/{one}").headers["ETag"]
    answer = school(method, f"/Users/{one}", If_None_Match=etag)
    assert (answer.status_code, answer.data) == (status, b"")
    assert not {"Content-Type", "Content-Length"} & set(answer.headers.keys())


def test_an_answer_is_one_part_in_a_list(school):
    """A WSGI server sends a list at once; anything else it takes part by part, which takes longer than a read."""
    environ = EnvironBuilder(path=f"/scim/v2/Users/{made(school)}").get_environ()
    parts = school.app(environ, lambda _status, _headers: None)
    assert isinstance(parts, list)
    assert [type(part) for part in parts] == [bytes]


@pytest.mark.parametrize("kind", ["Users", "Groups", "Schemas", "ResourceTypes"])
def test_a_slash_at_the_end_of_a_list_changes_nothing(school, kind):
    """The list is read, and what is not for a list is refused as without the slash."""
    plain, slashed = (school("GET", f"/{kind}{end}") for end in ("", "/"))
    assert (slashed.status_code, slashed.told) == (200, plain.told)
    refused(school("DELETE", f"/{kind}/"), 405)


def test_a_body_shorter_than_announced_is_not_acted_upon(school):
    """The connection ended before the request did (RFC 9112, section 8)."""
    builder = EnvironBuilder("/scim/v2/Users", method="POST", json=user("amelia"))
    environ = {**builder.get_environ(), "CONTENT_LENGTH": "999"}
    answers = []
    school.app(environ, lambda status, _headers: answers.append(status[:3]))
    assert answers == ["400"]
    assert school("GET", "/Users").told["totalResults"] == 0


class BrokenGate:
    """Fails as nobody foresaw."""

    def admit(self, environ):
        """Never."""
        raise ZeroDivisionError(environ["PATH_INFO"])


def test_a_failure_that_nobody_foresaw_is_logged_and_told_without_its_detail(school, caplog):
    """The client learns that it failed, the operator why."""
    answer = create_app(school.provision, BrokenGate()).test_client().get("/scim/v2/Users/1")
    answer.told = answer.json
    refused(answer, 500)
    assert "ZeroDivisionError" not in answer.text
    assert (
        caplog.records[0].getMessage(),
        caplog.records[0].exc_info[0].__name__,
    ) == ("a request failed unforeseen: GET /scim/v2/Users/1", "ZeroDivisionError")
