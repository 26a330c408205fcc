"""In how many ways a regular expression may try to match: what bounds the time it can take.

Python's engine goes back and tries another way each time a match fails, so that `(a+)+b` takes years on forty
letters. No pattern with few ways can: each way is at most one pass over the text.
"""

import re
from dataclasses import dataclass

MOST_WAYS = 100_000
"""Two open-ended repeats (`.*-.*`) are below it, three of them or one inside another are far beyond."""

LONGEST_REPEAT = 256
"""What an open-ended repeat counts as: no text that is tried is longer."""

_REPEAT = re.compile(r"(?P<sign>[*+?])|\{(?P<low>\d*)(?P<comma>,)?(?P<high>\d*)\}")
_OPENING = re.compile(r"\(\?P=\w+|\(\?\(\w+\)|\(\?P<\w+>|\(\?[=!>]|\(\?<[=!]|\(\?[a-zA-Z-]*:?|\(")
_VERBOSE = re.compile(r"\(\?[a-zA-Z]*x")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)


def too_many_ways(pattern: str) -> str:
    """Why a pattern that compiles is refused all the same; empty for one that is quick on every text."""
    walk = _Walk(pattern)
    ways = walk.ways()
    if walk.verbose:
        return "it is written in the verbose form (?x); write it without blanks and comments"
    if ways > MOST_WAYS:
        return f"it can be tried in more than {MOST_WAYS:,} ways, so that one text could hold up a run for hours"
    return ""


@dataclass
class _Walk:
    """One pass over a pattern that compiles, from left to right."""

    pattern: str
    at: int = 0
    verbose: bool = False

    def ways(self) -> int:
        """Of the alternatives from here to the end of the group: each adds its ways."""
        total, product = 0, 1
        while self.at < len(self.pattern) and self.pattern[self.at] != ")":
            if self.pattern[self.at] == "|":
                self.at += 1
                total, product = total + product, 1
            else:
                grouped = self.pattern[self.at] == "("
                product = _capped(product * self._repeated(self._item(), grouped=grouped))
        return _capped(total + product)

    def _item(self) -> int:
        """One sign, class or group, without its repeat."""
        sign = self.pattern[self.at]
        if sign == "(":
            return self._group()
        if sign == "[" and (found := _CLASS.match(self.pattern, self.at)):
            self.at = found.end()
        else:
            self.at += 2 if sign == "\\" else 1
        return 1

    def _group(self) -> int:
        if self.pattern.startswith("(?#", self.at):
            self.at = self.pattern.index(")", self.at) + 1
            return 1
        opening = _OPENING.match(self.pattern, self.at)
        assert opening is not None  # noqa: S101 - a group begins with a bracket at least
        self.verbose |= _VERBOSE.match(opening.group()) is not None
        self.at = opening.end()
        inside = self.ways()
        self.at += 1
        return inside

    def _repeated(self, inside: int, *, grouped: bool) -> int:
        """The ways of something that may stand several times: for each number of times, each time its own.

        A group counts at least once for each time, since one that is empty goes round without using up the text.
        """
        found = _REPEAT.match(self.pattern, self.at)
        if found is None or found.group() == "{}":
            return inside
        self.at = found.end()
        if self.pattern[self.at : self.at + 1] in ("?", "+"):
            self.at += 1
        low, high = _span(found)
        total = high if grouped else 0
        for times in range(low, min(high, LONGEST_REPEAT) + 1):
            total = _capped(total + inside**times)
        return max(total, 1)


def _span(found: re.Match[str]) -> tuple[int, int]:
    """The least and the most times a repeat allows."""
    if found["sign"]:
        return {"*": (0, LONGEST_REPEAT), "+": (1, LONGEST_REPEAT), "?": (0, 1)}[found["sign"]]
    low = int(found["low"] or 0)
    if not found["comma"]:
        return low, low
    return low, int(found["high"] or max(low, LONGEST_REPEAT))


def _capped(ways: int) -> int:
    """Beyond the limit it does not matter how far."""
    return min(ways, MOST_WAYS + 1)
