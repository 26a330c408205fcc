"""The small template language of usernames: `{given[0]}.{surname[:14]|alnum} || {code}`.

A template is read once, when the mapping file is loaded; it holds no loops, reaches nothing but the listed
fields, and every value it can yield is bounded.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import NamedTuple

from connector.domain.errors import ConfigError
from connector.mapping.fields import FIELDS
from connector.mapping.normalise import first_word, without_particles
from connector.mapping.safety import UNSAFE

MAX_TEXT = 500
MAX_VALUE = 113
MAX_PAD = 20

Change = Callable[[str], str]

WORD_FILTERS: dict[str, Change] = {
    "first_word": first_word,
    "last_word": lambda words: first_word(" ".join(words.split()[::-1])),
    "no_particles": without_particles,
    "initials": lambda words: "".join(word[0] for word in words.split()),
}
"""Filters that look at a value's words; they come before the slice, wherever they are written."""

SIGN_FILTERS: dict[str, Change] = {
    "lower": str.lower,
    "upper": str.upper,
    "title": str.title,
    "alnum": lambda text: "".join(filter(str.isalnum, text)),
    "alpha": lambda text: "".join(filter(str.isalpha, text)),
    "digits": lambda text: "".join(filter(str.isdigit, text)),
}
"""Filters that look at a value's single signs, in the order in which they are written, after the slice."""

_CASES = ("lower", "upper", "title")
_COUNTERS = {"n": 1, "n2": 2}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SLICE = re.compile(r"\[(?:(?P<at>-?\d{1,3})|(?P<start>-?\d{1,3})?:(?P<stop>-?\d{1,3})?)\]")
_BARS = re.compile(r"\{[^}]*\}?|\|\|")
_TOKEN = re.compile(r"\{[^{}]*\}?|\}|[^{}]+")
_PAD = re.compile(r"pad\((\d{1,3})\)")


class TemplateError(ConfigError):
    """A template that cannot be read; `column` counts from 1."""

    def __init__(self, message: str, column: int) -> None:
        """Keep the column apart, so that an editor can point at it."""
        super().__init__(message)
        self.column = column

    def __str__(self) -> str:
        """The message behind its column."""
        return f"column {self.column}: {self.message}"


class Slot(NamedTuple):
    """One `{field[slice]|filters}`; `cased` is true where a filter decides upper and lower case."""

    field: str
    part: slice = slice(None)
    word_filters: tuple[Change, ...] = ()
    sign_filters: tuple[Change, ...] = ()
    cased: bool = False

    def pick(self, words: str) -> str:
        """The words after the word filters."""
        for choose in self.word_filters:
            words = choose(words)
        return words

    def shape(self, value: str) -> str:
        """The value's slice after the sign filters."""
        value = value[:MAX_VALUE][self.part]
        for change in self.sign_filters:
            value = change(value)
        return value


class Counter(NamedTuple):
    """Where a template wants the counter, and how many digits it has at least."""

    width: int


Piece = str | Slot | Counter
Alternative = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A template as it was read: alternatives in order of preference, each a row of pieces."""

    text: str
    alternatives: tuple[Alternative, ...]

    @property
    def fields(self) -> frozenset[str]:
        """The names of all fields it reads."""
        return frozenset(piece.field for row in self.alternatives for piece in row if isinstance(piece, Slot))


def parse_template(text: str) -> Template:
    """Read a username template. Raises TemplateError at the first fault, with its column and the nearest name."""
    alternatives = _alternatives(text)
    for row, column in alternatives:
        if not any(isinstance(piece, Slot) for piece in row):
            raise TemplateError("an alternative needs at least one {field}", column)
    return Template(text, tuple(row for row, _ in alternatives))


def parse_affix(text: str) -> Template:
    """Read a prefix or suffix: text with fields, without alternatives and counter. Raises TemplateError."""
    alternatives = _alternatives(text, counters=0) if text else [((), 1)]
    if len(alternatives) > 1:
        raise TemplateError("a prefix or suffix has no alternatives: remove ||", alternatives[1][1])
    for at in (0, len(text) - 1):
        if text and text[at].isspace():  # round alternatives blanks mean nothing; here somebody meant one
            raise TemplateError("a username must not hold a blank: remove it", at + 1)
    return Template(text, (alternatives[0][0],))


def _alternatives(text: str, counters: int = 1) -> list[tuple[Alternative, int]]:
    """The rows of pieces between `||`, each with the column where it begins."""
    if len(text) > MAX_TEXT:
        raise TemplateError(f"a template has at most {MAX_TEXT} signs", MAX_TEXT + 1)
    rows = []
    for part, column in _between_bars(text):
        row = []
        for token, at in _tokens(part, column):
            piece = _piece(token, at)
            counters -= isinstance(piece, Counter)
            if counters < 0:
                raise TemplateError("there is a counter too many: one in a template, none in a prefix or suffix", at)
            row.append(piece)
        if not row:
            raise TemplateError("there is nothing here: write text or a {field}", column)
        rows.append((tuple(row), column))
    return rows


def _between_bars(text: str) -> Iterator[tuple[str, int]]:
    """The parts between `||` outside braces, blanks around them removed, each with its column."""
    start = 0
    bars = [found for found in _BARS.finditer(text) if found[0] == "||"]
    for end, after in [*(found.span() for found in bars), (len(text), len(text))]:
        part = text[start:end]
        yield part.strip(" "), start + 1 + len(part) - len(part.lstrip(" "))
        start = after


def _tokens(text: str, column: int) -> Iterator[tuple[str, int]]:
    """Text and `{...}` in turn, each with its column."""
    for found in _TOKEN.finditer(text):
        at = column + found.start()
        if found[0] == "}":
            raise TemplateError("a } without its {", at)
        if found[0].startswith("{") and not found[0].endswith("}"):
            raise TemplateError("this { is never closed by a }", at)
        yield found[0], at


def _piece(token: str, column: int) -> Piece:
    """What one token stands for."""
    if not token.startswith("{"):
        return _literal(token, column)
    name = token[1:-1].strip(" ")
    return Counter(_COUNTERS[name]) if name in _COUNTERS else _SlotReader(token[1:-1], column + 1).read()


def _literal(text: str, column: int) -> str:
    """Text that stands for itself: signs a username may hold."""
    for at, char in enumerate(text, column):
        if char in UNSAFE or char == " " or not (char.isascii() and char.isprintable()):
            shown = char if char.isprintable() else f"U+{ord(char):04X}"
            raise TemplateError(f'a username must not hold "{shown}"', at)
    return text


class _SlotReader:
    """Reads what stands between { and }, keeping the column for messages."""

    def __init__(self, text: str, column: int) -> None:
        self._text = text
        self._column = column
        self._at = 0

    def read(self) -> Slot:
        """The Slot. Raises TemplateError."""
        field = self._field()
        part = self._slice()
        names: list[str] = []
        words: list[Change] = []
        signs: list[Change] = []
        while self._at < len(self._text):
            name, change = self._filter()
            names.append(name)
            (words if name in WORD_FILTERS else signs).append(change)
        return Slot(field, part, tuple(words), tuple(signs), any(name in _CASES for name in names))

    def _field(self) -> str:
        self._blanks()
        found = _NAME.match(self._text, self._at)
        if not found:
            raise self._error("a field name is expected here, such as {surname}")
        if found[0] not in FIELDS:
            raise self._error(f'there is no field "{found[0]}"{_nearest(found[0], FIELDS)}')
        self._at = found.end()
        self._blanks()
        return found[0]

    def _slice(self) -> slice:
        if not self._text.startswith("[", self._at):
            return slice(None)
        found = _SLICE.match(self._text, self._at)
        if not found:
            raise self._error("a slice is written [0], [:3] or [-4:]")
        self._at = found.end()
        self._blanks()
        if found["at"] is not None:
            first = int(found["at"])
            return slice(first, first + 1 or None)
        return slice(_number(found["start"]), _number(found["stop"]))

    def _filter(self) -> tuple[str, Change]:
        if self._text[self._at] != "|":
            raise self._error('"[", "|" or "}" is expected here')
        self._at += 1
        self._blanks()
        start = self._at
        name = self._text[start:].split("|", 1)[0].strip()
        change = WORD_FILTERS.get(name) or SIGN_FILTERS.get(name) or self._pad(name)
        if change is None:
            known = [*WORD_FILTERS, *SIGN_FILTERS, "pad(n)"]
            raise self._error(f'there is no filter "{name}"{_nearest(name, known)}')
        self._at = start + len(name)
        self._blanks()
        return name, change

    def _pad(self, name: str) -> Change | None:
        """`pad(n)`: zeros in front up to n signs."""
        found = _PAD.fullmatch(name)
        if not found:
            return None
        width = int(found[1])
        if not 1 <= width <= MAX_PAD:
            raise self._error(f"pad takes a number from 1 to {MAX_PAD}")
        return partial(_zeros, width=width)

    def _blanks(self) -> None:
        while self._text.startswith(" ", self._at):
            self._at += 1

    def _error(self, message: str) -> TemplateError:
        return TemplateError(message, self._column + self._at)


def _zeros(text: str, width: int) -> str:
    """Zeros in front of a value; nothing stays nothing."""
    return text.rjust(width, "0") if text else ""


def _number(text: str | None) -> int | None:
    """The number of one side of a slice, None where it is open."""
    return None if text is None else int(text)


def _nearest(name: str, known: Iterable[str]) -> str:
    """A hint for a misspelt name: the nearest known one, else all of them."""
    names = list(known)
    near = get_close_matches(name, names, 1, 0.5)
    return f': did you mean "{near[0]}"?' if near else f"; known are {', '.join(names)}"
