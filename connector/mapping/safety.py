"""Which usernames are safe to give at all: the network's rules, reserved words, blocked words."""

import re
from importlib.resources import files
from unicodedata import category

from connector.domain.ruleset import UsernameRules
from connector.mapping.keys import fold_key

LOGIN_LIMIT = 20
"""The longest sAMAccountName of a user (Microsoft, `SAM-Account-Name attribute`)."""

EMAIL_LIMIT = 113
"""The longest user principal name (Microsoft, `Prepare to sync directory attributes`)."""

RESERVED = "is a reserved word"
BLOCKED = "is or holds a blocked word"

UNSAFE = '"/\\[]:;|=,+*?<>@'
"""Signs no sAMAccountName may hold, and @, which makes a login read as an e-mail address."""

_UNSAFE = re.compile(f"[{re.escape(UNSAFE)}\x00-\x1f\x7f]")
_UNSAFE_EMAIL = re.compile(f"[{re.escape(UNSAFE.replace('@', ''))}\x00-\x20\x7f]")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_WINDOWS_DEVICES = ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)))


def unsafe_part(username: str) -> str:
    """What a network login must not hold, in words; empty for a safe one."""
    found = _UNSAFE.search(username)
    if found:
        return _in_words(found[0])
    if username.endswith("."):
        return "a dot at the end"
    if username.isascii():
        return ""
    return next((_in_words(char) for char in username if char != " " and category(char) in _INVISIBLE), "")


def unsafe_email_part(address: str) -> str:
    """What an e-mail address used as a username must not hold, in words; empty for a safe one."""
    found = _UNSAFE_EMAIL.search(address)
    if found:
        return _in_words(found[0])
    local, _, domain = address.partition("@")
    if not local or not domain or "@" in domain:
        return "anything but one @ with text on both sides"
    return unsafe_part(local + domain)


def builtin_reserved() -> frozenset[str]:
    """The names no student is given, by fold_key: a list of service names, and the device names of Windows."""
    text = files("connector.mapping").joinpath("data/username-blocklist/list.txt").read_text("utf-8")
    return frozenset(map(fold_key, (*text.split(), *_WINDOWS_DEVICES)))


class WordList:
    """The words that keep a name from being given, `builtin` (by fold_key) and those of the rules."""

    def __init__(self, rules: UsernameRules, builtin: frozenset[str]) -> None:
        self._reserved = builtin.union(map(fold_key, rules.reserved))
        self._blocked = frozenset(map(fold_key, rules.blocked)) - {""}
        self._inside = tuple(sorted(self._blocked)) if rules.blocked_match == "substring" else ()
        self._whole = self._reserved | self._blocked

    def refuses(self, username: str) -> str:
        """RESERVED, BLOCKED or nothing. Which blocked word it was is not repeated."""
        key = username.lower() if username.isascii() else fold_key(username)
        if key in self._whole:
            return RESERVED if key in self._reserved else BLOCKED
        return BLOCKED if self._inside and any(word in key for word in self._inside) else ""

    def refuses_code(self, username: str) -> str:
        """The same for a name that is taken as it is: a number is a code, not a word."""
        return "" if username.isdecimal() else self.refuses(username)


def _in_words(char: str) -> str:
    """A sign as a person can read it: itself, or its number where it is invisible."""
    return f'the sign "{char}"' if char.isprintable() and char != " " else f"the invisible sign U+{ord(char):04X}"
