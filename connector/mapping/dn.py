"""Distinguished names, compared as a directory compares them."""

import re
from collections.abc import Callable

from connector.mapping.keys import case_key

Dn = tuple[str, ...]
"""The relative names of a DN in normal form, the entry's own first, the suffix last."""

_PLAIN = re.compile(r'[^\\"+;#<>=\x00-\x1f]*')
_TYPE = re.compile(r"(?:oid\.)?([a-z][a-z0-9-]*|[0-9]+(?:\.[0-9]+)*)", re.IGNORECASE)
_PAIR = re.compile(r"\\([0-9A-Fa-f]{2})|\\(.)", re.DOTALL)
_SPECIAL = re.compile(r'[\\"+,;<>=\x00-\x1f\x7f]')


def parse_dn(text: str) -> Dn:
    """The relative names of a DN (RFC 4514, with the quotes and semicolons of RFC 1779) in normal form.

    Types and values are case-folded, blanks around and runs of blanks inside do not count, the parts of a
    multi-valued name stand in order. The empty DN has no names. Raises ValueError that says what is wrong.
    """
    if not text.strip():
        return ()
    return tuple("+".join(sorted(map(_part, _split(rdn, "+")))) for rdn in _split(text, ",;"))


def is_dn(text: str) -> bool:
    """Whether parse_dn can read it."""
    try:
        parse_dn(text)
    except ValueError:
        return False
    return True


def normal_dn(text: str) -> str:
    """The normal form of a DN: two DNs name one entry when theirs are equal. Raises ValueError."""
    return ",".join(parse_dn(text))


def dn_parser() -> Callable[[str], Dn]:
    """A parse_dn that remembers the parents it has met, for the many entries that share few of them."""
    parents: dict[str, Dn] = {"": ()}

    def parse(text: str) -> Dn:
        if "\\" in text or '"' in text or ";" in text:
            return parse_dn(text)
        own, _, rest = text.partition(",")
        parent = parents.get(rest)
        if parent is None:
            parent = parents[rest] = parse_dn(rest)
        return (*parse_dn(own), *parent)

    return parse


def parent_dn(dn: str) -> str:
    """The DN of the container, as it is spelt; what cannot be read stays as it is."""
    if "\\" not in dn and '"' not in dn:
        return dn.partition(",")[2]
    try:
        parse_dn(dn)
    except ValueError:
        return dn
    return ",".join(_split(dn, ",;")[1:])


def ancestors(dn: str) -> list[str]:
    """The DNs of the containers of a DN, the nearest first, as they are spelt; none where it cannot be read."""
    try:
        pieces = _split(dn, ",;")
    except ValueError:
        return []
    return [",".join(pieces[at:]) for at in range(1, len(pieces))]


def units(dn: str) -> tuple[str, ...]:
    """The names of the containers of a DN from the outmost in, as they are spelt, without its domain (dc).

    A DN that cannot be read is one name.
    """
    try:
        pairs = [rdn.strip().partition("=") for rdn in _split(dn, ",;")]
        return tuple(_unescaped(value).strip() for kind, _, value in reversed(pairs) if kind.strip().lower() != "dc")
    except ValueError:
        return (dn,)


def is_under(dn: Dn, base: Dn) -> bool:
    """Whether `dn` is `base` or lies below it."""
    return not base or dn[-len(base) :] == base


def passes_through(dn: Dn, path: Dn) -> bool:
    """Whether the consecutive names of `path` occur among the parents of the entry `dn`."""
    parents, length = dn[1:], len(path)
    return any(parents[start : start + length] == path for start in range(len(parents) - length + 1))


def _split(text: str, separators: str) -> list[str]:
    """The text cut at unescaped, unquoted separators."""
    if "\\" not in text and '"' not in text:
        return re.split(f"[{separators}]", text)
    pieces, start, quoted, at = [], 0, False, 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == '"':
            quoted = not quoted
        elif text[at] in separators and not quoted:
            pieces.append(text[start:at])
            start = at + 1
        at += 1
    if quoted:
        raise ValueError(f'a quote (") is not closed in {text!r}')
    return [*pieces, text[start:]]


def _part(text: str) -> str:
    """One `type=value` in normal form."""
    kind, equals, value = text.partition("=")
    found = _TYPE.fullmatch(kind.strip())
    if not equals or found is None:
        raise ValueError(f"{text.strip()!r} is not of the form type=value")
    return f"{found[1].lower()}={_value(value)}"


def _value(raw: str) -> str:
    """The value without escapes, folded, and escaped again in the one way a normal form has."""
    text = raw.strip(" ")
    if text.startswith("#"):
        return text.lower()
    if not _PLAIN.fullmatch(raw):
        quoted = len(text) > 1 and text[0] == text[-1] == '"'
        text = _unescaped(text[1:-1] if quoted else raw)
    folded = case_key(text)
    if " " in folded:
        folded = " ".join(word for word in folded.split(" ") if word)
    return _escaped(folded)


def _unescaped(text: str) -> str:
    r"""The text behind `\,` and `\C3\AB`. Raises ValueError for a lone backslash or bytes that are not UTF-8."""
    octets, start = bytearray(), 0
    for pair in _PAIR.finditer(text):
        octets += text[start : pair.start()].encode()
        octets += bytes.fromhex(pair[1]) if pair[1] else pair[2].encode()
        start = pair.end()
    rest = text[start:]
    if "\\" in rest:
        raise ValueError(f"{text!r} ends in a lone backslash")
    return (octets + rest.encode()).decode()


def _escaped(text: str) -> str:
    """The text with what has a meaning in a DN escaped."""
    if _SPECIAL.search(text):
        text = _SPECIAL.sub(_escape, text)
    return f"\\{text}" if text.startswith("#") else text


def _escape(found: re.Match[str]) -> str:
    sign = found[0]
    return f"\\{ord(sign):02x}" if sign < " " or sign == "\x7f" else f"\\{sign}"
