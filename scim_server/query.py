"""What a request asks for: its body, its page, its conditions."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

from connector.domain.scim import Order, Predicate, Window
from scim_server.faults import ScimFault, invalid_syntax, invalid_value
from scim_server.filters import read_filter, read_order
from scim_server.projection import Parts, read_parts
from scim_server.schemas import Attributes

MEDIA_TYPES = frozenset({"application/scim+json", "application/json"})
PAGE = 100
LARGEST_PAGE = 1_000
LARGEST_BODY = 1 << 20
CURSOR_LIFE = timedelta(hours=1)
_FAR = 1 << 40


class Query(NamedTuple):
    """Which resources are wanted, in what order, and which page and parts of them.

    `start` is where the page begins, from 1; `cursor` says that the page is found by cursor, whose `mark` names the
    question it belongs to.
    """

    wanted: Predicate | None
    order: Order | None
    window: Window
    parts: Parts
    start: int = 1
    cursor: bool = False
    mark: str = ""


def read_json(data: bytes, media_type: str) -> dict[str, Any]:
    """The body as an object. Raises ScimFault 400 invalidSyntax, 413, 415."""
    if media_type not in MEDIA_TYPES:
        raise ScimFault(415, "Content-Type is application/scim+json or application/json")
    if len(data) > LARGEST_BODY:
        raise ScimFault(413, f"the body is larger than {LARGEST_BODY} bytes", "tooLarge")
    try:
        body = json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise invalid_syntax("the body is not valid JSON") from error
    if not isinstance(body, dict):
        raise invalid_syntax("the body is not a JSON object")
    return body


def _no_constant(name: str) -> None:
    raise ValueError(name)


def read_query(asked: Mapping[str, Any], attributes: Attributes, now: datetime) -> Query:
    """The query of URL parameters or of a SearchRequest, their names letter case aside. Raises ScimFault 400."""
    told = {key.lower(): value for key, value in asked.items()}
    filter_text, sort_by = _text(told, "filter"), _text(told, "sortby")
    direction = _text(told, "sortorder") or "ascending"
    wanted = read_filter(filter_text, attributes) if filter_text else None
    order = read_order(sort_by, direction, attributes) if sort_by else None
    parts = read_parts(_list(told, "attributes"), _list(told, "excludedattributes"), attributes)
    cursor = "cursor" in told
    size = _count(told, cursor=cursor)
    mark = blake2b(f"{filter_text}\n{sort_by}\n{direction}".encode("utf-8", "replace"), digest_size=6).hexdigest()
    if not cursor:
        start = min(max(_number(told, "startindex", 1), 1), _FAR)
        return Query(wanted, order, Window(start - 1, size), parts, start)
    window = _window_at(_text(told, "cursor"), mark, size, now)
    return Query(wanted, order, window, parts, 1, cursor=True, mark=mark)


def next_cursor(query: Query, last_id: str, now: datetime) -> str:
    """The cursor of the page behind this one."""
    place = {"at": query.window.start + query.window.size} if query.order else {"after": last_id}
    told = json.dumps([query.mark, int(now.timestamp()), place], separators=(",", ":"))
    return urlsafe_b64encode(told.encode()).decode().rstrip("=")


def _window_at(cursor: str, mark: str, size: int, now: datetime) -> Window:
    if not cursor:
        return Window(0, size)
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        marked, made, place = json.loads(urlsafe_b64decode(padded.encode("ascii")))
        age = now.timestamp() - int(made)
        window = Window(int(place.get("at", 0)), size, place.get("after"))
        fits = marked == mark and window.start >= 0 and (window.after is None or isinstance(window.after, str))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ScimFault(400, "the cursor is none of ours", "invalidCursor") from error
    if not fits or (window.after is not None and not window.after.isalnum()):
        raise ScimFault(400, "the cursor belongs to another query", "invalidCursor")
    if age > CURSOR_LIFE.total_seconds():
        raise ScimFault(400, "the cursor is older than an hour: begin again", "expiredCursor")
    return window


def _count(told: Mapping[str, Any], *, cursor: bool) -> int:
    try:
        count = _number(told, "count", PAGE)
    except ScimFault as fault:
        raise ScimFault(400, fault.detail, "invalidCount" if cursor else "invalidValue") from fault
    if cursor and count < 0:
        raise ScimFault(400, "count cannot be negative", "invalidCount")
    return min(max(count, 0), LARGEST_PAGE)


def _number(told: Mapping[str, Any], name: str, default: int) -> int:
    value = told.get(name)
    if value is None or value == "":
        return default
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise invalid_value(f"{name} is a whole number")
    try:
        return max(min(int(value), _FAR), -_FAR)
    except ValueError as error:
        raise invalid_value(f"{name} is a whole number") from error


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise invalid_value(f"{name} is a text")
    return value


def _list(told: Mapping[str, Any], name: str) -> str:
    """A list of paths: comma-separated in a URL, a JSON list in a SearchRequest."""
    value = told.get(name)
    if isinstance(value, list):
        return ",".join(str(one) for one in value)
    return _text(told, name)


def matches(header: str | None, etag: str) -> bool:
    """Whether an If-Match or If-None-Match names this version, compared weakly (RFC 9110, section 8.8.3.2)."""
    if header is None:
        return False
    tags = {one.strip().removeprefix("W/") for one in header.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags
