"""A notice from a service that has requests to answer meanwhile."""

import logging
import threading
from collections.abc import Sequence

from connector.domain.errors import OperationError
from connector.domain.operation import Deliver, Notice

log = logging.getLogger(__name__)


def tell_beside(notice: Notice, ways: Sequence[Deliver]) -> None:
    """Deliver the notice by every way in a thread of its own; what cannot be delivered is logged."""
    if ways:
        threading.Thread(target=_tell, args=(notice, ways), name="alert", daemon=True).start()


def _tell(notice: Notice, ways: Sequence[Deliver]) -> None:
    for deliver in ways:
        try:
            deliver(notice)
        except OperationError as error:
            log.warning("%s", error)
