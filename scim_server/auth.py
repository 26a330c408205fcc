"""The gate: bearer tokens in, callers out (RFC 6750)."""

import hashlib
import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from connector.domain.client import ClientKey, ClientKeys
from connector.domain.errors import StoreError
from connector.domain.ports import Clock
from connector.services.tokens import recognise
from scim_server.caller import Caller
from scim_server.faults import ScimFault
from scim_server.limits import Limiter

FRESH_SECONDS = 3.0
"""So long a token that was recognised is not looked up again; so soon a revoked one is refused."""

NOTED = timedelta(minutes=1)
"""So often at most the last use of a token is written down."""

MOST_REMEMBERED = 1_000
RETRY_SECONDS = 5
_CHALLENGE = 'Bearer realm="TrackOne SCIM"'


class _Seen(NamedTuple):
    caller: Caller
    key_id: str
    checked: float


class Gate:
    """Lets clients in by their tokens. `access_key` signs access tokens; `monotonic` tells seconds."""

    def __init__(
        self,
        keys: ClientKeys,
        access_key: bytes,
        limiter: Limiter,
        clock: Clock,
        monotonic: Callable[[], float],
    ) -> None:
        self._keys = keys
        self._access_key = access_key
        self._limiter = limiter
        self._clock = clock
        self._monotonic = monotonic
        self._seen: dict[bytes, _Seen] = {}

    def admit(self, environ: Mapping[str, Any]) -> Caller:
        """The caller whose token a request carries, of which this is WSGI's environment.

        Raises ScimFault 401, 429, and 503 without a store to ask.
        """
        scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise _refused("a bearer token is needed: Authorization: Bearer TOKEN")
        mark = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        seen, now = self._seen.get(mark), self._monotonic()
        if seen is None or now - seen.checked > FRESH_SECONDS:
            seen = self._recognised(token, mark, now)
        wait = self._limiter.wait(seen.key_id)
        if wait:
            seconds = str(math.ceil(wait))
            raise ScimFault(429, f"too many requests: go on in {seconds} s", headers={"Retry-After": seconds})
        return seen.caller

    def _recognised(self, token: str, mark: bytes, now: float) -> _Seen:
        moment = self._clock()
        try:
            key = recognise(self._keys, token, self._access_key, moment)
            if key is not None:
                self._note(key, moment)
        except StoreError as error:
            detail = "tokens cannot be checked just now; try again"
            raise ScimFault(503, detail, headers={"Retry-After": str(RETRY_SECONDS)}) from error
        self._seen.pop(mark, None)
        if key is None:
            raise _refused("the token is not valid, has expired or was revoked", ', error="invalid_token"')
        if len(self._seen) >= MOST_REMEMBERED:
            self._seen.clear()
        seen = _Seen(Caller(key.client, key.id, key.scopes), key.id, now)
        self._seen[mark] = seen
        return seen

    def _note(self, key: ClientKey, now: datetime) -> None:
        if key.last_used is None or now - key.last_used >= NOTED:
            self._keys.note_use(key.id, now)


def _refused(detail: str, more: str = "") -> ScimFault:
    return ScimFault(401, detail, headers={"WWW-Authenticate": f"{_CHALLENGE}{more}"})
