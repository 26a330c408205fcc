"""What a request asks for: its body, its page, its conditions."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

from connector.domain.scim import Order, Predicate, Window
from scim_server.compact import encode
from scim_server.faults import ScimFault, invalid_syntax, invalid_value
from scim_server.filters import read_filter, read_order
from scim_server.projection import Parts, read_parts
from scim_server.schemas import Attributes

MEDIA_TYPES = frozenset({"application/scim+json", "application/json"})
PAGE = 100
LARGEST_PAGE = 1_000
LARGEST_BODY = 1 << 20
DEEPEST = 50
"""So many lists and objects may lie in one another in a body."""
CURSOR_LIFE = timedelta(hours=1)
_FAR = 1 << 40
_USER_ID = re.compile(r"[0-9]{1,18}")
GROUP_ID = re.compile(r"[0-9a-f]{1,32}")
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,4000}")
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def _no_constant(name: str) -> None:
    raise ValueError(name)


_decode = json.JSONDecoder(parse_constant=_no_constant).decode


class Query(NamedTuple):
    """Which resources are wanted, in what order, and which page and parts of them.

    `start` is where the page begins, from 1, `page` how many it holds; `cursor` says that the page is found by
    cursor, whose `mark` names the question it belongs to. The window then reaches one further, to see whether
    there is more.
    """

    wanted: Predicate | None
    order: Order | None
    window: Window
    parts: Parts
    start: int = 1
    page: int = PAGE
    cursor: bool = False
    mark: str = ""


def read_json(data: bytes, media_type: str) -> dict[str, Any]:
    """The body as an object. Raises ScimFault 400 invalidSyntax, 413, 415."""
    if media_type not in MEDIA_TYPES:
        raise ScimFault(415, "Content-Type is application/scim+json or application/json")
    if len(data) > LARGEST_BODY:
        raise ScimFault(413, f"the body is larger than {LARGEST_BODY} bytes", "tooLarge")
    try:
        body = _decode(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise invalid_syntax("the body is not valid JSON in UTF-8") from error
    if not isinstance(body, dict):
        raise invalid_syntax("the body is not a JSON object")
    if data.count(b"[") + data.count(b"{") > DEEPEST and _is_deep(body):
        raise invalid_syntax(f"the body is nested more than {DEEPEST} deep")
    if _ESCAPED_SURROGATE.search(data) is not None and not _is_text(body):
        raise invalid_syntax("the body holds half a character: a surrogate without its other half")
    return body


def _is_deep(body: Any) -> bool:
    """Whether more than DEEPEST lists and objects lie in one another."""
    level = [body]
    for _ in range(DEEPEST):
        level = [one for told in level for one in _parts(told) if isinstance(one, dict | list)]
        if not level:
            return False
    return True


def _parts(told: Any) -> Iterable[Any]:
    return told.values() if isinstance(told, dict) else told


def _is_text(body: Any) -> bool:
    """Whether all of it can be written in UTF-8."""
    try:
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def read_query(asked: Mapping[str, Any], attributes: Attributes, now: datetime) -> Query:
    """The query of URL parameters or of a SearchRequest, their names letter case aside. Raises ScimFault 400."""
    told = {key.lower(): value for key, value in asked.items()}
    filter_text, sort_by = _text(told, "filter"), _text(told, "sortby")
    direction = _text(told, "sortorder").lower() or "ascending"
    if direction not in ("ascending", "descending"):
        raise invalid_value("sortOrder is ascending or descending")
    wanted = read_filter(filter_text, attributes) if filter_text else None
    order = read_order(sort_by, direction, attributes) if sort_by else None
    parts = read_parts(_list(told, "attributes"), _list(told, "excludedattributes"), attributes)
    cursor = "cursor" in told
    size = _count(told, cursor=cursor)
    if not cursor:
        start = _start(told)
        return Query(wanted, order, Window(start - 1, size), parts, start, size)
    of_users = "username" in attributes
    question = f"{of_users}\n{filter_text}\n{sort_by}\n{direction}"
    mark = blake2b(question.encode("utf-8", "replace"), digest_size=6).hexdigest()
    window = _window_at(_text(told, "cursor"), mark, size and size + 1, now, _USER_ID if of_users else GROUP_ID)
    return Query(wanted, order, window, parts, 1, size, cursor=True, mark=mark)


def read_place(asked: Mapping[str, Any]) -> tuple[int, int]:
    """Where a page by index begins, from 1, and how many it holds. Raises ScimFault 400."""
    told = {key.lower(): value for key, value in asked.items()}
    if "cursor" in told:
        raise ScimFault(400, "a search over all kinds goes by index", "invalidCursor")
    return _start(told), _count(told, cursor=False)


def _start(told: Mapping[str, Any]) -> int:
    return min(max(_number(told, "startindex", 1), 1), _FAR)


def next_cursor(query: Query, last_id: str, now: datetime) -> str:
    """The cursor of the page behind this one."""
    place = {"at": query.window.start + query.page} if query.order else {"after": last_id}
    told = encode([query.mark, int(now.timestamp()), place])
    return urlsafe_b64encode(told.encode()).decode().rstrip("=")


def _window_at(cursor: str, mark: str, size: int, now: datetime, ids: re.Pattern[str]) -> Window:
    if not cursor:
        return Window(0, size)
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        marked, made, place = json.loads(urlsafe_b64decode(padded.encode("ascii")))
        age = now.timestamp() - int(made)
        at, after = int(place.get("at", 0)), place.get("after")
        known = 0 <= at <= _FAR and (after is None or ids.fullmatch(after) is not None)
    except (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise ScimFault(400, "the cursor is none of ours", "invalidCursor") from error
    if not known or marked != mark:
        raise ScimFault(400, "the cursor belongs to another query", "invalidCursor")
    if age > CURSOR_LIFE.total_seconds():
        raise ScimFault(400, "the cursor is older than an hour: begin again", "expiredCursor")
    return Window(at, size, after)


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
    text = str(value).strip() if isinstance(value, int | str) else ""
    if _WHOLE_NUMBER.fullmatch(text) is None:
        raise invalid_value(f"{name} is a whole number")
    return max(min(int(text), _FAR), -_FAR)


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
