"""Resources as clients send them, brought to the shape the schemas give them.

Names are matched letter case aside, what the schemas do not know and what only the server writes is left out, and
the vendors' habits of quirks.py are allowed for. What has the wrong type is refused.
"""

import re
from collections.abc import Mapping
from typing import Any

from connector.mapping.keys import fold_key
from scim_server import quirks
from scim_server.faults import invalid_value
from scim_server.schemas import Attribute, Attributes

Resource = dict[str, Any]

LONGEST_TEXT = 10_000
LONGEST_KEY = 512
"""Names and ids that the store looks up are kept in indexes, which have a limit."""

LONGEST_FOLDED = 2_000
"""The same of what a key is compared by, where a sign can become a word."""

_KEYS = frozenset({"externalId", "sisCode"})
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
MOST_ITEMS = 20_000


def conform(body: Mapping[str, Any], attributes: Attributes) -> Resource:
    """The writable attributes of a resource under their proper names; blank ones are left out.

    Raises ScimFault 400 invalidValue.
    """
    found: Resource = {}
    for key, value in body.items():
        attribute = attributes.get(key.lower())
        if attribute is None:
            continue
        if attribute.name == "schemas" or attribute.mutability == "readOnly":
            continue
        told = conform_value(attribute, value)
        if told not in (None, "", [], {}):
            found[attribute.name] = told
    return found


def conform_value(attribute: Attribute, value: Any) -> Any:
    """The value of one attribute, None for a blank one. Raises ScimFault 400 invalidValue."""
    value = quirks.unwrapped(attribute, value)
    if value is None or value == "":
        return None
    if not attribute.multi:
        return _single(attribute, value)
    items = value if isinstance(value, list) else [value]
    if len(items) > MOST_ITEMS:
        raise invalid_value(f"{attribute.name} has more than {MOST_ITEMS} values")
    kept = [item for one in items if (item := _single(attribute, one)) not in (None, {}, "")]
    return one_primary(kept)


def one_primary(items: list[Any]) -> list[Any]:
    """The items with one primary at most: the last that claims to be (RFC 7643, section 2.4)."""
    claiming = [number for number, item in enumerate(items) if isinstance(item, dict) and item.get("primary") is True]
    for number in claiming[:-1]:
        items[number] = {**items[number], "primary": False}
    return items


def _single(attribute: Attribute, value: Any) -> Any:
    if not attribute.plain:
        return _complex(attribute, value)
    if value is None:
        return None
    if attribute.type == "boolean":
        return _flag(attribute, value)
    if not isinstance(value, str):
        raise invalid_value(f"{attribute.name} is a text, not {_kind(value)}")
    if len(value) > LONGEST_TEXT:
        raise invalid_value(f"{attribute.name} is longer than {LONGEST_TEXT} characters")
    if attribute.name in _KEYS and (len(value) > LONGEST_KEY or len(fold_key(value)) > LONGEST_FOLDED):
        raise invalid_value(f"{attribute.name} is longer than {LONGEST_KEY} characters")
    if _NOT_TEXT.search(value) is not None:
        raise invalid_value(f"{attribute.name} holds a control character, or half a character")
    return value


def _complex(attribute: Attribute, value: Any) -> Resource | None:
    if value is None:
        return None
    if attribute.multi and "value" in attribute.subs and isinstance(value, str):
        value = {"value": value}
    if not isinstance(value, Mapping):
        raise invalid_value(f"{attribute.name} is an object, not {_kind(value)}")
    found: Resource = {}
    for key, inner in value.items():
        sub = attribute.subs.get(key.lower())
        if sub is None or (sub.mutability == "readOnly" and attribute.name.startswith("urn:")):
            continue
        told = conform_value(sub, inner)
        if told is not None:
            found[sub.name] = told
    return found


def _flag(attribute: Attribute, value: Any) -> bool:
    flag = quirks.flag(value)
    if flag is None:
        raise invalid_value(f"{attribute.name} is true or false, not {_kind(value)}")
    return flag


def _kind(value: Any) -> str:
    kinds = {bool: "true or false", str: "a text", list: "a list", dict: "an object"}
    return kinds.get(type(value), "a number")
