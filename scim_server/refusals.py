"""What the services and the store refuse, as the RFC words it."""

from connector.domain.errors import BusyError, StoreError
from connector.services.provision import (
    NoMemberError,
    NotAllowedError,
    NotThereError,
    TakenError,
    TooManyError,
)
from scim_server.faults import ScimFault, invalid_value, not_found, uniqueness

RETRY_SECONDS = 5
GUARD_SECONDS = 3600


def fault_of(error: Exception) -> ScimFault | None:
    """The fault that tells a client of an error; None for one that nobody foresaw."""
    fault: ScimFault | None = None
    match error:
        case ScimFault():
            fault = error
        case NotThereError():
            fault = not_found(error.message)
        case TakenError():
            fault = uniqueness(error.message)
        case NoMemberError():
            fault = invalid_value(f"members: {error.message}")
        case NotAllowedError():
            fault = ScimFault(403, error.message)
        case TooManyError():
            fault = ScimFault(429, error.message, headers={"Retry-After": str(GUARD_SECONDS)})
        case BusyError():
            detail = "the user store is in use by a long run just now; try again"
            fault = ScimFault(503, detail, headers={"Retry-After": str(RETRY_SECONDS)})
        case StoreError():
            fault = ScimFault(500, "the user store cannot be used; the operator's log says why")
    return fault
