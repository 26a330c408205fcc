"""The keys of SCIM clients: made and shown once, recognised, ended.

A key's secret is 32 random bytes, so its SHA-256 cannot be guessed and needs no slow hash.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from connector.domain.client import SCOPES, ClientKey, ClientKeys, Kind
from connector.domain.errors import ConfigError, OperationError
from connector.domain.ports import RunRequest, Store
from connector.domain.scim import ACCEPTED

MOST_LIVE = 2
"""So many live keys of a kind a client has: the one in use, and the one that is to replace it."""

SECRET_BYTES = 32
ID_BYTES = 5
LONGEST_LIFE = timedelta(days=3 * 366)
SHORTEST_ACCESS, LONGEST_ACCESS = timedelta(hours=1), timedelta(hours=6)

_NAME = re.compile(r"\w[\w .-]{0,62}\w|\w")
_MARK = "t1"
_ACCESS_MARK = "t1a"
_DOMAIN = b"trackone scim access token\n"

Random = Callable[[int], bytes]
"""So many bytes nobody can guess."""


class Issued(NamedTuple):
    """A new key with its secret, which is shown now and never again."""

    key: ClientKey
    secret: str

    @property
    def token(self) -> str:
        """What a client sends behind `Bearer`: the id and the secret."""
        return f"{_MARK}_{self.key.id}_{self.secret}"


def issue(
    keys: ClientKeys,
    *,
    client: str,
    kind: Kind,
    scope: str,
    life: timedelta,
    made_by: str,
    now: datetime,
    random: Random,
) -> Issued:
    """Make a key. Raises ConfigError for words that make none, OperationError where the client has two already."""
    _require_name(keys, client)
    if scope not in SCOPES:
        raise ConfigError(f"{scope}: no scope", hint=f"Write one of {', '.join(SCOPES)}.")
    if not timedelta(0) < life <= LONGEST_LIFE:
        raise ConfigError("a key lives from a second to three years", hint="Write --expires 365d.")
    secret = urlsafe_b64encode(random(SECRET_BYTES)).decode().rstrip("=")
    key = ClientKey(random(ID_BYTES).hex(), client, kind, digest_of(secret), scope, now, made_by, now + life)
    if not keys.add(key, MOST_LIVE):
        what = "OAuth credentials" if kind is Kind.OAUTH else "tokens"
        raise OperationError(
            f"{client} has {MOST_LIVE} live {what}: one in use and one to replace it",
            hint="See them: trackone token list. End one: trackone token revoke ID",
        )
    return Issued(key, secret)


def revoke(keys: ClientKeys, key_id: str, now: datetime) -> ClientKey:
    """End a key at once; the access tokens that came of it end with it. Raises OperationError."""
    key = keys.key(key_id)
    if key is None:
        raise OperationError(f"there is no token {key_id}", hint="See them: trackone token list")
    if not keys.revoke(key_id, now):
        raise OperationError(f"{key_id} of {key.client} was revoked before", hint="See them: trackone token list")
    return key


def accept(keys: ClientKeys, store: Store, client: str, *, origin: str, actor: str, now: datetime) -> int:
    """Let a client that the guard holds back go on: its deactivations are counted anew from now.

    The number of the run that records who accepted it. Raises OperationError for a client there is not.
    """
    require_client(keys, client)
    with store.run(RunRequest("token accept", origin, actor)) as run:
        run.set_state(f"{ACCEPTED}{client}", now.isoformat())
        run.close({}, {"client": client}, ("scim-deactivations",))
        return run.number


def require_client(keys: ClientKeys, client: str) -> None:
    """Raise OperationError for a client that never had a key."""
    if not any(key.client == client for key in keys.keys()):  # noqa: SIM118 - no dict
        raise OperationError(f"there is no client {client}", hint="See them: trackone token list")


def digest_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def recognise(keys: ClientKeys, token: str, access_key: bytes, now: datetime) -> ClientKey | None:
    """The live key that a bearer token is, or that it came of; None for any other text.

    `access_key` is the secret that access tokens are signed with.
    """
    mark, _, rest = token.partition("_")
    key_id, _, proof = rest.partition("_")
    if mark == _ACCESS_MARK:
        return _recognise_access(keys, key_id, proof, access_key, now)
    if mark != _MARK or not proof:
        return None
    return _with_secret(keys, key_id, proof, Kind.BEARER, now)


def recognise_client(keys: ClientKeys, client_id: str, secret: str, now: datetime) -> ClientKey | None:
    """The live OAuth credential with that id and secret, or None."""
    return _with_secret(keys, client_id, secret, Kind.OAUTH, now)


def access_token(key: ClientKey, life: timedelta, access_key: bytes, now: datetime) -> str:
    """A token that stands for an OAuth credential for a while; signed, so that nothing need be kept of it."""
    ends = min(now + life, key.expires)
    claim = f"{int(ends.timestamp())}"
    return f"{_ACCESS_MARK}_{key.id}_{claim}.{_signature(access_key, key, claim)}"


def _recognise_access(
    keys: ClientKeys, key_id: str, proof: str, access_key: bytes, now: datetime
) -> ClientKey | None:
    claim, _, signature = proof.partition(".")
    key = keys.key(key_id)
    if key is None or key.kind is not Kind.OAUTH or not key.live(now):
        return None
    if not hmac.compare_digest(_signature(access_key, key, claim).encode(), signature.encode("utf-8", "replace")):
        return None
    return key if now.timestamp() < int(claim) else None


def _signature(access_key: bytes, key: ClientKey, claim: str) -> str:
    told = _DOMAIN + f"{key.id}\n{key.digest}\n{claim}".encode("utf-8", "replace")
    return hmac.new(access_key, told, hashlib.sha256).hexdigest()


def _with_secret(keys: ClientKeys, key_id: str, secret: str, kind: Kind, now: datetime) -> ClientKey | None:
    key = keys.key(key_id)
    right = hmac.compare_digest(digest_of(secret), key.digest if key is not None else "")
    return key if key is not None and right and key.kind is kind and key.live(now) else None


def _require_name(keys: ClientKeys, client: str) -> None:
    if not _NAME.fullmatch(client):
        raise ConfigError(
            f"{client!r} cannot name a client",
            hint='Write letters, digits, ".", "-", "_" and single blanks, 64 at most: entra, "Okta staff".',
        )
    alike = next((key.client for key in keys.keys() if key.client.casefold() == client.casefold()), client)  # noqa: SIM118 - no dict
    if alike != client:
        raise ConfigError(f"{client}: the client is called {alike}", hint=f"Write: trackone token create {alike}")
