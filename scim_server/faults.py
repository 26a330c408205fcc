"""Refusals as RFC 7644, section 3.12 has them: a status, a scimType where there is one, and words that help."""

import json
from collections.abc import Mapping

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


class ScimFault(Exception):  # noqa: N818 - the RFC calls it an error response, the house calls it a fault
    """A request that is answered with an error; `headers` go with the answer."""

    def __init__(
        self, status: int, detail: str, scim_type: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        """Keep what the answer says."""
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.scim_type = scim_type
        self.headers = dict(headers or {})

    def body(self) -> dict[str, object]:
        """The Error message; `status` is a string (RFC 7644, section 3.12)."""
        told: dict[str, object] = {"schemas": [ERROR], "status": str(self.status), "detail": self.detail}
        return told | ({"scimType": self.scim_type} if self.scim_type else {})

    def text(self) -> str:
        """The Error message as JSON."""
        return json.dumps(self.body(), ensure_ascii=False)


def not_found(what: str) -> ScimFault:
    """404: there is no such resource, or none that this client sees."""
    return ScimFault(404, what)


def invalid_value(detail: str) -> ScimFault:
    """400: a value that is missing, of the wrong type or not allowed."""
    return ScimFault(400, detail, "invalidValue")


def invalid_syntax(detail: str) -> ScimFault:
    """400: a body that is no JSON, or not of the shape a message has."""
    return ScimFault(400, detail, "invalidSyntax")


def invalid_filter(detail: str) -> ScimFault:
    """400: a filter that cannot be read, or that asks what cannot be asked."""
    return ScimFault(400, detail, "invalidFilter")


def invalid_path(detail: str) -> ScimFault:
    """400: a PATCH path that cannot be read or names no attribute."""
    return ScimFault(400, detail, "invalidPath")


def no_target(detail: str) -> ScimFault:
    """400: a PATCH path that selects nothing, or a removal without a path."""
    return ScimFault(400, detail, "noTarget")


def mutability(detail: str) -> ScimFault:
    """400: a write to what only the server writes."""
    return ScimFault(400, detail, "mutability")


def uniqueness(detail: str) -> ScimFault:
    """409: another resource has the value."""
    return ScimFault(409, detail, "uniqueness")


def too_large(detail: str) -> ScimFault:
    """413: a body larger, or a bulk request of more operations, than is announced."""
    return ScimFault(413, detail, "tooLarge")
