"""The answer to one search request: framed as it arrives, decoded when it is whole (RFC 4511, 4.5.2).

ldap3 decodes some ten times slower than the server sends; this is the part of its work that is done here.
"""

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from connector.directory.ldap_ber import ENUMERATED, SEQUENCE, NotLdapError, element, elements, integer, number, text

Raw = dict[str, list[bytes]]

ENTRY, DONE, REFERENCE, EXTENDED, INTERMEDIATE = 0x64, 0x65, 0x73, 0x78, 0x79
_CONTROLS, _REFERRAL = 0xA0, 0xA3

PAGED = b"1.2.840.113556.1.4.319"
"""The control of paged results (RFC 2696)."""

LONGEST = 1 << 26
"""Octets of one message; more is no entry of a person but garbage that looks like a length."""

MOST = 1 << 29
"""Octets of the answer to one request, a page at most; more is an answer without an end."""

_SHORTEST = 7  # octets of a message
_LONGEST_HEADER = 6  # octets before its content: a tag and a length of up to 32 bits


class NoticeError(Exception):
    """The server said that it ends the connection (RFC 4511, 4.4.1); `args[0]` is its reason."""


class Result(NamedTuple):
    """How an operation ended: `referrals` are other servers' addresses.

    `cookie` asks for the next page; it is empty after the last one, and None where the server said nothing of pages.
    """

    code: int
    matched: str = ""
    message: str = ""
    referrals: tuple[str, ...] = ()
    cookie: bytes | None = None


class Page(NamedTuple):
    """The whole answer to one request; `entries` says where in `data` each entry begins."""

    data: bytes
    entries: list[int]
    references: int
    result: Result


class Inbox:
    """What a server sends, message after message; `receive` gives the next octets, at least one."""

    def __init__(self, receive: Callable[[], bytes]) -> None:
        self._receive = receive
        self._rest = b""

    def page(self, message_id: int) -> Page:
        """The whole answer to that request. Raises NotLdapError and NoticeError."""
        buffer = bytearray(self._rest)
        frame = _Frame(message_id)
        try:
            frame.take(buffer)
            while not frame.ended:
                if len(buffer) > MOST:
                    raise NotLdapError("an answer has no end")
                buffer += self._receive()
                frame.take(buffer)
            self._rest = bytes(buffer[frame.at :])
            data = bytes(buffer[: frame.at])
            return Page(data, frame.entries, frame.references, _result(data, *frame.last))
        except (IndexError, ValueError) as error:
            raise NotLdapError(str(error) or "a message has no content") from None


class _Frame:
    """How far the answer to one request has been looked through."""

    def __init__(self, message_id: int) -> None:
        self.at = 0
        self.ended = False
        self.entries: list[int] = []
        self.references = 0
        self.last = (0, 0)
        self._message_id = message_id
        self._usual = integer(message_id)

    def take(self, buffer: bytearray) -> None:
        """Look through the whole messages that have come since."""
        usual, entries, at, size = self._usual, self.entries, self.at, len(buffer)
        while size - at >= _SHORTEST and not self.ended:
            length = buffer[at + 1]
            start = at + 2
            if length > 127:
                start += length & 127
                length = int.from_bytes(buffer[at + 2 : start], "big")
            if buffer[at] != SEQUENCE or start - at > _LONGEST_HEADER or length > LONGEST:
                raise NotLdapError("a message does not begin as one")
            end = start + length
            if end > size:
                break
            operation = start + len(usual) if buffer.startswith(usual, start) else self._slowly(buffer, start, end)
            if buffer[operation] == ENTRY:
                entries.append(operation)
            else:
                self._other(buffer[operation], operation, end)
            at = end
        self.at = at

    def _other(self, tag: int, operation: int, end: int) -> None:
        """A message that is no entry."""
        if tag == DONE:
            self.ended, self.last = True, (operation, end)
        elif tag == REFERENCE:
            self.references += 1
        elif tag != INTERMEDIATE:
            raise NotLdapError("it answers no search")

    def _slowly(self, buffer: bytearray, start: int, end: int) -> int:
        """Where the operation begins in a message that does not begin as usual; one not asked for says good-bye."""
        message = bytes(buffer[start:end])
        found, operation = list(elements(message, 0, len(message)))[:2]
        if number(message, found) == self._message_id:
            return start + found.end
        if number(message, found) == 0 and operation.tag == EXTENDED:
            parts = list(elements(message, operation.start, operation.end))
            raise NoticeError(text(message, parts[2]) if len(parts) > 2 else "")
        raise NotLdapError("it answers another request")


def _result(data: bytes, at: int, stop: int) -> Result:
    """The LDAPResult at the end of an answer (RFC 4511, 4.1.9), with the cookie of its control."""
    operation, *controls = elements(data, at, stop)
    code, matched, message, *others = elements(data, operation.start, operation.end)
    if code.tag != ENUMERATED or code.start == code.end:
        raise NotLdapError("a result has no code")
    referrals = (
        text(data, url) for one in others if one.tag == _REFERRAL for url in elements(data, one.start, one.end)
    )
    cookies = (_cookie(data, one.start, one.end) for one in controls if one.tag == _CONTROLS)
    return Result(number(data, code), text(data, matched), text(data, message), tuple(referrals), next(cookies, None))


def _cookie(data: bytes, start: int, stop: int) -> bytes | None:
    """The cookie among the controls of a result; empty when there is no next page, None where there is none."""
    for control in elements(data, start, stop):
        kind, *others = elements(data, control.start, control.end)
        if data[kind.start : kind.end] == PAGED and others:
            value = element(data, others[-1].start, others[-1].end)
            _size, cookie = elements(data, value.start, value.end)
            return data[cookie.start : cookie.end]
    return None


class Targets(dict[bytes, str]):
    """Which attribute values go to, by the description the server gives; empty for what is not `wanted`.

    `NAME;cut` holds values of which the server gave only the first part (`memberOf;range=0-1499`).
    """

    def __init__(self, wanted: Collection[str]) -> None:
        super().__init__()
        self._wanted = wanted

    def __missing__(self, description: bytes) -> str:
        name, *options = description.decode("ascii", "replace").lower().split(";")
        plain = all(one == "binary" or one.startswith("range=") for one in options)
        cut = any(one.startswith("range=") and not one.endswith("*") for one in options)
        target = (f"{name};cut" if cut else name) if name in self._wanted and plain else ""
        self[description] = target
        return target


def decoded(page: Page, targets: Targets) -> Iterator[tuple[str, Raw]]:
    """The entries of a page: DN and attributes. Raises NotLdapError."""
    data = page.data
    try:
        for at in page.entries:
            yield _entry(data, at, targets)
    except IndexError:
        raise NotLdapError("an entry ends too early") from None


def _entry(data: bytes, at: int, targets: Targets) -> tuple[str, Raw]:
    """The SearchResultEntry at `at`. Written for speed: no element of it costs a call."""
    size = data[at + 1]
    at += 2
    if size > 127:
        at += size & 127
    size = data[at + 1]
    at += 2
    if size > 127:
        size, at = _long(data, size, at)
    end = at + size
    dn = data[at:end].decode(errors="backslashreplace")
    size = data[end + 1]
    at = end + 2
    if size > 127:
        size, at = _long(data, size, at)
    stop = at + size
    attributes: Raw = {}
    while at < stop:
        # SEQUENCE and its length, then OCTET STRING and the length of the name
        at += 4 + (data[at + 1] & 127 if data[at + 1] > 127 else 0)
        end = at + data[at - 1]
        target = targets[data[at:end]]
        size = data[end + 1]
        at = end + 2
        if size < 128 and data[end + 3] == size - 2:  # SET of one short value, as nearly always
            at += size
            if target:
                attributes[target] = [data[end + 4 : at]]
            continue
        if size > 127:
            size, at = _long(data, size, at)
        end = at + size
        if target and size:
            attributes[target] = _values(data, at, end)
        at = end
    if at != stop:
        raise NotLdapError("an entry is longer than it says")
    return dn, attributes


def _values(data: bytes, at: int, end: int) -> list[bytes]:
    """The values from `at` to `end`."""
    values = []
    while at < end:
        size = data[at + 1]
        at += 2
        if size > 127:
            size, at = _long(data, size, at)
        values.append(data[at : at + size])
        at += size
    if at != end:
        raise NotLdapError("an attribute is longer than it says")
    return values


def _long(data: bytes, size: int, at: int) -> tuple[int, int]:
    """A length that takes several octets, and where the content begins."""
    start = at + (size & 127)
    return int.from_bytes(data[at:start], "big"), start
