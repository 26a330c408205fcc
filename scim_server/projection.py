"""The parts of a resource a client asks for: `attributes` and `excludedAttributes` (RFC 7644, section 3.9)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from scim2_models import SCIMException, ScimFilter
from scim2_models.path import Present

from scim_server.conform import Resource
from scim_server.faults import invalid_value
from scim_server.filters import find
from scim_server.schemas import Attributes

ALWAYS = frozenset({"schemas", "id"})


class Parts(NamedTuple):
    """Which attributes are wanted, or which are not; both empty for all. A pair is an attribute and a sub, or ""."""

    only: frozenset[tuple[str, str, str]] = frozenset()
    but: frozenset[tuple[str, str, str]] = frozenset()

    @property
    def all(self) -> bool:
        """Whether nothing is left out."""
        return not self.only and not self.but

    def without(self, name: str) -> bool:
        """Whether a whole attribute of the core schema is left out."""
        if self.only:
            return not any(wanted[1] == name for wanted in self.only)
        return ("", name, "") in self.but


def read_parts(only: str, but: str, attributes: Attributes) -> Parts:
    """What two comma-separated lists of paths ask for; unknown ones ask for nothing. Raises ScimFault 400."""
    if only and but:
        raise invalid_value("attributes and excludedAttributes cannot be asked for together")
    wanted = _paths(only, attributes)
    if only and not wanted:
        wanted = frozenset({("", "id", "")})
    return Parts(wanted, _paths(but, attributes))


def _paths(text: str, attributes: Attributes) -> frozenset[tuple[str, str, str]]:
    return frozenset(found for part in text.split(",") if part.strip() for found in _path(part.strip(), attributes))


def _path(text: str, attributes: Attributes) -> list[tuple[str, str, str]]:
    whole = attributes.get(text.lower())
    if whole is not None and whole.name.startswith("urn:"):
        return [(whole.name, "", "")]
    try:
        tree = ScimFilter(f"{text} pr").ast
    except (SCIMException, ValueError):
        return []
    target = find(tree.attr_path, attributes) if isinstance(tree, Present) else None
    if target is None or not isinstance(tree, Present):
        return []
    extension = attributes.get((tree.attr_path.uri or "").lower())
    name = extension.name if extension is not None else ""
    return [(name, target.attribute.name, target.sub.name if target.sub else "")]


def project(resource: Mapping[str, Any], parts: Parts) -> Resource:
    """The resource with what is asked for; `schemas` and `id` always stay."""
    if parts.all:
        return dict(resource)
    found: Resource = {}
    for name, value in resource.items():
        if name in ALWAYS:
            found[name] = value
            continue
        told = _extension(name, value, parts) if name.startswith("urn:") else _one("", name, value, parts)
        if told not in (None, {}, []):
            found[name] = told
    return found


def _extension(urn: str, value: Mapping[str, Any], parts: Parts) -> Any:
    if (urn, "", "") in parts.only:
        return value
    if (urn, "", "") in parts.but:
        return None
    return {name: told for name, inner in value.items() if (told := _one(urn, name, inner, parts)) is not None}


def _one(urn: str, name: str, value: Any, parts: Parts) -> Any:
    chosen = parts.only or parts.but
    subs = {sub for extension, attribute, sub in chosen if extension == urn and attribute == name}
    if parts.only:
        return value if "" in subs else _cut(value, subs, keep=True) if subs else None
    return None if "" in subs else _cut(value, subs, keep=False) if subs else value


def _cut(value: Any, subs: set[str], *, keep: bool) -> Any:
    if isinstance(value, list):
        return [_cut(item, subs, keep=keep) for item in value]
    if isinstance(value, Mapping):
        return {name: inner for name, inner in value.items() if (name in subs) is keep}
    return value
