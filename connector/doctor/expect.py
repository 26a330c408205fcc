"""Places in an answer, and whether what stands there is as expected.

A place is a way through the JSON body, its parts parted by "/": a name, a number in a list, `#` for how many there
are, `[type=work]` for the first item whose `type` is work, `[=x]` for the item x. `header:NAME` is a header.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

ABSENT = "<absent>"
"""Expected where nothing may stand; null, "" and an empty list are nothing."""

PRESENT = "<present>"
"""Expected where anything but nothing must stand."""

ONE_OF = "<one of>"
"""Expected as [ONE_OF, a, b]: one of these."""


class Reply(NamedTuple):
    """An answer; `body` is None where it is no JSON."""

    status: int
    body: Any
    headers: Mapping[str, str]


class Difference(NamedTuple):
    """What was expected where, and what stands there."""

    expected: str
    came: str


def found(reply: Reply, place: str) -> Any:
    """What stands at a place; None for nothing."""
    if place.startswith("header:"):
        return reply.headers.get(place.removeprefix("header:"))
    value = reply.body
    for part in place.split("/"):
        value = _inside(value, part)
    return value


def differences(reply: Reply, statuses: tuple[int, ...], expects: Mapping[str, Any]) -> Iterator[Difference]:
    """Everything that is not as expected; of an answer with another status only that."""
    if reply.status not in statuses:
        wanted = " or ".join(map(str, statuses))
        detail = reply.body.get("detail") if isinstance(reply.body, Mapping) else None
        yield Difference(f"status {wanted}", f"status {reply.status}{f': {shown(detail)}' if detail else ''}")
        return
    for place, expected in expects.items():
        value = found(reply, place)
        if not _is(value, expected):
            yield Difference(f"{place}: {_words(expected)}", "nothing" if _blank(value) else shown(value))


def shown(value: Any) -> str:
    """A value in one line, cut where it is long."""
    text = " ".join(str(value).split())
    return text if len(text) <= 200 else f"{text[:200]}…"


def _inside(value: Any, part: str) -> Any:
    if part == "#":
        return len(value) if isinstance(value, list) else 0
    if part.startswith("[") and isinstance(value, list):
        name, _, wanted = part[1:-1].partition("=")
        items = (one for one in value if (one.get(name) if name and isinstance(one, Mapping) else one) == wanted)
        return next(items, None)
    if isinstance(value, list) and part.isdecimal():
        return value[int(part)] if int(part) < len(value) else None
    if isinstance(value, Mapping):
        return next((one for name, one in value.items() if name.lower() == part.lower()), None)
    return None


def _is(value: Any, expected: Any) -> bool:
    if expected == ABSENT:
        return _blank(value)
    if expected == PRESENT:
        return not _blank(value)
    if isinstance(expected, list) and expected[:1] == [ONE_OF]:
        return any(_is(value, one) for one in expected[1:])
    return bool(value == expected) and isinstance(value, bool) is isinstance(expected, bool)


def _blank(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _words(expected: Any) -> str:
    if isinstance(expected, list) and expected[:1] == [ONE_OF]:
        return " or ".join(_words(one) for one in expected[1:])
    return (
        {ABSENT: "nothing", PRESENT: "something"}.get(expected, shown(expected))
        if isinstance(expected, str)
        else shown(expected)
    )
