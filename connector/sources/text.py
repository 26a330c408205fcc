"""Cleaning the text of a cell: one form of a name, one form of an e-mail, the values of a list."""

import re
from collections.abc import Callable
from unicodedata import category, is_normalized, normalize

UNIT = "\x1f"
"""Parts the cells of a packed row; no cell holds it."""

PART = "\x1e"
"""Parts the values that a join gave to one cell; no value holds it."""

_LIST = re.compile(f"[;|{PART}]")
_LOCAL_LIMIT = 64
_LOCAL = re.compile(rf"[^\s<>()\[\],;:\\\"@]{{1,{_LOCAL_LIMIT}}}")
_DOMAIN = re.compile(r"[^\W_]([\w-]*[^\W_])?(\.[^\W_]([\w-]*[^\W_])?)+")


def clean(text: str) -> str:
    """The text in NFC, trimmed, every inner run of blanks or control signs a single blank; PART stays."""
    if PART in text:
        return PART.join(clean(part) for part in text.split(PART))
    if not text.isascii():
        text = normalize("NFC", text)
    if not text.isprintable():
        text = "".join(" " if category(sign) == "Cc" else sign for sign in text)
    return " ".join(text.split())


def is_clean(text: str, row: str) -> bool:
    """Whether no cell needs cleaning, as hardly any does: `text` are some cells of a packed row put together.

    A sign that can be printed is no control sign, and no blank but the plain one.
    """
    return (
        text.isprintable()
        and (text.isascii() or is_normalized("NFC", text))
        and (" " not in text or ("  " not in row and " \x1f" not in row and "\x1f " not in row and row[-1:] != " "))
    )


def split_list(text: str) -> tuple[str, ...]:
    """The values of a list cell, parted by `;`, `|` or PART, cleaned, each once, in their order."""
    if not text:
        return ()
    return tuple(dict.fromkeys(part for part in map(clean, _LIST.split(text)) if part))


def domain_of(text: str) -> str:
    """The mail domain in lower case; empty where the text is none."""
    domain = text.lower()
    return domain if len(domain) <= 255 and _DOMAIN.fullmatch(domain) else ""


def email_of(text: str, domain_of: Callable[[str], str] = domain_of) -> str:
    """The address with its domain in lower case; empty where the text is no address (RFC 5321, section 4.1.2).

    `domain_of` may be a faster way to the same answer.
    """
    local, _, domain = text.rpartition("@")
    known = domain_of(domain)
    plain = local.replace(".", "").isalnum() and len(local) <= _LOCAL_LIMIT
    if not known or not (plain or _LOCAL.fullmatch(local)):
        return ""
    return text if known == domain else f"{local}@{known}"
