"""LDAP search filters (RFC 4515), decided here for entries that no server filters."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from connector.directory.attributes import RawAttributes
from connector.domain.errors import ConfigError
from connector.mapping.keys import case_key

Predicate = Callable[[RawAttributes], bool]

BIT_AND = "1.2.840.113556.1.4.803"
BIT_OR = "1.2.840.113556.1.4.804"

_DEEPEST = 100

_ITEM = re.compile(
    r"\s*(?P<name>[A-Za-z0-9.-]+)(?:;[^=:<>~]*)?(?::(?P<rule>[0-9.]+):)?(?P<how>[~<>]?=)(?P<value>[^()]*)"
)
_ESCAPE = re.compile(rb"\\([0-9A-Fa-f]{2})")


class Filter(NamedTuple):
    """A parsed filter: whether an entry matches, and the attributes it looks at, in lower case.

    An attribute the entry does not have matches nothing. Text is compared by case_key, numbers by value.
    """

    matches: Predicate
    names: frozenset[str]


def parse_filter(text: str) -> Filter:
    """Parse a filter. Raises ConfigError that shows what cannot be understood."""
    reader = _Reader(text)
    predicate = reader.filter()
    if text[reader.at :].strip():
        raise reader.fault("nothing more")
    return Filter(predicate, frozenset(reader.names))


class _Reader:
    """The text of a filter, how far it has been read, and how many filters around are open."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.names, self.depth = text, 0, set[str](), 0

    def fault(self, expected: str) -> ConfigError:
        """What is wrong at the present place."""
        return ConfigError(
            f"the LDAP filter {self.text!r} cannot be understood at {self.text[self.at :]!r}: expected {expected}",
            hint='Write it as in "(&(objectClass=user)(department=Year 7))".',
        )

    def filter(self) -> Predicate:
        """One filter in its parentheses."""
        self._take("(")
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.fault(f"at most {_DEEPEST} filters in one another")
        sign = self.text[self.at : self.at + 1]
        if sign and sign in "&|!":
            self.at += 1
            predicate = self._joined(sign)
        else:
            predicate = self._item()
        self._take(")")
        self.depth -= 1
        return predicate

    def _joined(self, sign: str) -> Predicate:
        parts = []
        while self.text[self.at :].lstrip().startswith("("):
            parts.append(self.filter())
        if sign == "&":
            return lambda entry: all(part(entry) for part in parts)
        if sign == "|":
            return lambda entry: any(part(entry) for part in parts)
        if len(parts) != 1:
            raise self.fault("one filter after !")
        return lambda entry: not parts[0](entry)

    def _item(self) -> Predicate:
        found = _ITEM.match(self.text, self.at)
        if found is None:
            raise self.fault("attribute=value")
        self.at = found.end()
        name = found["name"].lower()
        self.names.add(name)
        test = _test(name, found["rule"] or "", found["how"], found["value"])
        if test is None:
            raise self.fault(f"a rule known here, not {found[0].strip()!r}")
        return lambda entry: any(map(test, entry.get(name, ())))

    def _take(self, sign: str) -> None:
        rest = self.text[self.at :].lstrip()
        if not rest.startswith(sign):
            raise self.fault(sign)
        self.at = len(self.text) - len(rest) + 1


def _test(name: str, rule: str, how: str, value: str) -> Callable[[bytes], bool] | None:
    """What one value must be; None for a rule that is not known."""
    if rule in (BIT_AND, BIT_OR) and how == "=" and value.strip().isdigit():
        return _bits(int(value), every=rule == BIT_AND)
    if rule:
        return None
    if how in ("<=", ">="):
        return _ordered(_plain(value), least=how == ">=")
    if value == "*":
        return lambda _: True
    if name == "objectcategory" and "=" not in value:
        value = f"cn={value},*"  # Active Directory takes a class's short name for its whole DN
    parts = [_plain(part) for part in value.split("*")]
    return (lambda raw: _text(raw) == parts[0]) if len(parts) == 1 else _like(parts)


def _plain(value: str) -> str:
    r"""A value of a filter without its `\2a` escapes, ready to compare."""
    return _text(_ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), value.encode()))


def _text(raw: bytes) -> str:
    return case_key(raw.decode(errors="replace"))


def _like(parts: Sequence[str]) -> Callable[[bytes], bool]:
    first, *inner, last = parts

    def test(raw: bytes) -> bool:
        text = _text(raw)
        at, end = len(first), len(text) - len(last)
        if at > end or not text.startswith(first) or not text.endswith(last):
            return False
        for part in inner:
            found = text.find(part, at, end)
            if found < 0:
                return False
            at = found + len(part)
        return True

    return test


def _bits(mask: int, *, every: bool) -> Callable[[bytes], bool]:
    def test(raw: bytes) -> bool:
        number = _number(_text(raw))
        return number is not None and (number & mask == mask if every else number & mask != 0)

    return test


def _ordered(bound: str, *, least: bool) -> Callable[[bytes], bool]:
    limit = _number(bound)

    def test(raw: bytes) -> bool:
        text = _text(raw)
        number = _number(text)
        if number is not None and limit is not None:
            return number >= limit if least else number <= limit
        return text >= bound if least else text <= bound

    return test


def _number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
