"""Names as people write them to the letters of a username, one named step after the other."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple
from unicodedata import category, normalize

from anyascii import anyascii

from connector.domain.errors import ConfigError
from connector.domain.ruleset import Normalisation
from connector.mapping.alphabet import foreign_alphabet, mixes_alphabets

_PARTICLES = "van von der den de la le del di da dos du el al bin ibn ter ten mac mc st o"
PARTICLES = frozenset(_PARTICLES.split())
"""The words that belong to the family name behind them."""

_NORDIC = {"å": "aa", "ä": "ae", "æ": "ae", "ö": "oe", "ø": "oe"}
LOCALES: Mapping[str, Mapping[str, str]] = {
    "de": {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"},
    "da": _NORDIC,
    "nb": _NORDIC,
    "nn": _NORDIC,
    "no": _NORDIC,
    "sv": _NORDIC,
    "fi": _NORDIC,
}
"""How a country writes its own letters in ASCII (the recommended ones of ICAO Doc 9303-3, section 6)."""

_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk"})
_ASCII_DROPPED = dict.fromkeys([*range(32), 127, ord("^"), ord("`")])
_CODE_SIGNS = "._-"

Step = tuple[str, Callable[[str], str]]


class NameFault(NamedTuple):
    """Why a name cannot be read: a skip reason and what was seen, without the name itself."""

    reason: str
    detail: str


class Normaliser:
    """The normalisation of one mapping file, compiled. Raises ConfigError for an unknown option.

    `keep_case` leaves capitals as the SIS has them; otherwise everything is lower case.
    """

    def __init__(self, rules: Normalisation, *, keep_case: bool = False) -> None:
        _check(rules)
        self._policy = rules.non_latin
        self._keep_case = keep_case
        self._table = _table_step(rules)
        raw: list[Step] = [("signs and invisible characters dropped", compose)]
        if not keep_case:
            raw.append(("lower case", _lower))
        if self._table:
            raw.append(("letters replaced by the table", self._table))
        ascii_step = ("written in ASCII", _ascii if keep_case else _lower_ascii)
        name_signs = rules.specials.replace(".", "")
        self._words: list[Step] = [
            *raw,
            ascii_step,
            ("apostrophes, dots and other signs removed", _stripper(name_signs)),
            (f"hyphen: {rules.hyphen}", _HYPHENS[rules.hyphen]),
        ]
        squeeze = ("blanks removed", _squeezer(name_signs + "-"))
        particles = [("particles dropped", without_particles)] if rules.particles == "drop" else []
        first = [("first of several given names", first_word)] if rules.multi_given == "first" else []
        self._family: list[Step] = [*self._words, *particles, squeeze]
        self._given: list[Step] = [*self._words, *first, squeeze]
        signs = "".join(dict.fromkeys(_CODE_SIGNS + rules.specials))
        self._code_words: list[Step] = [*raw, ascii_step, ("other signs removed", _stripper(signs))]
        self._squeeze = _squeezer(signs)
        self._plain = not any(source.isascii() for source, _ in rules.table)

    def given(self, text: str) -> str:
        """The given name as one run of letters; of several the first, unless they are joined."""
        if self._plain and text.isascii() and text.isalpha():
            return text if self._keep_case else text.lower()
        return _run(self._given, text)

    def family(self, text: str) -> str:
        """The family name as one run of letters."""
        if self._plain and text.isascii() and text.isalpha():
            return text if self._keep_case else text.lower()
        return _run(self._family, text)

    def words(self, text: str) -> str:
        """A name's words in ASCII letters, still apart."""
        return _run(self._words, text)

    def code_words(self, text: str) -> str:
        """The words of anything but a name; dots, hyphens and underscores stay."""
        return _run(self._code_words, text)

    def squeeze(self, words: str) -> str:
        """Words to one run: no blanks, no sign at an end or twice in a row."""
        return self._squeeze(words)

    def fault(self, text: str) -> NameFault | None:
        """Why the name is not to be turned into letters, or None.

        A letter of another alphabet that the table replaces is no fault; with `non_latin = "transliterate"` none
        is. A word of look-alike alphabets is a fault of its own, the lesser one where both occur.
        """
        if text.isascii():
            return None
        words = compose(text).replace("-", " ").split()
        mixed = [word for word in words if mixes_alphabets(word)]
        foreign = next(filter(None, (self._foreign(word) for word in words if word not in mixed)), "")
        if foreign and self._policy != "transliterate":
            return NameFault("non-latin-name", f"holds {foreign} letters, which cannot be turned into Latin safely")
        if mixed:
            return NameFault("confusable-name", "mixes look-alike letters of Latin, Cyrillic or Greek in one word")
        return None

    def _foreign(self, word: str) -> str:
        """The alphabet of a letter that is still not Latin after the table."""
        if self._table:
            word = self._table(word if self._keep_case else _lower(word))
        return foreign_alphabet(word)

    def trace_given(self, text: str) -> Iterator[tuple[str, str]]:
        """Every step that changed the given name: what was done, and what came out."""
        return _trace(self._given, text)

    def trace_family(self, text: str) -> Iterator[tuple[str, str]]:
        """Every step that changed the family name: what was done, and what came out."""
        return _trace(self._family, text)


def compose(text: str) -> str:
    """NFKC without controls, invisible characters, emoji and free-standing accents.

    The accents go first: NFKC makes a blank and a mark of them, and "D´Arcy" would become two words.
    """
    if text.isascii():
        return text.translate(_ASCII_DROPPED)
    bare = "".join(char for char in text if category(char) != "Sk")
    return "".join(char for char in normalize("NFKC", bare) if category(char) not in _DROPPED)


def first_word(text: str) -> str:
    """The first word that holds a letter or digit; the text itself where none does."""
    return next((word for word in text.split() if any(map(str.isalnum, word))), text)


def without_particles(text: str) -> str:
    """The words less those that only lead to the name behind them; the last word always stays."""
    *leading, last = text.split() or [""]
    return " ".join([*(word for word in leading if word.lower() not in PARTICLES), last])


def _run(steps: list[Step], text: str) -> str:
    """The text after all the steps."""
    for _, step in steps:
        text = step(text)
    return text


def _trace(steps: list[Step], text: str) -> Iterator[tuple[str, str]]:
    """The steps that changed the text, each with its result."""
    for label, step in steps:
        before, text = text, step(text)
        if text != before:
            yield label, text


def _lower(text: str) -> str:
    """Lower case in NFC; of İ only the letter is left once it is written in ASCII."""
    return text.lower() if text.isascii() else normalize("NFC", text.lower())


def _ascii(text: str) -> str:
    """ASCII; the middle dot of Catalan is no hyphen, and any white space is a blank."""
    return " ".join(anyascii(text.replace("·", "")).split())


def _lower_ascii(text: str) -> str:
    """ASCII in lower case, also where one letter became two."""
    return _ascii(text).lower()


def _stripper(signs: str) -> Callable[[str], str]:
    """A step that leaves letters, digits, blanks, hyphens and the given signs."""
    other = re.compile(f"[^A-Za-z0-9 {re.escape(signs)}-]+")

    def strip(text: str) -> str:
        return other.sub("", text)

    return strip


def _squeezer(signs: str) -> Callable[[str], str]:
    """A step that removes blanks, and signs at an end or behind another."""
    again = re.compile(f"([{re.escape(signs)}])[{re.escape(signs)}]+")

    def squeeze(text: str) -> str:
        run = text.replace(" ", "")
        return run if run.isalnum() else again.sub(r"\1", run.strip(signs))

    return squeeze


def _no_hyphen(text: str) -> str:
    return text.replace("-", "")


def _keep_hyphen(text: str) -> str:
    return re.sub(" *-[ -]*", "-", text)


def _before_hyphen(text: str) -> str:
    return _hyphen_parts(text)[0]


def _behind_hyphen(text: str) -> str:
    return _hyphen_parts(text)[-1]


def _hyphen_parts(text: str) -> list[str]:
    """What stands between the hyphens, empty parts left out."""
    return [part for part in text.split("-") if part.strip()] or [""]


_HYPHENS = {"remove": _no_hyphen, "keep": _keep_hyphen, "first": _before_hyphen, "last": _behind_hyphen}
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "transliteration": ("", *LOCALES),
    "non_latin": ("skip", "transliterate", "code"),
    "hyphen": tuple(_HYPHENS),
    "particles": ("join", "drop", "keep_space_removed"),
    "multi_given": ("first", "join"),
}
"""The words each option of a Normalisation may hold; `keep_space_removed` is another word for join."""


def _check(rules: Normalisation) -> None:
    """Raise ConfigError for an option that is not one of OPTIONS."""
    for option, known in OPTIONS.items():
        value = getattr(rules, option)
        if value not in known:
            raise ConfigError(f'{option} = "{value}" is unknown: use one of {", ".join(filter(None, known))}')


def _table_step(rules: Normalisation) -> Callable[[str], str] | None:
    """A step that replaces the configured pairs, then the locale's letters, in one pass; None without any."""
    pairs: dict[str, str] = {}
    for source, target in (*rules.table, *LOCALES.get(rules.transliteration, {}).items()):
        composed = normalize("NFKC", source)
        pairs.setdefault(composed, target)
        pairs.setdefault(composed.lower(), target.lower())
        pairs.setdefault(composed.title(), target.title())
    pairs.pop("", None)
    if not pairs:
        return None
    pattern = re.compile("|".join(map(re.escape, pairs)))

    def replace(text: str) -> str:
        return pattern.sub(lambda found: pairs[found[0]], text)

    return replace
