"""Templates that logins seem to be made by: pieces of names, codes and years found in them, in their order."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from connector.domain.ruleset import UsernameRules
from connector.domain.student import Student
from connector.mapping.fields import field_of
from connector.mapping.keys import case_key
from connector.mapping.normalise import Normaliser
from connector.planning.suggest_affix import alike_length, year_fields
from connector.planning.suggest_trial import Ground

_SEPARATORS = "._-"
_MOST_PIECES = 5
_SHARE, _COHORT_SHARE = 0.2, 0.4
_MOST = 4
_SLICES = range(1, 13)
_FEWEST_DIGITS = 2

Texts = Mapping[str, str]
"""The texts a login may be made of, by their field: given, surname, middle, code, and templates of years."""


class Piece(NamedTuple):
    """A part of a login: the first `used` signs of a field's `size` (of a code the last), or a separator."""

    field: str
    used: int = 0
    size: int = 0


Reading = tuple[Piece, ...]
Shape = tuple[str, ...]


def templates(ground: Ground, rules: UsernameRules) -> list[str]:
    """The templates that a fifth of the logins, or two fifths of an intake, could be made by; the likeliest first.

    `rules` say which names are used and how they become letters.
    """
    seen: dict[Shape, list[Reading]] = defaultdict(list)
    by_cohort: Counter[tuple[Shape, int | None]] = Counter()
    names = Normaliser(rules.normalisation)
    for student, _login, key in ground.pupils:
        shapes: dict[Shape, Reading] = {}
        for reading in readings(key, _texts(student, rules, names)):
            shapes.setdefault(tuple(piece.field for piece in reading), reading)
        for shape, reading in shapes.items():
            seen[shape].append(reading)
            by_cohort[shape, student.cohort] += 1
    cohorts = ground.cohorts()
    common = {shape for shape, found in seen.items() if len(found) >= _SHARE * len(ground.pupils)}
    for (shape, cohort), count in by_cohort.items():
        if count >= max(3, _COHORT_SHARE * len(cohorts[cohort])):
            common.add(shape)
    ranked = sorted(common, key=lambda shape: (-len(seen[shape]), len(shape), shape))
    return [_template(shape, seen[shape]) for shape in ranked[:_MOST]]


def readings(key: str, texts: Texts) -> Iterator[Reading]:
    """Every way to read a login as pieces of these texts, each text at most once, long pieces first.

    Separators stand between pieces; a number of two digits at the end may be a counter.
    """
    return _read(key, texts, ())


def _read(rest: str, texts: Texts, before: Reading) -> Iterator[Reading]:
    if before and (not rest or (len(rest) <= 2 and rest.isdecimal())):
        yield before
    if not rest or len(before) == _MOST_PIECES:
        return
    if before and before[-1].size and rest[0] in _SEPARATORS:
        yield from _read(rest[1:], texts, (*before, Piece(rest[0])))
    for field, text in texts.items():
        others = {name: other for name, other in texts.items() if name != field}
        for used in _uses(field, text, rest):
            yield from _read(rest[used:], others, (*before, Piece(field, used, len(text))))


def _uses(field: str, text: str, rest: str) -> Sequence[int]:
    """How many signs of a text may stand at the beginning of what is left of a login."""
    if field in ("given", "surname"):
        return range(alike_length(text, rest), 0, -1)
    if field == "middle":
        return (1,) if rest.startswith(text[0]) else ()
    if field == "code":
        return [used for used in range(len(text), _FEWEST_DIGITS - 1, -1) if rest.startswith(text[-used:])]
    return (len(text),) if rest.startswith(text) else ()


def _texts(student: Student, rules: UsernameRules, names: Normaliser) -> Texts:
    """What this student's login may be made of; what is empty or cannot be read is left out."""
    texts = {}
    given = field_of("given", rules.given).read(student)
    family = field_of("surname", rules.given).read(student)
    if not (names.fault(given) or names.fault(family)):
        texts = {"given": names.given(given), "surname": names.family(family)}
    if student.middle and not names.fault(student.middle):
        texts["middle"] = names.given(student.middle)
    texts["code"] = case_key(names.squeeze(names.code_words(student.sis_code)))
    texts.update(year_fields(student))
    return {field: text for field, text in texts.items() if text}


def _template(shape: Shape, found: Sequence[Reading]) -> str:
    """The template of a shape, each slice as most readings have it."""
    return "".join(_slot(field, [reading[at] for reading in found]) for at, field in enumerate(shape))


def _slot(field: str, pieces: Sequence[Piece]) -> str:
    if field in _SEPARATORS or field.startswith("{"):
        return field
    if field == "middle":
        return "{middle[0]}"
    cut = max(
        (0, *_SLICES), key=lambda size: sum(piece.used == min(size or piece.size, piece.size) for piece in pieces)
    )
    if not cut:
        return f"{{{field}}}"
    if field == "code":
        return f"{{code[-{cut}:]}}"
    return f"{{{field}[0]}}" if cut == 1 else f"{{{field}[:{cut}]}}"
