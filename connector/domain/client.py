"""What SCIM clients sign in with, and where that is kept."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

SCOPES = ("read", "write", "protected")
"""What a client may do, each including those before it: see accounts, change them, touch protected roles."""


class Kind(StrEnum):
    """What a client key is: a token sent with every request, or a secret exchanged for short-lived ones."""

    BEARER = "bearer"
    OAUTH = "oauth"


class ClientKey(NamedTuple):
    """A key of one SCIM client. `digest` is the SHA-256 of its secret, which nothing holds.

    `revoked` and `last_used` are None where it is not, or was never.
    """

    id: str
    client: str
    kind: Kind
    digest: str
    scope: str
    made: datetime
    made_by: str
    expires: datetime
    revoked: datetime | None = None
    last_used: datetime | None = None

    @property
    def scopes(self) -> frozenset[str]:
        """All it may do: its scope, and those that are part of it."""
        return frozenset(SCOPES[: SCOPES.index(self.scope) + 1])

    def live(self, now: datetime) -> bool:
        """Whether it lets anybody in."""
        return self.revoked is None and now < self.expires


class ClientKeys(Protocol):
    """Where the keys are kept, each known by its id for good."""

    def key(self, key_id: str) -> ClientKey | None:
        """The key with that id, or None."""

    def keys(self) -> list[ClientKey]:
        """Every key there ever was, by client, the newest last."""

    def add(self, key: ClientKey, most_live: int) -> bool:
        """Keep a new key; False, and nothing is kept, where its client has so many live ones of its kind."""

    def revoke(self, key_id: str, now: datetime) -> bool:
        """End a key; False where it has ended before or there is none."""

    def note_use(self, key_id: str, now: datetime) -> None:
        """Remember that it was used, where that is possible just now."""
