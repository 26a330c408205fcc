"""Who calls the endpoint, once the gate has let them in."""

from connector.domain.scim import Caller

__all__ = ["Caller"]
