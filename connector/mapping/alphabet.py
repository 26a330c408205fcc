"""Which alphabets a name is written in, and whether that is safe to read as a username."""

from unicodedata import category, name

LATIN = "LATIN"
_LOOKALIKES = frozenset({LATIN, "CYRILLIC", "GREEK"})
_SHARED = frozenset({"", "MODIFIER"})


def foreign_alphabet(text: str) -> str:
    """An alphabet other than Latin that the text has letters of, as `Cyrillic`; empty where there is none."""
    first = min(_alphabets(text) - {LATIN}, default="")
    return "Chinese, Japanese or Korean" if first == "CJK" else first.title()


def mixes_alphabets(word: str) -> bool:
    """Whether one word holds letters of more than one of Latin, Cyrillic and Greek, which look alike."""
    return len(_alphabets(word) & _LOOKALIKES) > 1


def _alphabets(text: str) -> set[str]:
    """The alphabets of a text's letters; marks and letters that belong to all of them give none."""
    return {_alphabet(letter) for letter in text if category(letter)[0] == "L"} - _SHARED


def _alphabet(letter: str) -> str:
    """The first word of the letter's Unicode name, which names its alphabet."""
    if letter.isascii():
        return LATIN
    return name(letter, "").partition(" ")[0].partition("-")[0]
