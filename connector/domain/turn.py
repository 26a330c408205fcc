"""A school's turn in a round of a fleet: who may do it, so that it is done once, whoever dies or wakes up."""

from typing import NamedTuple, Protocol

from connector.domain.errors import LockedError

ROUND, NUMBER = "fleet_round", "fleet_turn"
"""The facts of a store that say which round is done, and the number of the latest turn taken."""


class TurnLostError(LockedError):
    """Another worker has taken the school's turn over; nothing was written."""


class Turn(NamedTuple):
    """The right to do one school's run of a round. A later turn of the school has a higher number and ends this one.

    `round` is the round's name, the same for every school.
    """

    round: str
    number: int


class Turns(Protocol):
    """The turns of one school, kept in its own store."""

    def take(self, name: str) -> Turn | None:
        """The school's turn in the round of that name, ending any turn before it; None when the round is done.

        Raises BusyError while somebody writes, StoreError.
        """
