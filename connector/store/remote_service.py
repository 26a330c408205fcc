"""What a SCIM service says of itself before it is asked to do anything.

RFC 7643, section 5 (ServiceProviderConfig) and section 6 (ResourceTypes).
"""

from typing import Any, NamedTuple

from connector.store.remote_client import Document, RefusedError, ScimClient
from connector.store.remote_user import TRACKONE

_PAGE = 100
_LARGEST_PAGE = 500
_MOST_OPERATIONS = 50
"""Few enough that their outcomes are soon known, and that a slow service answers before we stop waiting."""

_MOST_BYTES = 1 << 18


class Announced(NamedTuple):
    """Whether TrackOne's own attributes are known; how much fits a page and a bulk (`operations` 0: no bulk)."""

    extended: bool = False
    page: int = _PAGE
    operations: int = 0
    bytes: int = _MOST_BYTES


def announced_by(client: ScimClient) -> Announced:
    """What the service announces; one that announces nothing is asked for the least. Raises OutageError."""
    extended = TRACKONE in str(_told(client, "ResourceTypes"))
    config = _told(client, "ServiceProviderConfig")
    page = min(_count(config, "filter", "maxResults") or _PAGE, _LARGEST_PAGE)
    if _part(config, "bulk").get("supported") is not True:
        return Announced(extended, page)
    operations = min(_count(config, "bulk", "maxOperations"), _MOST_OPERATIONS)
    return Announced(extended, page, operations, min(_count(config, "bulk", "maxPayloadSize"), _MOST_BYTES))


def _told(client: ScimClient, path: str) -> Document:
    try:
        return client.get(path)
    except RefusedError:
        return {}


def _part(config: Document, name: str) -> dict[str, Any]:
    part = config.get(name)
    return part if isinstance(part, dict) else {}


def _count(config: Document, name: str, key: str) -> int:
    number = _part(config, name).get(key)
    return number if isinstance(number, int) and number > 0 else 0
