"""The SCIM page: tokens made, shown once and ended, and what clients did."""

import re

import pytest

from connector.bootstrap import build_client_keys
from connector.services.tokens import recognise


def page_of(visit):
    """The page."""
    return visit.open("/scim-clients")


def make(visit, **change):
    """Make a token; returns its text as the page shows it."""
    page_of(visit)
    visit.send("/scim-clients/token", {"client": "entra", **change})
    found = re.search(r'value="(t1_[^"]+)"', visit.text)
    return found[1] if found else ""


def test_a_token_is_shown_once_and_lets_its_client_in(office, operator):
    """The secret stands on the page that made it, on no page after, and is recognised with its scope."""
    token = make(operator, scope="read", days="90")
    room = office.room
    key = recognise(build_client_keys(room.school.settings, room.clock), token, b"", room.clock())
    assert (key.client, key.scope, key.made_by) == ("entra", "read", "Jo Lee")
    assert (key.expires - key.made).days == 90
    assert token not in page_of(operator).text
    assert key.id in operator.words


def test_oauth_credentials_have_an_id_a_secret_and_an_endpoint(operator):
    """The other kind of key shows what a client's screen asks for."""
    make(operator, kind="oauth")
    assert "Client secret" in operator.words
    assert "/oauth/token" in operator.words


def test_a_third_live_token_is_refused_with_the_next_step(operator):
    """A client has two live tokens at most; the page says how to go on and keeps the name that was typed."""
    make(operator)
    make(operator)
    assert make(operator) == ""
    assert operator.page.status_code == 400
    assert "2 live tokens" in operator.words
    assert 'value="entra"' in operator.text


def test_a_revoked_token_lets_nobody_in(office, operator):
    """Ending a token on the page ends it."""
    token = make(operator)
    page_of(operator)
    key_id = token.split("_")[1]
    operator.send(f"/scim-clients/token/{key_id}/revoke")
    room = office.room
    assert recognise(build_client_keys(room.school.settings, room.clock), token, b"", room.clock()) is None
    assert "Revoked" in operator.words


@pytest.mark.parametrize("path", ["/scim-clients/token", "/scim-clients/token/abc/revoke"])
def test_a_viewer_makes_and_ends_nothing(office, operator, path):
    """Forms of operators are refused from viewers, and not shown to them."""
    viewer = office.viewer(operator)
    page_of(viewer)
    assert "Make the token" not in viewer.words
    token = re.search(r'name="form_token" value="([^"]+)"', viewer.text)[1]
    answer = viewer.client.post(path, base_url="http://127.0.0.1:8081", data={"form_token": token, "client": "x"})
    assert answer.status_code == 403


def test_the_audit_names_the_token_and_never_its_secret(operator):
    """Who made which token is in the audit; the secret is not."""
    token = make(operator)
    operator.open("/audit")
    assert "token create" in operator.words
    assert token.split("_")[2] not in operator.text
