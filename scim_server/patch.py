"""PATCH on a resource (RFC 7644, section 3.5.2): the operations in order, on a copy; all of them or none."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from scim2_models import Path, SCIMException
from scim2_models.path import AttrPath, ValuePath

from connector.domain import scim
from connector.domain.scim import Predicate
from connector.mapping.keys import case_key
from scim_server import quirks
from scim_server.conform import Resource, conform_value, one_primary
from scim_server.faults import ScimFault, invalid_filter, invalid_path, invalid_syntax, mutability, no_target
from scim_server.filters import DEEPEST, LONGEST, Target, find, item_predicate
from scim_server.schemas import Attribute, Attributes

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
OPERATIONS = ("add", "replace", "remove")
MOST_OPERATIONS = 1_000

_PLAIN_PATH = re.compile(r"([A-Za-z]\w*)(?:\.([A-Za-z$]\w*))?", re.ASCII)


class Operation(NamedTuple):
    """One operation: what it does, where (None: at the resource itself), with which value."""

    op: str
    path: str | None
    value: Any


class Place(NamedTuple):
    """Where an operation acts: the attribute, a filter on its items, and a sub-attribute of it or of them."""

    extension: str
    attribute: Attribute
    items: Predicate | None
    sub: Attribute | None


def operations(body: Mapping[str, Any]) -> list[Operation]:
    """The operations of a PatchOp message. Raises ScimFault 400."""
    require_message(body, PATCH_OP)
    found = next((value for key, value in body.items() if key.lower() == "operations"), None)
    if not isinstance(found, list) or not found:
        raise invalid_syntax("a PATCH needs Operations, a list of at least one")
    if len(found) > MOST_OPERATIONS:
        raise invalid_syntax(f"a PATCH has at most {MOST_OPERATIONS} operations")
    return [_operation(one) for one in found]


def require_message(body: Mapping[str, Any], urn: str) -> None:
    """Refuse a body that says it is another message; one that says nothing passes. Raises ScimFault 400."""
    told: Any = next((value for key, value in body.items() if key.lower() == "schemas"), None)
    if told and not (isinstance(told, list) and any(str(one).lower() == urn.lower() for one in told)):
        raise invalid_syntax(f"schemas is [{urn}]")


def _operation(told: Any) -> Operation:
    if not isinstance(told, Mapping):
        raise invalid_syntax("an operation is an object with op, path and value")
    told = {key.lower(): value for key, value in told.items()}
    op = quirks.operation(told)
    if op not in OPERATIONS:
        raise invalid_syntax('op is "add", "replace" or "remove"')
    path = told.get("path")
    if path is not None and not isinstance(path, str):
        raise invalid_path("path is a text")
    if not path and op == "remove":
        raise no_target("remove needs a path")
    if op != "remove" and "value" not in told:
        raise ScimFault(400, f"{op} needs a value", "invalidValue")
    return Operation(op, path or None, told.get("value"))


def only_active(steps: Sequence[Operation]) -> bool | None:
    """What a PATCH sets `active` to that does nothing else, as most do; None for any other."""
    if len(steps) != 1 or steps[0].op == "remove":
        return None
    _op, path, value = steps[0]
    if path is None and isinstance(value, Mapping) and len(value) == 1:
        path, value = next(iter(value.items()))
    return quirks.flag(value) if path is not None and path.lower() == "active" else None


def patched(resource: Resource, steps: Sequence[Operation], attributes: Attributes) -> Resource:
    """The resource after all operations. Raises ScimFault 400 invalidPath, noTarget, mutability or invalidValue."""
    after: Resource = _copied(resource)
    for step in steps:
        if step.path is None:
            _merge(after, step, attributes)
        else:
            _apply(after, step.op, place_of(step.path, attributes), step.value)
    return after


def _copied(told: Any) -> Any:
    """A copy of JSON's own values, deep."""
    if isinstance(told, dict):
        return {key: _copied(value) for key, value in told.items()}
    return [_copied(value) for value in told] if isinstance(told, list) else told


def _merge(resource: Resource, step: Operation, attributes: Attributes) -> None:
    """An operation without a path: each attribute of its value, which may be named by a path (`name.givenName`)."""
    if not isinstance(step.value, Mapping):
        raise ScimFault(400, f"{step.op} without a path needs an object as its value", "invalidValue")
    for key, value in step.value.items():
        attribute = attributes.get(key.lower())
        if attribute is not None and attribute.name.startswith("urn:") and isinstance(value, Mapping):
            for inner, told in value.items():
                sub = attribute.subs.get(inner.lower())
                if sub is not None and sub.mutability != "readOnly":
                    _apply(resource, step.op, Place(attribute.name, sub, None, None), told)
            continue
        place = Place("", attribute, None, None) if attribute is not None else _known_place(key, attributes)
        if place is None or place.attribute.mutability == "readOnly" or place.attribute.name == "schemas":
            continue
        _apply(resource, step.op, place, value)


def _known_place(path: str, attributes: Attributes) -> Place | None:
    """Where a key points, None for what the schemas do not know."""
    try:
        return place_of(path, attributes)
    except ScimFault:
        return None


def place_of(path: str, attributes: Attributes) -> Place:
    """Where a path points. Raises ScimFault 400 invalidPath or invalidFilter."""
    node = _parsed(path)
    where = node.attr_path if isinstance(node, ValuePath) else node
    extension = attributes.get(path.lower())
    if extension is not None and extension.name.startswith("urn:"):
        return Place("", extension, None, None)
    target = find(where, attributes) if isinstance(where, AttrPath) else None
    if target is None:
        raise invalid_path(f"there is no attribute {path}")
    urn = attributes.get((where.uri or "").lower())
    name = urn.name if urn is not None else ""
    if not isinstance(node, ValuePath):
        return Place(name, target.attribute, None, target.sub)
    return _with_items(name, target, node, path)


def _with_items(extension: str, target: Target, node: ValuePath, path: str) -> Place:
    attribute = target.attribute
    if not attribute.multi or attribute.plain or target.sub is not None:
        raise invalid_path(f"{path}: {attribute.name} has no items to choose from")
    sub = attribute.subs.get(node.sub_attr.lower()) if node.sub_attr else None
    if node.sub_attr and sub is None:
        raise invalid_path(f"there is no attribute {path}")
    return Place(extension, attribute, item_predicate(attribute, node.val_filter), sub)


@lru_cache(1024)
def _parsed(path: str) -> Any:
    plain = _PLAIN_PATH.fullmatch(path)
    if plain is not None:
        return AttrPath(plain[1], plain[2])
    if len(path) > LONGEST or path.count("(") > DEEPEST:
        raise invalid_path("the path is too long or nested too deep")
    try:
        return Path(path).ast
    except (SCIMException, ValueError, RecursionError) as error:
        fault = invalid_filter if "[" in path and "]" in path else invalid_path
        raise fault(f"the path cannot be read: {str(error).strip().split(chr(10), 1)[0][:200]}") from error


def _apply(resource: Resource, op: str, place: Place, value: Any) -> None:
    """One operation at one place."""
    leaf = place.sub or place.attribute
    if "readOnly" in (place.attribute.mutability, leaf.mutability):
        raise mutability(f"{leaf.name} is written by the server only")
    if op == "remove" and place.attribute.name == "userName":
        raise mutability("userName is required and cannot be removed")
    if place.attribute.name.startswith("urn:"):
        _apply_extension(resource, op, place.attribute, value)
        return
    scope = resource.setdefault(place.extension, {}) if place.extension else resource
    if place.items is not None:
        _apply_to_items(scope, op, place, value)
    elif op == "remove":
        _remove(scope, place, value)
    else:
        _set(scope, op, place, value)
    if place.extension and not scope:
        del resource[place.extension]


def _apply_extension(resource: Resource, op: str, extension: Attribute, value: Any) -> None:
    if op == "remove":
        resource.pop(extension.name, None)
        return
    if not isinstance(value, Mapping):
        raise ScimFault(400, f"{extension.name} is an object", "invalidValue")
    for key, told in value.items():
        sub = extension.subs.get(key.lower())
        if sub is not None and sub.mutability != "readOnly":
            _apply(resource, op, Place(extension.name, sub, None, None), told)


def _set(scope: Resource, op: str, place: Place, value: Any) -> None:
    attribute, sub = place.attribute, place.sub
    if sub is not None:
        _set_sub(scope, attribute, sub, value)
        return
    told = conform_value(attribute, value)
    if told is None:
        if attribute.name == "userName":
            raise ScimFault(400, "userName cannot be blank", "invalidValue")
        if attribute.type != "boolean":
            scope.pop(attribute.name, None)
    elif attribute.multi and op == "add":
        scope[attribute.name] = _joined(scope.get(attribute.name, []), told)
    elif attribute.multi or attribute.plain:
        scope[attribute.name] = told
    else:
        before = scope.get(attribute.name, {})
        given = value if isinstance(value, Mapping) else {}
        blank = {attribute.subs[key.lower()].name for key in given if _is_blank_sub(attribute, key, given[key])}
        scope[attribute.name] = {name: one for name, one in {**before, **told}.items() if name not in blank}


def _is_blank_sub(attribute: Attribute, key: str, value: Any) -> bool:
    return key.lower() in attribute.subs and value in (None, "")


def _set_sub(scope: Resource, attribute: Attribute, sub: Attribute, value: Any) -> None:
    told = conform_value(sub, value)
    if attribute.multi:
        items = scope.get(attribute.name, [])
        if not items:
            raise no_target(f"{attribute.name} has no items whose {sub.name} could be set")
        scope[attribute.name] = [_with(item, sub.name, told) for item in items]
        return
    changed = _with(scope.get(attribute.name, {}), sub.name, told)
    if changed:
        scope[attribute.name] = changed
    else:
        scope.pop(attribute.name, None)


def _with(item: Mapping[str, Any], name: str, value: Any) -> Resource:
    """The item with that sub-attribute, without it where the value is None."""
    others = {key: told for key, told in item.items() if key != name}
    return others if value is None else {**others, name: value}


def _joined(items: list[Any], more: list[Any]) -> list[Any]:
    """Both, each once; a new primary is the only one."""
    joined = list(items)
    for item in more:
        if item not in joined:
            joined.append(item)
    return one_primary(joined)


def _remove(scope: Resource, place: Place, value: Any) -> None:
    attribute, sub = place.attribute, place.sub
    if attribute.name not in scope:
        return
    if sub is not None:
        if attribute.multi:
            scope[attribute.name] = [_with(item, sub.name, None) for item in scope[attribute.name]]
        else:
            scope[attribute.name] = _with(scope[attribute.name], sub.name, None)
        if not scope[attribute.name]:
            del scope[attribute.name]
        return
    if attribute.multi and value is not None:
        gone = set(quirks.same_member(value))
        left = [item for item in scope[attribute.name] if not isinstance(item, dict) or item.get("value") not in gone]
        scope[attribute.name] = left
        if left:
            return
    del scope[attribute.name]


def _apply_to_items(scope: Resource, op: str, place: Place, value: Any) -> None:
    attribute, sub, wanted = place.attribute, place.sub, place.items
    assert wanted is not None  # noqa: S101 - asked before
    items: list[Any] = list(scope.get(attribute.name, []))
    chosen = [number for number, item in enumerate(items) if holds(wanted, item)]
    if op == "remove":
        for number in reversed(chosen):
            if sub is None:
                del items[number]
            else:
                items[number] = _with(items[number], sub.name, None)
    elif sub is not None and conform_value(sub, value) is None:
        # a blank value takes the whole item away: what is left of it would say nothing
        told = None if sub.name != "value" else ()
        items = [
            item if number not in chosen else _with(item, sub.name, None)
            for number, item in enumerate(items)
            if told is None or number not in chosen
        ]
    else:
        _set_items(items, chosen, place, value)
    if items:
        scope[attribute.name] = items
    else:
        scope.pop(attribute.name, None)


def _set_items(items: list[Any], chosen: list[int], place: Place, value: Any) -> None:
    """Set the chosen items, or make one that the filter describes where none is chosen.

    Entra ID counts on the latter: it writes `emails[type eq "work"].value` to users who have no address yet.
    """
    assert place.items is not None  # noqa: S101 - asked before
    if not chosen:
        described = _described(place.items, place.attribute)
        if described is None:
            raise no_target(f"no item of {place.attribute.name} is as the filter says")
        items.append(described)
        chosen = [len(items) - 1]
    for number in chosen:
        if place.sub is not None:
            items[number] = _with(items[number], place.sub.name, conform_value(place.sub, value))
        else:
            told = conform_value(place.attribute, value)
            items[number] = {**items[number], **(told[0] if told else {})}
        if items[number].get("primary") is True:
            items[:] = [
                {**item, "primary": False} if other != number and item.get("primary") is True else item
                for other, item in enumerate(items)
            ]


def _described(wanted: Predicate, attribute: Attribute) -> Resource | None:
    """The item that a filter of equalities describes; None for any other filter."""
    parts = wanted.parts if isinstance(wanted, scim.Every) else (wanted,)
    found: Resource = {}
    for part in parts:
        if not isinstance(part, scim.Compare) or part.op != "eq" or part.value is None:
            return None
        found[attribute.subs[part.sub].name] = part.value
    return found


def holds(wanted: Predicate, item: Any) -> bool:
    """Whether an item of a multi-valued attribute is as a filter says."""
    match wanted:
        case scim.Every(parts):
            return all(holds(part, item) for part in parts)
        case scim.Some(parts):
            return any(holds(part, item) for part in parts)
        case scim.Neither(part):
            return not holds(part, item)
        case scim.Present(_, sub):
            return _sub_value(item, sub) not in (None, "")
        case scim.Compare():
            return _compares(wanted, _sub_value(item, wanted.sub))
    return False


def _sub_value(item: Any, sub: str) -> Any:
    if not isinstance(item, Mapping):
        return item if sub == "value" else None
    return next((value for key, value in item.items() if key.lower() == sub), None)


def _compares(wanted: scim.Compare, value: Any) -> bool:
    if wanted.op == "ne":
        return not _compares(wanted._replace(op="eq"), value)
    if value is None or wanted.value is None:
        return value is None and wanted.value is None
    if isinstance(wanted.value, bool) or isinstance(value, bool):
        return bool(value == wanted.value)
    left, right = str(value), wanted.value
    if not wanted.exact:
        left, right = case_key(left), case_key(right)
    answers: dict[str, bool] = {
        "eq": left == right,
        "co": right in left,
        "sw": left.startswith(right),
        "ew": left.endswith(right),
        "gt": left > right,
        "ge": left >= right,
        "lt": left < right,
        "le": left <= right,
    }
    return answers[wanted.op]
