"""How requests to a OneRoster service are signed: OAuth 1.0a, OAuth 2 client credentials, or a fixed token."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from requests import PreparedRequest
from requests.auth import AuthBase
from requests_oauthlib import OAuth1

from connector.domain.errors import ConfigError
from connector.settings.values import SisConnection
from connector.wire import is_token

SCOPES: Mapping[str, tuple[str, ...]] = {
    "1.1": ("https://purl.imsglobal.org/spec/or/v1p1/scope/roster-core.readonly",),
    "1.2": (
        "https://purl.imsglobal.org/spec/or/v1p2/scope/roster-core.readonly",
        "https://purl.imsglobal.org/spec/or/v1p2/scope/roster.readonly",
    ),
}
"""The scopes of the standard that let a client read the roster."""

_EARLY = 60.0
"""How many seconds before its end a token is no longer used."""

_UNSTATED = 3600.0
_OAUTH1 = {"oauth1-sha1": "HMAC-SHA1", "oauth1-sha256": "HMAC-SHA256"}

Monotonic = Callable[[], float]
Ask = Callable[[str, Mapping[str, str], tuple[str, str]], Mapping[str, object]]
"""Posts a form to an address with a client's name and secret, and gives the JSON object it answers."""


class Signer(Protocol):
    """One way of signing in."""

    def auth(self) -> AuthBase:
        """What signs the next request."""

    def renew(self) -> bool:
        """After a 401: whether there is something new to sign with."""


class Bearer(AuthBase):
    """A token in the Authorization header (RFC 6750, section 2.1)."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign the request."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same signature method all along: OAuth 1.0a (RFC 5849), a new nonce each time, or a fixed token."""

    method: AuthBase

    def auth(self) -> AuthBase:
        """What signs the next request."""
        return self.method

    def renew(self) -> bool:
        """Nothing new."""
        return False


@dataclass(slots=True)
class ClientCredentials:
    """OAuth 2 client credentials (RFC 6749, section 4.4); a token is used until shortly before its end."""

    connection: SisConnection
    secret: str
    ask: Ask
    monotonic: Monotonic
    _token: str = ""
    _until: float = 0.0

    def auth(self) -> AuthBase:
        """A token that still holds. Raises SourceError where none is given."""
        if not self._token or self.monotonic() >= self._until:
            self._fetch()
        return Bearer(self._token)

    def renew(self) -> bool:
        """The token is thrown away; the next request fetches another."""
        self._token = ""
        return True

    def _fetch(self) -> None:
        scopes = self.connection.scopes or SCOPES[self.connection.version]
        form = {"grant_type": "client_credentials", "scope": " ".join(scopes)}
        answer = self.ask(self.connection.token_url, form, (self.connection.client_id, self.secret))
        lasts = answer.get("expires_in")
        seconds = float(lasts) if isinstance(lasts, int | float) and lasts > 0 else _UNSTATED
        self._token = str(answer["access_token"])
        self._until = self.monotonic() + max(seconds - _EARLY, seconds / 2)


def signer_of(connection: SisConnection, secret: str, ask: Ask, monotonic: Monotonic) -> Signer:
    """The signer that [sis.connection] asks for. Raises ConfigError for a fixed token that is none."""
    if connection.auth == "bearer":
        if not is_token(secret):
            raise ConfigError(
                "the token of [sis.connection] holds signs that no token has, or nothing at all",
                hint="Copy it again, without quotes or line ends, to where [sis.connection] token says.",
            )
        return Fixed(Bearer(secret))
    if connection.auth in _OAUTH1:
        method = OAuth1(connection.client_id, secret, signature_method=_OAUTH1[connection.auth])
        return Fixed(method)
    return ClientCredentials(connection, secret, ask, monotonic)
