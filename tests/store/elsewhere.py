"""A store elsewhere, for the contract that every store keeps: the service is scim2-server's."""

import time
from pathlib import Path
from typing import NamedTuple

import requests

from connector.domain.ports import Clock, Store
from connector.store.open import opened
from connector.store.remote import RemoteStore
from connector.store.remote_client import Patience, ScimClient
from connector.store.sql import SqlStore

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
        client = ScimClient(self.service, self.token, requests.Session(), time.sleep, patience=self.patience)
        journal = Path(f"{self.state}.pushed")
        return RemoteStore(SqlStore(opened(self.url, clock), clock), client, journal, clock)
