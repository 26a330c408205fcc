"""The OAuth 2.0 token endpoint: client credentials in, an access token of some hours out (RFC 6749, section 4.4)."""

import json
import math
from base64 import b64decode
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import unquote_plus

from flask import Flask, Request, Response, request

from connector.domain.client import ClientKeys
from connector.domain.errors import StoreError
from connector.domain.ports import Clock
from connector.services.tokens import access_token, recognise_client
from scim_server.auth import RETRY_SECONDS
from scim_server.limits import Limiter

ADDRESS = "/oauth/token"
GRANT = "client_credentials"


class OAuth(NamedTuple):
    """What the endpoint works with: where credentials are, what signs, how long an access token lives."""

    keys: ClientKeys
    access_key: bytes
    life: timedelta
    limiter: Limiter
    clock: Clock


def add_oauth(app: Flask, oauth: OAuth) -> None:
    """Add the endpoint to an application."""
    app.add_url_rule(ADDRESS, "oauth", lambda: _answer(oauth, request), methods=["POST"])


def _answer(oauth: OAuth, asked: Request) -> Response:
    if asked.form.get("grant_type") != GRANT:
        missing = "grant_type" not in asked.form
        code = "invalid_request" if missing else "unsupported_grant_type"
        return _told(400, {"error": code, "error_description": f"grant_type is {GRANT}"})
    basic = asked.headers.get("Authorization", "")
    client_id, secret = (
        _basic(basic) if basic else (asked.form.get("client_id", ""), asked.form.get("client_secret", ""))
    )
    try:
        key = recognise_client(oauth.keys, client_id, secret, oauth.clock()) if client_id.isprintable() else None
    except StoreError:
        return _told(503, {"error": "temporarily_unavailable"}, {"Retry-After": str(RETRY_SECONDS)})
    if key is None:
        words = "the client credentials are not valid, have expired or were revoked"
        challenge = {"WWW-Authenticate": 'Basic realm="TrackOne SCIM"'}
        return _told(401, {"error": "invalid_client", "error_description": words}, challenge)
    wait = oauth.limiter.wait(key.id)
    if wait:
        return _told(429, {"error": "temporarily_unavailable"}, {"Retry-After": str(math.ceil(wait))})
    now = oauth.clock()
    life = min(oauth.life, key.expires - now)
    told = {
        "access_token": access_token(key, life, oauth.access_key, now),
        "token_type": "Bearer",
        "expires_in": int(life.total_seconds()),
        "scope": " ".join(sorted(key.scopes)),
    }
    return _told(200, told)


def _basic(header: str) -> tuple[str, str]:
    """Id and secret of an Authorization header, each encoded as in a form (RFC 6749, section 2.3.1)."""
    scheme, _, told = header.strip().partition(" ")
    try:
        client_id, _, secret = b64decode(told, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return (unquote_plus(client_id), unquote_plus(secret)) if scheme.lower() == "basic" else ("", "")


def _told(status: int, body: dict[str, object], headers: dict[str, str] | None = None) -> Response:
    """A JSON answer that nobody may keep (RFC 6749, section 5)."""
    kept = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    return Response(json.dumps(body), status, {**kept, **(headers or {})}, content_type="application/json")
