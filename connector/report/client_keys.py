"""The keys of SCIM clients: as text for people, as JSON for programs; never a secret or its hash."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from connector.domain.client import SCOPES, ClientKey
from connector.report.sentences import many, moment
from connector.report.terminal import WIDTH, Line, Table, laid_out


def state_of(key: ClientKey, now: datetime) -> str:
    """live, revoked or expired."""
    if key.revoked is not None:
        return "revoked"
    return "live" if key.live(now) else "expired"


def client_keys_text(
    keys: Sequence[ClientKey], now: datetime, *, zone: tzinfo = UTC, colour: bool = False, width: int = WIDTH
) -> str:
    """One key a row, by client."""
    if not keys:
        return laid_out([Line("No token yet. Make one: trackone token create entra")], colour=colour, width=width)
    rows = [
        (
            key.client,
            key.id,
            key.kind.value,
            key.scope,
            state_of(key, now),
            moment(key.expires, zone),
            moment(key.last_used, zone) if key.last_used else "never",
            key.made_by,
        )
        for key in keys
    ]
    headers = ("Client", "ID", "Kind", "May", "State", "Until", "Last used", "Made by")
    return laid_out([Table(many(len(keys), "token"), headers, rows)], colour=colour, width=width)


def client_keys_json(keys: Sequence[ClientKey], now: datetime) -> str:
    """The keys as a JSON list."""
    told = [
        {
            "id": key.id,
            "client": key.client,
            "kind": key.kind.value,
            "scopes": [scope for scope in SCOPES if scope in key.scopes],
            "state": state_of(key, now),
            "made": key.made.isoformat(),
            "made_by": key.made_by,
            "expires": key.expires.isoformat(),
            "revoked": key.revoked.isoformat() if key.revoked else None,
            "last_used": key.last_used.isoformat() if key.last_used else None,
        }
        for key in keys
    ]
    return json.dumps(told, indent=2) + "\n"
