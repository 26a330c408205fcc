"""Text that came from files and directories, made unable to act: on a terminal, in a spreadsheet, on a page."""

import re

_SPACES = re.compile("[\t\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]+")
# Controls; embeddings, overrides and isolates of direction; signs that cannot be seen or are not text.
# The joiners U+200C and U+200D and the marks U+200E and U+200F belong to real names and stay.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u180e\u200b\u202a-\u202e\u2028\u2029\u2060-\u2069\ud800-\udfff\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_FORMULA = re.compile("(^|;)(?='*[=+\\-@\t\n\r\uff1d\uff0b\uff0d\uff20])")
_GUARDED = re.compile("(^|;)'(?='*[=+\\-@\t\n\r\uff1d\uff0b\uff0d\uff20])")


def harmless(text: str) -> str:
    r"""The text on one line, with every control, bidi override and invisible sign shown as `\u202e` and the like.

    Unicode Technical Report 36 describes what overrides and invisible signs can hide.
    """
    if text.isprintable():
        return text
    return _UNSAFE.sub(_escape, _SPACES.sub(" ", text))


def shortened(text: str, most: int) -> str:
    """The text if it has at most `most` characters; else its beginning, and how many are left out."""
    if len(text) <= most:
        return text
    keep = most - 12
    return f"{text[:keep]}… (+{len(text) - keep:,})"


def cell(text: str) -> str:
    """The text as one cell of a CSV file, which no spreadsheet takes for a formula.

    A cell that starts with = + - @ TAB CR or LF gets a leading apostrophe (OWASP, "CSV Injection"); so does what
    follows a semicolon, which divides cells where the comma is the decimal sign.
    """
    if text[:1].isalnum() and ";" not in text:
        return harmless(text)
    return harmless(_FORMULA.sub(r"\1'", text))


def data_cell(text: str) -> str:
    """The same for a file that is read back: signs that are only confusing to look at stay as they are.

    `uncell` gives back exactly the text, whatever it is.
    """
    if text[:1].isalnum() and ";" not in text:
        return text
    return _FORMULA.sub(r"\1'", text)


def uncell(text: str) -> str:
    """The text that `data_cell` was given; the one that `cell` was given, where that text was harmless."""
    return _GUARDED.sub(r"\1", text)


def _escape(match: re.Match[str]) -> str:
    point = ord(match.group())
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
