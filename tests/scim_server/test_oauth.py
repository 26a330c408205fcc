"""The OAuth 2.0 token endpoint."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from secrets import token_bytes

import pytest
from flask import Flask

from connector.domain.client import Kind
from connector.services import tokens
from connector.store.open import opened
from connector.store.tokens import SqlClientKeys
from scim_server.limits import Limiter
from scim_server.oauth import OAuth, add_oauth

NOW = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
ACCESS_KEY = b"k" * 32


@pytest.fixture
def keys(tmp_path):
    """The keys of a new store."""
    database = opened(f"sqlite:///{tmp_path / 'trackone.db'}", lambda: NOW)
    return SqlClientKeys(database.engine(pooled=True), database.place)


@pytest.fixture
def issued(keys):
    """A credential that lives for a day."""
    facts = {"client": "entra", "kind": Kind.OAUTH, "scope": "write", "life": timedelta(days=1), "made_by": "root"}
    return tokens.issue(keys, **facts, now=NOW, random=token_bytes)


@pytest.fixture
def http(keys):
    """The endpoint alone."""
    app = Flask("test", static_folder=None)
    add_oauth(app, OAuth(keys, ACCESS_KEY, timedelta(hours=6), Limiter(1, 5, lambda: 0.0), lambda: NOW))
    return app.test_client()


def basic(client_id, secret):
    """An Authorization header."""
    return {"Authorization": f"Basic {b64encode(f'{client_id}:{secret}'.encode()).decode()}"}


GRANT = {"grant_type": "client_credentials"}


def test_credentials_in_the_form_or_the_header_give_a_token(http, keys, issued) -> None:
    """Both ways of RFC 6749, section 2.3.1 answer with a bearer token that lives as long as it says."""
    credentials = {"client_id": issued.key.id, "client_secret": issued.secret}
    for answer in (
        http.post("/oauth/token", data={**GRANT, **credentials}),
        http.post("/oauth/token", data=GRANT, headers=basic(issued.key.id, issued.secret)),
    ):
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        told = answer.get_json()
        assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 21_600, "read write")
        moments = (timedelta(hours=5, minutes=59), timedelta(hours=6))
        found = [tokens.recognise(keys, told["access_token"], ACCESS_KEY, NOW + moment) for moment in moments]
        assert found == [issued.key, None]


@pytest.mark.parametrize(
    ("form", "headers", "status", "error"),
    [
        ({}, {}, 400, "invalid_request"),
        ({"grant_type": "password"}, {}, 400, "unsupported_grant_type"),
        (GRANT, {}, 401, "invalid_client"),
        ({**GRANT, "client_id": "0000000000", "client_secret": "x"}, {}, 401, "invalid_client"),
        (GRANT, basic("0000000000", "x"), 401, "invalid_client"),
        (GRANT, {"Authorization": "Basic ???"}, 401, "invalid_client"),
        (GRANT, {"Authorization": "Bearer x"}, 401, "invalid_client"),
    ],
)
def test_what_gives_no_token(http, form, headers, status, error) -> None:
    """The errors of RFC 6749, section 5.2, as JSON that is not kept."""
    answer = http.post("/oauth/token", data=form, headers=headers)
    assert (answer.status_code, answer.get_json()["error"]) == (status, error)
    assert answer.headers["Cache-Control"] == "no-store"
    assert ("WWW-Authenticate" in answer.headers) is (status == 401)


def test_a_revoked_credential_gives_no_token(http, keys, issued) -> None:
    """Once it has ended nothing comes of it."""
    tokens.revoke(keys, issued.key.id, NOW)
    assert http.post("/oauth/token", data=GRANT, headers=basic(issued.key.id, issued.secret)).status_code == 401


def test_asking_too_often_is_a_429(http, issued) -> None:
    """The endpoint is limited as the others are."""
    answers = [http.post("/oauth/token", data=GRANT, headers=basic(issued.key.id, issued.secret)) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].headers["Retry-After"] == "1"
