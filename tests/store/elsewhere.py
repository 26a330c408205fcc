"""A store elsewhere, for the contract that every store keeps: the service is scim2-server's."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import requests

from connector.domain.ports import Clock, Store
from connector.store.open import opened
from connector.store.remote import RemoteStore
from connector.store.remote_circuit import Circuit
from connector.store.remote_client import Patience, ScimClient
from connector.store.sql import SqlStore
from connector.wire import PromptWire
from tests.servers.unruly import Unruly
from tests.store.people import TickingClock

HASTY = Patience(connect=2, read=5, backoff=0.01, between=1, tries=3)


class Elsewhere(NamedTuple):
    """Where a store elsewhere is: the address of its service, the token, and the file of its state."""

    service: str
    token: str
    state: Path
    patience: Patience = HASTY

    @property
    def url(self) -> str:
        """The URL of its state."""
        return f"sqlite:///{self.state}"

    def opened(self, clock: Clock) -> Store:
        """The store there."""
        circuit = Circuit(time.monotonic)
        client = ScimClient(self.service, self.token, PromptWire(), circuit, patience=self.patience)
        journal = Path(f"{self.state}.pushed")
        return RemoteStore(SqlStore(opened(self.url, clock), clock), client, journal, clock)

    def users(self) -> dict[str, dict[str, Any]]:
        """The users of the service by username."""
        found: dict[str, dict[str, Any]] = {}
        total = 1
        while len(found) < total:
            told = self._ask("GET", f"Users?startIndex={len(found) + 1}&count=1000").json()
            total = told["totalResults"]
            found |= {user["userName"]: user for user in told.get("Resources", ())}
        return found

    def patch(self, username: str, path: str, value: object) -> None:
        """Somebody else changes a user there."""
        operation = {"op": "replace", "path": path, "value": value}
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}
        self._ask("PATCH", f"Users/{self.users()[username]['id']}", json=body)

    def post(self, username: str, **more: object) -> None:
        """Somebody else makes a user there."""
        body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": username, **more}
        self._ask("POST", "Users", json=body)

    def delete(self, username: str) -> None:
        """Somebody else removes a user there."""
        self._ask("DELETE", f"Users/{self.users()[username]['id']}")

    def _ask(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.request(method, f"{self.service}/{path}", headers=headers, timeout=30, **more)
        answer.raise_for_status()
        return answer


@dataclass
class Behind:
    """A store elsewhere that is reached through a relay."""

    relay: Unruly
    there: Elsewhere
    clock: TickingClock

    def opened(self) -> Store:
        """The store, through the relay, as a process that begins would open it."""
        return self.there._replace(service=self.relay.url).opened(self.clock)
