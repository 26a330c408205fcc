"""Work on the store that another program disturbed is done again, from the start."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from connector.domain.errors import ConflictError

P = ParamSpec("P")
T = TypeVar("T")

ATTEMPTS = 3


def again_after_conflict(work: Callable[P, T]) -> Callable[P, T]:
    """Work that is whole or not done: while ConflictError ends it, up to ATTEMPTS times; then that is raised."""

    @wraps(work)
    def tried(*args: P.args, **named: P.kwargs) -> T:
        for _ in range(ATTEMPTS - 1):
            try:
                return work(*args, **named)
            except ConflictError:
                continue
        return work(*args, **named)

    return tried
