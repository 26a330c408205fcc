"""How the connector is: whether it can work, when it last did, and what that comes to."""

from connector.domain.errors import ConnectorError
from connector.domain.operation import Ending, Health, Journal
from connector.domain.ports import Store


def look(store: Store, journal: Journal, version: str) -> Health:
    """How it is now; a store that cannot be read is a fault in what is returned, never an error."""
    try:
        with store.view() as accounts:
            students = accounts.claimed_count()
        return Health(version, "", journal.last(), journal.last(Ending.DONE), journal.totals(), students)
    except ConnectorError as error:
        return Health(version, error.message)
