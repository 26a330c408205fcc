"""A digest of what a configuration means, whatever its comments, layout and the order of its keys."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from hashlib import sha256


def fingerprint(value: object) -> str:
    """The SHA-256 of a frozen value in hexadecimal.

    What a value has by default does not count, so that an option a later version adds is no change.
    """
    return sha256(json.dumps(_plain(value), sort_keys=True).encode()).hexdigest()


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        said = {field.name: getattr(value, field.name) for field in fields(value)}
        kept = {
            field.name: _plain(said[field.name]) for field in fields(value) if said[field.name] != _default(field)
        }
        return {type(value).__name__: kept}
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    return value


def _default(field: "Field[object]") -> object:
    return field.default_factory() if field.default_factory is not MISSING else field.default
