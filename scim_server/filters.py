"""Filters as the clients write them (RFC 7644, section 3.4.2.2), turned into what the store understands."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from scim2_models import SCIMException, ScimFilter
from scim2_models.path import AttrPath, Comparison, FilterNode, LogicalExpr, LogicalOperator, Not, Present, ValuePath

from connector.domain import scim
from connector.domain.scim import Order, Predicate
from scim_server.faults import ScimFault, invalid_filter, invalid_path
from scim_server.schemas import GROUP, USER, Attribute, Attributes

DEEPEST = 40
"""So deep may parentheses be nested."""

LONGEST = 8_000
"""So many characters may a filter have."""

MOST = 100
"""So many comparisons may a filter hold."""

_SIMPLE = re.compile(r'\s*([A-Za-z]+)\s+[eE][qQ]\s+"([^"\\\x00-\x1f]*)"\s*')
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
_ORDERING = frozenset({"gt", "ge", "lt", "le"})
_IN_TEXT = frozenset({"co", "sw", "ew"})
_MADE_WHEN_SENT = frozenset({"location", "version"})


class Target(NamedTuple):
    """What an attribute path names: the attribute, and the sub-attribute where it names one."""

    attribute: Attribute
    sub: Attribute | None

    @property
    def leaf(self) -> Attribute:
        """What holds the value: of a complex multi-valued attribute its `value`."""
        return self.sub or self.attribute.subs.get("value", self.attribute)


def read_filter(text: str, attributes: Attributes) -> Predicate:
    """The filter as a predicate. Raises ScimFault 400 invalidFilter for one that cannot be read or asked."""
    _require_text(text)
    simple = _SIMPLE.fullmatch(text)
    if simple is not None:
        attribute = attributes.get(simple[1].lower())
        if attribute is not None and attribute.plain and attribute.type in ("string", "reference"):
            _require_filterable(attribute)
            return scim.Compare(attribute.path, "", "eq", simple[2], attribute.exact)
    _require_small(text)
    try:
        tree = ScimFilter(text).ast
    except (SCIMException, ValueError, RecursionError) as error:
        raise invalid_filter(f"the filter cannot be read: {_first_line(error)}") from error
    return _Reader(attributes).predicate(tree)


def item_predicate(attribute: Attribute, node: FilterNode) -> Predicate:
    """The filter between brackets, on the items of an attribute. Raises ScimFault 400 invalidFilter."""
    path = attribute.path
    inner = _Reader({name: _at(sub, path) for name, sub in attribute.subs.items()})
    return _as_items(inner.predicate(node), path)


def read_order(text: str, direction: str, attributes: Attributes) -> Order:
    """What to sort by. Raises ScimFault 400 invalidPath for an attribute that there is not."""
    try:
        node = _attr_path(text)
    except (SCIMException, ValueError) as error:
        raise invalid_path(f"sortBy cannot be read: {_first_line(error)}") from error
    target = find(node, attributes)
    if target is None or target.attribute.returned == "never":
        raise invalid_path(f"there is no attribute {text} to sort by")
    return Order(target.attribute.path, _sub_of(target), descending=direction.lower() == "descending")


def find(node: AttrPath, attributes: Attributes) -> Target | None:
    """What a path names, letter case aside; None where there is no such attribute."""
    names = [part for part in (node.attr.lower(), (node.sub_attr or "").lower()) if part]
    scope: Attributes = attributes
    if node.uri is not None:
        extension = attributes.get(node.uri.lower())
        if extension is not None:
            scope = extension.subs
        elif node.uri.lower() != (USER if "username" in attributes else GROUP).lower():
            return None
    attribute = scope.get(names[0])
    if attribute is None or len(names) == 1:
        return None if attribute is None else Target(attribute, None)
    sub = attribute.subs.get(names[1])
    return None if sub is None else Target(attribute, sub)


def _attr_path(text: str) -> AttrPath:
    tree = ScimFilter(f"{text} pr").ast
    if not isinstance(tree, Present):
        raise ValueError("not an attribute path")
    return tree.attr_path


def _require_small(text: str) -> None:
    if len(text) > LONGEST:
        raise invalid_filter(f"the filter is longer than {LONGEST} characters")
    depth = deepest = 0
    for sign in _STRING.sub("", text):
        depth += (sign in "([") - (sign in ")]")
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise invalid_filter(f"the filter is nested more than {DEEPEST} deep")


def _require_text(text: str) -> None:
    if _NOT_TEXT.search(text) is not None:
        raise invalid_filter("the filter holds a null character, or half a character")


def _require_filterable(attribute: Attribute) -> None:
    if attribute.returned == "never":
        raise ScimFault(403, f"{attribute.name} cannot be asked for", "sensitive")


def _sub_of(target: Target) -> str:
    if target.sub is not None:
        return target.sub.name.lower()
    return "value" if "value" in target.attribute.subs else ""


class _Reader:
    """A syntax tree turned into a predicate, attribute by attribute."""

    def __init__(self, attributes: Attributes) -> None:
        self._attributes = attributes
        self._count = 0

    def predicate(self, node: FilterNode) -> Predicate:
        """The predicate of a node. Raises ScimFault."""
        self._count += 1
        if self._count > MOST:
            raise invalid_filter(f"the filter holds more than {MOST} comparisons")
        kinds: dict[type[FilterNode], Callable[[FilterNode], Predicate]] = {
            LogicalExpr: self._logical,
            Not: self._not,
            Comparison: self._comparison,
            Present: self._present,
            ValuePath: self._value_path,
        }
        return kinds[type(node)](node)

    def _logical(self, node: FilterNode) -> Predicate:
        assert isinstance(node, LogicalExpr)  # noqa: S101 - by the table above
        parts = tuple(map(self.predicate, node.terms))
        return scim.Every(parts) if node.op is LogicalOperator.and_ else scim.Some(parts)

    def _not(self, node: FilterNode) -> Predicate:
        assert isinstance(node, Not)  # noqa: S101 - by the table above
        return scim.Neither(self.predicate(node.expr))

    def _present(self, node: FilterNode) -> Predicate:
        assert isinstance(node, Present)  # noqa: S101 - by the table above
        target = self._target(node.attr_path)
        sub = target.sub.name.lower() if target.sub else ""
        return scim.Present(target.attribute.path, sub)

    def _comparison(self, node: FilterNode) -> Predicate:
        assert isinstance(node, Comparison)  # noqa: S101 - by the table above
        target = self._target(node.attr_path)
        leaf = target.leaf
        if target.attribute.name == "meta" and leaf.name in _MADE_WHEN_SENT:
            raise invalid_filter(f"meta.{leaf.name} cannot be compared: ask by id, or with If-None-Match")
        value = _value(leaf, str(node.op), node.value)
        return scim.Compare(target.attribute.path, _sub_of(target), str(node.op), value, leaf.exact)

    def _value_path(self, node: FilterNode) -> Predicate:
        assert isinstance(node, ValuePath)  # noqa: S101 - by the table above
        target = self._target(node.attr_path)
        if target.attribute.plain or target.sub is not None or not target.attribute.multi:
            raise invalid_filter(f"{node.attr_path} has no items to choose from")
        return scim.Within(target.attribute.path, item_predicate(target.attribute, node.val_filter))

    def _target(self, path: AttrPath) -> Target:
        target = find(path, self._attributes)
        if target is None:
            raise invalid_filter(f"there is no attribute {path}")
        _require_filterable(target.attribute)
        return target


def _at(sub: Attribute, path: str) -> Attribute:
    """A sub-attribute as an attribute of its own, for the filter between brackets."""
    return Attribute(sub.name, sub.type, f"{path}\n{sub.name.lower()}", exact=sub.exact)


def _as_items(predicate: Predicate, path: str) -> Predicate:
    """The predicate between brackets with its paths as those of the items' own sub-attributes."""
    match predicate:
        case scim.Compare(inner, _, op, value, exact):
            return scim.Compare(path, inner.partition("\n")[2], op, value, exact)
        case scim.Present(inner, _):
            return scim.Present(path, inner.partition("\n")[2])
        case scim.Neither(part):
            return scim.Neither(_as_items(part, path))
        case scim.Every(parts):
            return scim.Every(tuple(_as_items(part, path) for part in parts))
        case scim.Some(parts):
            return scim.Some(tuple(_as_items(part, path) for part in parts))
        case scim.Within():
            raise invalid_filter("a filter between brackets cannot hold brackets")


def _value(leaf: Attribute, op: str, value: object) -> str | bool | None:
    """The value compared with, as the attribute's type has it. Raises ScimFault."""
    if value is None:
        if op not in ("eq", "ne"):
            raise invalid_filter(f"null can only be compared with eq and ne, not with {op}")
        return None
    if leaf.type == "boolean":
        return _flag(leaf, op, value)
    if leaf.type == "dateTime":
        return _moment(leaf, value) if op not in _IN_TEXT else str(value)
    if leaf.type == "complex":
        raise invalid_filter(f"{leaf.name} has sub-attributes: name one of them")
    if isinstance(value, bool):
        raise invalid_filter(f"{leaf.name} is a text, not true or false")
    _require_text(str(value))
    return str(value)


def _flag(leaf: Attribute, op: str, value: object) -> bool:
    if op in _ORDERING or op in _IN_TEXT:
        raise invalid_filter(f"{leaf.name} is true or false and has no order")
    if isinstance(value, bool):
        return value
    words = {"true": True, "false": False}
    if not isinstance(value, str) or value.lower() not in words:
        raise invalid_filter(f"{leaf.name} is true or false")
    return words[value.lower()]


def _moment(leaf: Attribute, value: object) -> str:
    try:
        moment = datetime.fromisoformat(str(value))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError) as error:
        raise invalid_filter(f"{leaf.name} is a dateTime, like 2026-02-27T09:30:00Z") from error


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n", 1)[0][:200]
