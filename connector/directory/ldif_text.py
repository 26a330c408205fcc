"""The text of an LDIF file: encodings, line ends and the blocks between empty lines."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from connector.domain.errors import DirectoryError

CHUNK = 1 << 20
LONGEST_BLOCK = 64 << 20

_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Block(NamedTuple):
    """Lines without an empty one among them: UTF-8, line ends `\\n`, none after the last.

    `line` is the number of the first. `ended` says that an empty line follows, `whole` that the last line has
    its line end.
    """

    line: int
    text: bytes
    ended: bool
    whole: bool = True


def blocks(stream: BinaryIO, name: str) -> Iterator[Block]:
    """The blocks of an LDIF file in UTF-8 or UTF-16, with or without a byte order mark.

    Raises DirectoryError that names the line where the file turns out to be no text.
    """
    line, rest = 1, b""
    for chunk in _unix_lines(_utf8(stream, name)):
        if b"\0" in chunk:
            raise not_ldif(name, line + rest.count(b"\n") + chunk.partition(b"\0")[0].count(b"\n"), "binary data")
        *done, rest = (rest + chunk).split(b"\n\n")
        for text in done:
            if text.strip(b"\n"):
                first = len(text) - len(text.lstrip(b"\n"))
                yield Block(line + first, text[first:], ended=True)
            line += text.count(b"\n") + 2
        if len(rest) > LONGEST_BLOCK:
            raise not_ldif(name, line, "an entry without an end")
    if rest.strip(b"\n"):
        first = len(rest) - len(rest.lstrip(b"\n"))
        yield Block(line + first, rest[first:].removesuffix(b"\n"), ended=False, whole=rest.endswith(b"\n"))


def not_ldif(name: str, line: int, found: str) -> DirectoryError:
    """The error for a file that is no LDIF export: where, and what stands there."""
    return DirectoryError(
        f"{name}, line {line}: expected an LDIF export, found {found}",
        hint="Export the directory again with ldifde or ldapsearch, as text.",
    )


def _utf8(stream: BinaryIO, name: str) -> Iterator[bytes]:
    """The file in chunks of UTF-8 without a byte order mark."""
    start = stream.read(CHUNK)
    encoding = _UTF16.get(start[:2]) or _unmarked_utf16(start)
    if not encoding:
        start = start.removeprefix(codecs.BOM_UTF8)
        while start:
            yield start
            start = stream.read(CHUNK)
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    start = start[2:] if start[:2] in _UTF16 else start
    try:
        while start:
            yield decoder.decode(start).encode()
            start = stream.read(CHUNK)
        if decoder.getstate()[0]:
            yield "\N{REPLACEMENT CHARACTER}".encode()
    except UnicodeError as error:
        raise not_ldif(name, 1, f"text that is not {encoding.upper()} ({error})") from error


def _unmarked_utf16(start: bytes) -> str:
    """UTF-16 shows in the zero byte beside the first letter."""
    if len(start) > 1 and start[0] and not start[1]:
        return "utf-16-le"
    return "utf-16-be" if len(start) > 1 and start[1] and not start[0] else ""


def _unix_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks with `\\n` for `\\r\\n`, also where one begins with the second half."""
    held = b""
    for chunk in chunks:
        text = held + chunk
        held = b"\r" if text.endswith(b"\r") else b""
        yield text.removesuffix(b"\r").replace(b"\r\n", b"\n")
    if held:
        yield held
