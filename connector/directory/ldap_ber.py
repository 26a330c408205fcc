"""The few forms of BER that LDAP messages take (X.690; RFC 4511, 5.1): definite lengths only."""

from collections.abc import Iterator
from typing import NamedTuple

INTEGER, OCTETS, ENUMERATED, SEQUENCE, BOOLEAN = 0x02, 0x04, 0x0A, 0x30, 0x01


class NotLdapError(ValueError):
    """The octets are no LDAP message."""


class Element(NamedTuple):
    """One element: its tag and where its content begins and ends."""

    tag: int
    start: int
    end: int


def element(data: bytes, at: int, stop: int) -> Element:
    """The element that begins at `at` and ends at `stop` at the latest. Raises NotLdapError."""
    try:
        tag, size = data[at], data[at + 1]
        start = at + 2
        if size > 127:
            start += size & 127
            size = int.from_bytes(data[at + 2 : start], "big")
    except IndexError:
        raise NotLdapError("it ends too early") from None
    if start + size > stop:
        raise NotLdapError("a part of it is longer than the whole")
    return Element(tag, start, start + size)


def elements(data: bytes, start: int, stop: int) -> Iterator[Element]:
    """The elements that lie one after the other from `start` to `stop`. Raises NotLdapError."""
    while start < stop:
        one = element(data, start, stop)
        yield one
        start = one.end


def number(data: bytes, of: Element) -> int:
    """The content as a whole number."""
    return int.from_bytes(data[of.start : of.end], "big", signed=True)


def text(data: bytes, of: Element) -> str:
    """The content as text, for people to read."""
    return data[of.start : of.end].decode(errors="replace")


def tlv(tag: int, *contents: bytes) -> bytes:
    """An element of these contents, with the shortest length that says it."""
    content = b"".join(contents)
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def integer(value: int, tag: int = INTEGER) -> bytes:
    """A whole number that is not negative."""
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))
