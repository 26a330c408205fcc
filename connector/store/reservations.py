"""Retired usernames: kept for who had them, and what a run did to them, so that an undo can put it back."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection

from connector.store import statements
from connector.store.claims import Claims
from connector.store.codec import Row
from connector.store.statements import fetch, fetch_by_key, run_many

_KEPT, _ENDED = "kept", "ended"
# where the columns of a reservation stand in its row
_NAME, _OWNER = 0, 3


class Reservations:
    """The retired usernames as one run changes them; with `undoes`, that run's effects are reversed.

    `sequence` is the number of the next effect: `at` where the run has had some already.
    """

    def __init__(self, connection: Connection, run: int, undoes: int | None, at: int = 0) -> None:
        self._connection = connection
        self._run = run
        self._undoes = undoes
        self.sequence = at

    def any(self) -> bool:
        """Whether any name is reserved."""
        return next(fetch(self._connection, statements.ANY_RESERVATION), None) is not None

    def end(self, rows: Sequence[Row]) -> None:
        """End reservations, given as their rows."""
        run_many(self._connection, statements.DELETE_RESERVATION, [row[:1] for row in rows])
        self._record(_ENDED, rows)

    def keep(self, rows: Sequence[Row]) -> None:
        """Make reservations."""
        run_many(self._connection, statements.INSERT_RESERVATION, rows)
        self._record(_KEPT, rows)

    def find(self, name_keys: Iterable[str]) -> list[Row]:
        """The rows of these names' reservations."""
        return list(fetch_by_key(self._connection, statements.RESERVATIONS_BY_NAME, name_keys))

    def settle(self, claims: Claims, own: Sequence[Row], moment: str) -> None:
        """After the accounts are written: `own` are taken back and end, a name that is left is kept.

        An undo keeps nothing of its own: it puts back what the undone run found.
        """
        self.end(own)
        if self._undoes is None:
            self.keep([(*one.keys[:2], one.username, one.account_id, moment) for one in claims.given_up()])
        else:
            self._put_back(self._undoes, claims.altered)

    def _put_back(self, undone: int, account_ids: Collection[int]) -> None:
        found: dict[tuple[int, str], tuple[Row, str]] = {}
        effects = fetch_by_key(self._connection, statements.RESERVATION_OUTCOMES, account_ids, undone)
        for *row, effect in effects:  # the first effect tells what the run found
            found.setdefault((row[_OWNER], row[_NAME]), (tuple(row), effect))
        now = {row[_NAME]: row for row in self.find(name for _, name in found)}
        made = [row for row, effect in found.values() if effect == _KEPT and row[_NAME] in now]
        self.end([row for row in made if now[row[_NAME]][_OWNER] == row[_OWNER]])
        lost = {row[_NAME]: row for row, effect in found.values() if effect == _ENDED and row[_NAME] not in now}
        for *_, held in fetch_by_key(self._connection, statements.HOLDERS_BY_NAME, list(lost)):
            del lost[held]
        self.keep(list(lost.values()))

    def _record(self, effect: str, rows: Sequence[Row]) -> None:
        numbered = enumerate(rows, self.sequence)
        done = [(self._run, number, effect, *row) for number, row in numbered]
        run_many(self._connection, statements.INSERT_RESERVATION_OUTCOME, done)
        self.sequence += len(rows)
