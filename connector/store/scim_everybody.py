"""Who is there for a client of the SCIM edge, in the order of the accounts' ids."""

from array import array
from collections.abc import Sequence
from itertools import chain

from sqlalchemy import Connection

from connector.store import scim_statements as texts
from connector.store.dialect import rows_of
from connector.store.statements import fetch


def mark(client: str) -> str:
    """What stands in `archived_by`, between commas, of an account that the client deleted."""
    return f",scim:{client},"


def ids_of_all(connection: Connection, client: str) -> Sequence[int]:
    """The ids of everybody this client sees."""
    return array("q", chain.from_iterable(fetch(connection, texts.IDS_OF_ALL, (mark(client),))))


class Everybody:
    """Who each client sees, remembered until somebody writes: pages need it, and counting takes long.

    SQLite tells a connection whether another has written since (PRAGMA data_version).
    """

    def __init__(self) -> None:
        """Nothing yet."""
        self._version = -1
        self._ids: dict[str, Sequence[int]] = {}

    def ids(self, connection: Connection, client: str) -> Sequence[int]:
        """The ids of everybody this client sees."""
        [(version,)] = rows_of(connection, "PRAGMA data_version")
        if version != self._version:
            self._version = version
            self._ids.clear()
        if client not in self._ids:
            self._ids[client] = ids_of_all(connection, client)
        return self._ids[client]
