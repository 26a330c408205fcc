"""The values of a SCIM resource one by one, so that a filter can ask for each."""

from collections.abc import Iterator, Mapping
from typing import Any

from connector.domain.scim import every_value
from connector.mapping.keys import case_key

OWN_ADDRESS = {"": None}
"""Stands for the value that the account's own column holds."""

LONGEST = 2_000
"""Of a longer text only so many bytes of UTF-8 can be filtered by: PostgreSQL's indexes have a limit."""


Row = tuple[str, int, str, str | None, str | None]


def value_rows(kept: Mapping[str, Any]) -> Iterator[Row]:
    """The rows of scim_values: path, item, sub, value and its case_key.

    `kept` are attributes, those of extensions under their URNs.
    """
    for name, value in kept.items():
        if name.lower().startswith("urn:"):
            for inner, told in value.items():
                yield from _rows(f"{name.lower()}:{inner.lower()}", told)
        else:
            yield from _rows(name.lower(), value)


def _rows(path: str, value: Any) -> Iterator[Row]:
    for number, item in enumerate(every_value(value)):
        told = item if isinstance(item, Mapping) else {"value" if isinstance(value, list) else "": item}
        for sub, leaf in told.items():
            text = _text(leaf)
            if text is None and leaf != OWN_ADDRESS:
                continue
            key = None if text is None else _beginning(case_key(text))
            yield path, number, sub.lower(), text, key


def _text(leaf: Any) -> str | None:
    if isinstance(leaf, bool):
        return "true" if leaf else "false"
    return _beginning(str(leaf)) if isinstance(leaf, str | int | float) else None


def _beginning(text: str) -> str:
    return text if len(text) * 4 <= LONGEST else text.encode()[:LONGEST].decode(errors="ignore")
