"""The raw attributes of one directory entry, decoded here and never by a library's idea of a schema."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

RawAttributes = Mapping[str, Sequence[bytes]]
"""Attribute names in lower case, without options, and their values as the server sent them."""

_TIME = re.compile(r"([0-9]{10}(?:[0-9]{2}){0,2})(?:[.,][0-9]+)?(?:Z|([+-])([0-9]{2})([0-9]{2})?)")
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_FILETIME_END = (datetime(9999, 12, 31, tzinfo=UTC) - _FILETIME_EPOCH) // timedelta(microseconds=1) * 10


class Attributes:
    """One entry's attributes, read with forbearance: a value that makes no sense is left out and counted.

    `unreadable` counts such values by attribute over all entries that share it.
    """

    __slots__ = ("_raw", "_unreadable")

    def __init__(self, raw: RawAttributes, unreadable: Counter[str]) -> None:
        self._raw = raw
        self._unreadable = unreadable

    def __contains__(self, name: str) -> bool:
        return name in self._raw

    def any_of(self, names: frozenset[str]) -> bool:
        """Whether the entry has one of these attributes."""
        return not names.isdisjoint(self._raw)

    def repeats(self, name: str) -> bool:
        """Whether the attribute has several values."""
        return len(self._raw.get(name, ())) > 1

    def texts(self, name: str) -> list[str]:
        """Every value that is UTF-8."""
        texts = []
        for value in self._raw.get(name, ()):
            try:
                texts.append(value.decode())
            except UnicodeDecodeError:
                self._unreadable[name] += 1
        return texts

    def text(self, name: str) -> str:
        """The first value, or nothing."""
        values = self._raw.get(name)
        if not values:
            return ""
        try:
            return values[0].decode()
        except UnicodeDecodeError:
            self._unreadable[name] += 1
            return ""

    def integer(self, name: str) -> int | None:
        """The first value as a whole number (RFC 4517, 3.3.16)."""
        values = self._raw.get(name)
        if not values:
            return None
        try:
            return int(values[0])
        except ValueError:
            self._unreadable[name] += 1
            return None

    def flag(self, name: str) -> bool:
        """Whether the first value is TRUE (RFC 4517, 3.3.3; some servers write it in lower case)."""
        values = self._raw.get(name)
        if not values:
            return False
        word = values[0].strip().lower()
        if word not in (b"true", b"false"):
            self._unreadable[name] += 1
        return word == b"true"

    def filetime(self, name: str) -> datetime | None:
        """The first value as a Windows FILETIME: tenths of microseconds since 1601; None for none and never."""
        ticks = self.integer(name)
        if ticks is None or ticks == 0 or ticks >= _FILETIME_END:
            return None
        if ticks < 0:
            self._unreadable[name] += 1
            return None
        return _FILETIME_EPOCH + timedelta(microseconds=ticks // 10)

    def time(self, name: str) -> datetime | None:
        """The first value as a generalized time (RFC 4517, 3.3.13), in UTC."""
        values = self._raw.get(name)
        if not values:
            return None
        try:
            return generalized_time(values[0].decode("ascii"))
        except (ValueError, OverflowError):
            self._unreadable[name] += 1
            return None

    def guid(self, name: str) -> str:
        """The first value as a Windows GUID: sixteen bytes, the first three groups little-endian."""
        values = self._raw.get(name)
        if not values:
            return ""
        try:
            return str(UUID(bytes_le=values[0]) if len(values[0]) == 16 else UUID(values[0].decode("ascii")))
        except ValueError:
            self._unreadable[name] += 1
            return ""


def generalized_time(text: str) -> datetime:
    """A generalized time (RFC 4517, 3.3.13) in UTC; fractions of it are dropped. Raises ValueError."""
    if text[14:] in ("Z", ".0Z"):
        return datetime.fromisoformat(f"{text[:8]}T{text[8:14]}+00:00")
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no generalized time")
    digits = found[1].ljust(14, "0")
    offset = timedelta(hours=int(found[3] or 0), minutes=int(found[4] or 0))
    zone = timezone(-offset if found[2] == "-" else offset)
    return datetime.fromisoformat(f"{digits[:8]}T{digits[8:]}").replace(tzinfo=zone).astimezone(UTC)
