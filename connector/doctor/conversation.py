"""The conversations, read from the files beside this module: what is sent, and what must come back."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

NAMES = ("discovery", "entra", "okta", "rfc7643", "rfc7644")
_NAMED = re.compile(r"\{(\w+)\}")


class Step(NamedTuple):
    """One request. `{name}` in its texts stands for what an earlier step kept, or for `{run}`, new each time.

    `statuses` are those that are right. `expects` are places in the answer with what must stand there (expect.py),
    `keeps` are names for places. `must` is false for what is only good to have; `anonymous` sends no token.
    """

    does: str
    source: str
    method: str
    path: str
    body: str = ""
    media_type: str = "application/scim+json"
    statuses: tuple[int, ...] = (200,)
    expects: Mapping[str, Any] = {}
    keeps: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    must: bool = True
    anonymous: bool = False

    def needs(self) -> frozenset[str]:
        """The names it stands on."""
        texts = (self.path, self.body, *self.headers.values(), *_texts(self.expects))
        return frozenset(name for text in texts for name in _NAMED.findall(text))


class Conversation(NamedTuple):
    """Steps that belong together; `about` says in a sentence who speaks."""

    name: str
    about: str
    steps: tuple[Step, ...]


@cache
def conversation(name: str) -> Conversation:
    """The conversation of that name."""
    text = (files("connector.doctor") / "conversations" / f"{name}.toml").read_text("utf-8")
    told = tomllib.loads(text)
    return Conversation(name, told["about"], tuple(_step(one) for one in told["step"]))


def filled(value: Any, known: Mapping[str, str]) -> Any:
    """The value with each `{name}` in its texts replaced."""
    if isinstance(value, str):
        return _NAMED.sub(lambda found: known.get(found[1], found[0]), value)
    if isinstance(value, Mapping):
        return {filled(key, known): filled(one, known) for key, one in value.items()}
    return [filled(one, known) for one in value] if isinstance(value, list) else value


def _step(told: Mapping[str, Any]) -> Step:
    method, _, path = told["request"].partition(" ")
    status = told.get("status", 200)
    others = {key: value for key, value in told.items() if key in Step._fields}
    step = Step(method=method, path=path, statuses=tuple(status if isinstance(status, list) else [status]), **others)
    if step.body:
        json.loads(step.body)
    return step


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield key
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
