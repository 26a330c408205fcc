"""Which renames of one plan can happen together: swaps and chains of logins the directory has moved."""

from collections.abc import Callable, Mapping
from typing import NamedTuple


class Move(NamedTuple):
    """A wish to rename: from the name key an account holds to the one it should hold."""

    current: str
    target: str


def settle(wishes: Mapping[int, Move], taken_by: Callable[[str], int | None]) -> set[int]:
    """The accounts whose wish can come true, all together; `wishes` is by account id in order of precedence.

    A wish falls when its target is held by an account that does not itself move away, or is wanted by an
    account that comes before. A wish that falls keeps its holder where it is, which may fell others; so the
    set shrinks until it stands.
    """
    standing: dict[int, Move] = {}
    wanted: set[str] = set()
    for account_id, move in wishes.items():
        if move.target not in wanted:
            wanted.add(move.target)
            standing[account_id] = move
    waits_for = {account_id: taken_by(move.target) for account_id, move in standing.items()}
    follower = {holder: account_id for account_id, holder in waits_for.items() if holder is not None}
    fallen = [
        account_id
        for account_id, holder in waits_for.items()
        if holder is not None and holder != account_id and holder not in standing
    ]
    while fallen:
        account_id = fallen.pop()
        del standing[account_id]
        behind = follower.get(account_id)
        if behind is not None and behind in standing:
            fallen.append(behind)
    return set(standing)
