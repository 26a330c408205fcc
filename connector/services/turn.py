"""A run that is a school's turn in a round: it holds only while nobody else has taken the turn over."""

from connector.domain.ports import RunWriter
from connector.domain.turn import NUMBER, ROUND, Turn, TurnLostError


def hold_turn(writer: RunWriter, turn: Turn | None) -> None:
    """Look, in the run's own transaction, whether the turn is still ours. Raises TurnLostError."""
    if turn is not None and writer.state(NUMBER) != str(turn.number):
        raise TurnLostError(
            "another worker has taken over this school's run; nothing was written",
            hint="nothing is to be done: the other one does it",
        )


def end_turn(writer: RunWriter, turn: Turn | None) -> None:
    """The round is done for this school as soon as the run is, and never again."""
    if turn is not None:
        writer.set_state(ROUND, turn.round)
