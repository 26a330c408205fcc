"""What a file that is no delimited text is, told from its first bytes."""

from typing import NamedTuple

HEAD = 512
"""How many bytes are enough to tell."""

_AS_CSV = "Save or export it as CSV in UTF-8."


class Disguise(NamedTuple):
    """What the file is in truth, and what to do about it."""

    what: str
    next_step: str


_SIGNATURES = (
    (b"PK\x03\x04", Disguise("a spreadsheet (.xlsx) or a zip", _AS_CSV)),
    (b"PK\x05\x06", Disguise("an empty zip", _AS_CSV)),
    (b"\xd0\xcf\x11\xe0", Disguise("a spreadsheet of the older kind (.xls)", _AS_CSV)),
    (b"%PDF-", Disguise("a PDF", _AS_CSV)),
    (b"\x1f\x8b", Disguise("packed with gzip", "Give the unpacked file.")),
    (
        b"dn: ",
        Disguise("an LDIF export of a directory", "Give it as [directory] url, and the students as [sis] path."),
    ),
)
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<body", b"<script", b"<!--")
_PAGE = Disguise(
    "a web page or XML", "Whatever exported it may have got a sign-in page or an error; open it to see which."
)
_UTF16 = Disguise("UTF-16 without a byte-order mark", "Export it as UTF-8, or as UTF-16 with its mark.")
_JSON = (b"{", b"[{", b"[\n", b"[\r\n")


def disguise(head: bytes) -> Disguise | None:
    """What the file is, of which `head` are the first HEAD bytes; None for what may be text."""
    for signature, found in _SIGNATURES:
        if head.startswith(signature):
            return found
    plain = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if plain.lower().startswith(_MARKUP):
        return _PAGE
    if plain.startswith(_JSON):
        return Disguise("JSON", _AS_CSV)
    return _UTF16 if _is_unmarked_utf16(head) else None


def _is_unmarked_utf16(head: bytes) -> bool:
    """UTF-16 shows in zeros that stand beside the letters of the header, all on one side."""
    zeros = [head[side::2].count(0) for side in (0, 1)]
    return not head.startswith((b"\xff\xfe", b"\xfe\xff")) and sum(zeros) > len(head) // 4 and min(zeros) == 0
