"""Work that ends in time, whatever a server does."""

import threading
from collections.abc import Callable

DELIVERY_SECONDS = 90.0
"""How long the delivery of one notice may take, from the connection to the last word."""


class LateError(Exception):
    """The work was not done in time."""


def within(seconds: float, work: Callable[[], None]) -> None:
    """Do the work, and wait so long for it; raises what it raises.

    Libraries count a server's silence only, so that one which speaks an octet at a time would hold them for ever.
    Raises LateError for work that is not done in time; it is left to itself, and ends no later than the process.
    """
    ended: list[Exception | None] = []

    def run() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - it is raised on the other side
            ended.append(error)
        else:
            ended.append(None)

    thread = threading.Thread(target=run, name="delivery", daemon=True)
    thread.start()
    thread.join(seconds)
    if not ended:
        raise LateError
    if ended[0] is not None:
        raise ended[0]
