"""Which alphabets a name is written in, and whether that is safe to read as a username."""

from unicodedata import category, name

LATIN = "LATIN"
_LOOKALIKES = frozenset({LATIN, "CYRILLIC", "GREEK"})
_SHARED = frozenset({"", "MODIFIER", "FEMININE", "MASCULINE"})


def foreign_alphabet(text: str) -> str:
    """The first alphabet other than Latin in a text, as `Cyrillic`; empty where there is none.

    Words that mix look-alike alphabets are not counted: they are a fault of their own (see `mixes_alphabets`).
    """
    for word in text.replace("-", " ").split():
        found = _alphabets(word)
        others = found - {LATIN}
        if others and len(found & _LOOKALIKES) < 2:
            return min(others).title()
    return ""


def mixes_alphabets(text: str) -> bool:
    """Whether one word holds letters of more than one of Latin, Cyrillic and Greek, which look alike."""
    return any(len(_alphabets(word) & _LOOKALIKES) > 1 for word in text.replace("-", " ").split())


def _alphabets(word: str) -> set[str]:
    """The alphabets of a word's letters; marks and letters that belong to all of them give none."""
    return {_alphabet(letter) for letter in word if category(letter)[0] == "L"} - _SHARED


def _alphabet(letter: str) -> str:
    """The first word of the letter's Unicode name, which names its alphabet."""
    if letter.isascii():
        return LATIN
    return name(letter, "").partition(" ")[0].partition("-")[0]
