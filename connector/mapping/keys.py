"""The keys text is compared and ordered by."""

import re
from unicodedata import normalize

from anyascii import anyascii

_DIGITS = re.compile("[0-9]+")


def case_key(text: str) -> str:
    """The key under which two spellings are one login: casefold(NFKC(text))."""
    return text.lower() if text.isascii() else normalize("NFKC", text).casefold()


def fold_key(text: str) -> str:
    """The key under which two spellings are too alike to be two accounts: case_key of the text in ASCII."""
    return text.lower() if text.isascii() else case_key(anyascii(text))


def search_words(text: str) -> list[str]:
    """What is searched for, word by word as fold_key has them: a comma is a blank, as in family, given."""
    return fold_key(text).replace(",", " ").split()


def natural_key(code: str) -> str:
    """A string that sorts as people sort codes: digit runs by value, case-folded, ties by the text itself.

    Plain string order of the keys (code points, so also SQLite's BINARY and the C collation) is the natural
    order of the codes. A code holds no tab, which here ends the compared part.
    """
    return f"{_DIGITS.sub(_by_value, case_key(code))}\t{code}"


def _by_value(run: re.Match[str]) -> str:
    """The digits behind their count, so that more digits sort after fewer; leading zeros do not count."""
    digits = run[0].lstrip("0")
    count = str(len(digits))
    return f"{len(count)}{count}{digits}"
