"""What Entra ID and Okta send beyond the letter of the RFCs, each with where it is seen."""

import json
import re
from collections.abc import Mapping
from typing import Any

from scim_server.schemas import Attribute

_TOMBSTONE = re.compile(r"[0-9a-f]{32}(?=.+@)")


def flag(value: Any) -> bool | None:
    """True or false, also as a text in any letter case; None for anything else.

    Entra ID sends "True" and "False" (Microsoft, `Known issues and resolutions with SCIM 2.0 protocol compliance`).
    """
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def unwrapped(attribute: Attribute, value: Any) -> Any:
    """The value itself where it came wrapped.

    Roles come as JSON text (Microsoft, `Customize application attributes`: the expressions AppRoleAssignmentsComplex
    and SingleAppRoleAssignment); the manager comes as an object, as a bare id or as a list of one (Microsoft,
    `Develop a SCIM endpoint`).
    """
    if isinstance(value, str) and not attribute.plain and value[:1] in ("{", "["):
        value = _json(value)
    if attribute.name == "manager":
        if isinstance(value, list):
            value = value[0] if value else None
        if isinstance(value, str):
            value = {"value": value} if value else None
    return value


def username(sent: str, current: str, *, active: bool) -> str:
    """The username to keep when a user is soft-deleted in Entra ID.

    Entra then sends the name behind 32 hexadecimal digits, with active = false: the account keeps its name, which
    the network login is compared with (a deleted user's userPrincipalName, Microsoft Graph, `deletedItems`).
    """
    return current if current and not active and _TOMBSTONE.match(sent) else sent


def operation(op: Mapping[str, Any]) -> str:
    """The operation in lower case: Entra ID capitalises it (Microsoft, `Develop a SCIM endpoint`)."""
    return str(op.get("op", "")).lower()


def same_member(value: Any) -> list[str]:
    """The ids in the value of a member removal: a list of objects, one object, or bare ids.

    Entra ID removes a member by path `members` and a value (Microsoft, `Known issues`, before aadOptscim062020).
    """
    items = value if isinstance(value, list) else [value]
    return [str(item.get("value", "")) if isinstance(item, Mapping) else str(item) for item in items]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
