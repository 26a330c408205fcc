"""The prefixes and suffixes that logins show around a base: fixed text, or a field of the student."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from connector.domain.student import Student
from connector.mapping.template import TemplateError, parse_affix
from connector.planning.suggest_trial import Ground

Affixes = tuple[str, str]
"""A prefix and a suffix, as `[usernames]` has them."""

_LEADING_NUMBER = re.compile("[0-9]{1,2}(?![0-9])")
_MOST = 5
_SHARE, _COHORT_SHARE = 0.05, 0.3
_LONGEST_AFFIX = 12
_CUT_BASE = 4


def affixes(ground: Ground, bases: Sequence[str]) -> list[Affixes]:
    """The pairs that stand around the bases of some pupils, the most frequent first; none at all is always tried.

    A pair counts when one in twenty shows it, or three in ten of an intake.
    """
    votes: Counter[Affixes] = Counter()
    by_cohort: Counter[tuple[int | None, Affixes]] = Counter()
    cohorts = Counter(pupil.student.cohort for pupil in ground.pupils)
    for pupil, base in zip(ground.pupils, bases, strict=True):
        if base and base != pupil.key:
            pairs = set(_pairs(pupil.student, pupil.key, base))
            votes.update(pairs)
            by_cohort.update((pupil.student.cohort, pair) for pair in pairs)
    shares = {pair: count / len(ground.pupils) for pair, count in votes.items() if count > 1}
    kept = {pair for pair, share in shares.items() if share >= _SHARE}
    for (cohort, pair), count in by_cohort.items():
        if count > 2 and count >= _COHORT_SHARE * cohorts[cohort]:
            kept.add(pair)
    ranked = sorted(kept, key=lambda pair: (-votes[pair], fixed_digits(pair), pair))
    return [("", ""), *filter(_can_be_written, ranked[:_MOST])]


def fixed_digits(pair: Affixes) -> int:
    """How many digits the affixes hold that no field explains: the fewer, the likelier."""
    return sum(map(str.isdigit, re.sub(r"\{[^}]*\}", "", "".join(pair))))


def alike_length(one: str, other: str) -> int:
    """How many signs two texts have in common from their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


def year_fields(student: Student) -> Iterator[tuple[str, str]]:
    """The fields of a student that logins carry to tell intakes apart, with their text."""
    if student.cohort is not None:
        yield "{cohort2}", f"{student.cohort % 100:02d}"
        yield "{cohort}", str(student.cohort)
    if student.entry_date is not None:
        entry = student.entry_date.isoformat()
        yield "{entry_date[2:4]}", entry[2:4]
        yield "{entry_date[:4]}", entry[:4]


def _pairs(student: Student, key: str, base: str) -> Iterator[Affixes]:
    """What stands around each place where the login holds the base, in every way it can be written."""
    fields = [*year_fields(student), *_other_fields(student)]
    for before, behind in _around(key, base):
        if (before or behind) and max(len(before), len(behind)) <= _LONGEST_AFFIX:
            prefixes, suffixes = _patterns(before, fields), _patterns(behind, fields)
            yield from ((prefix, suffix) for prefix in prefixes for suffix in suffixes)


def _around(key: str, base: str) -> Iterator[tuple[str, str]]:
    """The texts before and behind the base, with and without a counter behind it; else around a cut base."""
    at = key.find(base)
    if at < 0 and (at := key.find(base[:_CUT_BASE])) >= 0 and len(base) > _CUT_BASE:
        yield key[:at], key[at + alike_length(key[at:], base) :]
        return
    while at >= 0:
        before, behind = key[:at], key[at + len(base) :]
        yield before, behind
        if number := _LEADING_NUMBER.match(behind):
            yield before, behind[number.end() :]
        at = key.find(base, at + 1)


def _other_fields(student: Student) -> Iterator[tuple[str, str]]:
    for name, value in (("year_level", student.year_level), ("campus", student.campus), ("house", student.house)):
        if value:
            yield f"{{{name}}}", value.lower()


def _patterns(text: str, fields: Sequence[tuple[str, str]]) -> set[str]:
    """The text itself, and with one field in the place of its value."""
    return {text, *(text.replace(value, field, 1) for field, value in fields if value in text)}


def _can_be_written(pair: Affixes) -> bool:
    try:
        for text in pair:
            parse_affix(text)
    except TemplateError:
        return False
    return True
