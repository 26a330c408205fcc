"""The runs of SCIM clients: one a client and hour, which goes on with each write."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from connector.store import scim_statements as texts
from connector.store.dialect import is_postgresql, rows_of
from connector.store.record import GOING_ON, SoFar, so_far
from connector.store.statements import fetch

NOTED = timedelta(seconds=1)
"""So often at most the record of a run says what it has done by now; what it did since is counted when it is read."""


class HourRun(NamedTuple):
    """A run that goes on, and when its record was last brought up to date; None where nobody remembers."""

    so_far: SoFar
    noted: datetime | None = None


class HourRuns:
    """The runs as the last transactions of a connection left them, remembered until somebody else writes.

    SQLite tells a connection whether another has written since (PRAGMA data_version).
    """

    def __init__(self) -> None:
        """Nothing yet."""
        self._version = -1
        self._left: dict[str, tuple[str, HourRun]] = {}
        self._next_id = 0

    def run(self, connection: Connection, client: str, hour: str) -> HourRun | None:
        """The client's run of this hour, None where there is none yet. To be asked in a transaction."""
        if is_postgresql(connection):
            return _read(connection, client, hour)
        [(version,)] = rows_of(connection, "PRAGMA data_version")
        if version != self._version:
            self._version, self._next_id = version, 0
            self._left.clear()
        of, run = self._left.get(client, ("", None))
        run = run if of == hour else _read(connection, client, hour)
        # new accounts are counted for all clients together
        return run and run._replace(so_far=run.so_far._replace(next_id=self._next_id))

    def keep(self, client: str, hour: str, run: HourRun) -> None:
        """Remember a run as it is now that the transaction is committed."""
        self._left[client] = hour, run
        self._next_id = run.so_far.next_id


def hour_of(moment: datetime) -> str:
    """The hour of a moment, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="hours").removesuffix("+00:00")


def is_due(noted: datetime | None, now: datetime) -> bool:
    """Whether the record of a run is to be brought up to date; also where the clock was put back."""
    return noted is None or not timedelta(0) <= now - noted < NOTED


def _read(connection: Connection, client: str, hour: str) -> HourRun | None:
    noted = next(fetch(connection, texts.STATE, (f"{GOING_ON}{client}",)), ("",))[0]
    of, _, number = noted.partition(" ")
    return HourRun(so_far(connection, int(number))) if of == hour else None
