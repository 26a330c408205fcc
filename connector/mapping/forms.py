"""The base of a username in parts, so that it can be cut to make room and take a counter."""

import re
from functools import lru_cache
from string import punctuation
from typing import NamedTuple

LAYOUTS = {
    "initial_surname": ("if", "imf"),
    "initial_dot_surname": ("i.f", "im.f"),
    "given_surname": ("gf", "gmf"),
    "given_dot_surname": ("g.f", "g.m.f"),
    "surname_initial": ("fi", "fim"),
    "surname_dot_given": ("f.g", "f.g.m"),
    "given_initial": ("gs", "gms"),
    "cohort_initial_surname": ("cif", "cimf"),
    "initials_code": ("imsd", ""),
}
"""The methods that spell a name, without and with the middle initial.

g given name, i its initial, m middle initial, f family name, s its initial, c two digits of the year of
finishing, d the code without its leading letters, a dot itself.
"""

_CUTTABLE = "fg"
_AGAIN = re.compile(f"([{re.escape(punctuation)}])[{re.escape(punctuation)}]+")


LAST = 9
"""Where a counter stands that comes behind every part."""


class Form(NamedTuple):
    """One spelling of a base. `cut` lists the parts that may lose letters, the first to lose them first.

    The counter stands before the part `counter_at`. `width` is the least number
    of digits a template asks for where it places the counter itself, else 0.
    """

    parts: tuple[str, ...]
    cut: tuple[int, ...]
    counter_at: int = LAST
    width: int = 0

    def spell(self, counter: int, room: int) -> str:
        """The base with the counter (0: none) in at most `room` characters; empty where that cannot be."""
        whole = "".join(self.parts)
        if not counter:
            return whole if len(whole) <= room else "".join(self._cut_to(room))
        digits = str(counter).zfill(self.width)
        if self.counter_at >= len(self.parts) and len(whole) + len(digits) <= room:
            return whole + digits
        parts = self._cut_to(room - len(digits))
        return "".join([*parts[: self.counter_at], digits, *parts[self.counter_at :]]) if parts else ""

    def _cut_to(self, room: int) -> list[str]:
        """The parts, cut no further than needed, none to nothing and none to a sign at its end; else no parts."""
        parts = list(self.parts)
        excess = sum(map(len, parts)) - room
        for index in self.cut:
            if excess <= 0:
                break
            whole = parts[index]
            parts[index] = whole[: max(1, len(whole) - excess)].rstrip(punctuation)
            excess -= len(whole) - len(parts[index])
        return parts if excess <= 0 else []


@lru_cache(maxsize=256)
def cut_order(layout: str) -> tuple[int, ...]:
    """Which parts of a layout may be cut: the family name first, then the given name."""
    return tuple(layout.index(letter) for letter in _CUTTABLE if letter in layout)


@lru_cache(maxsize=256)
def tidy_layout(layout: str) -> str:
    """A layout without dots at an end or behind another dot."""
    return re.sub(r"\.+", ".", layout).strip(".")


def text_form(head: str, tail: str = "", width: int = 0) -> Form:
    """A form of plain text, the counter between head and tail; signs at the ends and doubled ones are removed."""
    head = _AGAIN.sub(r"\1", head).lstrip(punctuation)
    tail = _AGAIN.sub(r"\1", tail).rstrip(punctuation)
    if not tail:
        return Form((head.rstrip(punctuation),), (0,), counter_at=1, width=width)
    return Form((head, tail), (1, 0), 1, width) if head else Form((tail.lstrip(punctuation),), (0,), 0, width)
