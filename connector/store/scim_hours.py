"""The runs of SCIM clients: one a client and hour, which goes on with each write."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from connector.store import scim_statements as texts
from connector.store.dialect import rows_of
from connector.store.record import GOING_ON, SoFar, so_far
from connector.store.statements import fetch

if TYPE_CHECKING:
    from connector.store.scim_run import SqlDeskRun

NOTED = timedelta(seconds=1)
"""So often at most the record of a run says what it has done by now; what it did since is counted when it is read."""


class HourRuns:
    """The runs as the last transactions of a connection left them, remembered until somebody else writes.

    SQLite tells a connection whether another has written since (PRAGMA data_version).
    """

    def __init__(self, connection: Connection) -> None:
        """Nothing yet."""
        self._connection = connection
        self._version = -1
        self._left: dict[str, SqlDeskRun] = {}
        self._next_id = 0

    def take(self, client: str, moment: datetime) -> "SqlDeskRun | None":
        """The client's run of this hour, to go on with; None where nobody knows of one. To be asked in a transaction.

        It is forgotten until it is left again: a transaction that fails leaves none.
        """
        [(version,)] = rows_of(self._connection, "PRAGMA data_version")
        if version != self._version:
            self._version, self._next_id = version, 0
            self._left.clear()
        run = self._left.pop(client, None)
        if run is None or run.hour != hour_of(moment):
            return None
        run.go_on(moment, self._next_id)  # new accounts are counted for all clients together
        return run

    def leave(self, client: str, run: "SqlDeskRun") -> None:
        """Remember a run as it is now that the transaction is committed."""
        self._left[client] = run
        self._next_id = run.next_id


def hour_of(moment: datetime) -> str:
    """The hour of a moment, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="hours").removesuffix("+00:00")


def is_due(noted: datetime | None, now: datetime) -> bool:
    """Whether the record of a run is to be brought up to date; also where the clock was put back."""
    return noted is None or not timedelta(0) <= now - noted < NOTED


def run_of(connection: Connection, client: str, hour: str) -> SoFar | None:
    """What there is by now of a client's run of an hour, None where there is none yet."""
    noted = next(fetch(connection, texts.STATE, (f"{GOING_ON}{client}",)), ("",))[0]
    of, _, number = noted.partition(" ")
    return so_far(connection, int(number)) if of == hour else None
