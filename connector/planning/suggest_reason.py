"""Why a login is not what the rules give: guesses, the surest first."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from connector.domain.ruleset import UsernameRules
from connector.mapping.desired import Refusal
from connector.mapping.forms import LAYOUTS
from connector.mapping.keys import case_key, fold_key
from connector.mapping.normalise import Normaliser
from connector.planning.suggest_affix import alike_length
from connector.planning.suggest_fit import with_handling
from connector.planning.suggest_trial import LONGEST, NONE, Ground, Propose, Trial
from connector.planning.suggestion import Misfit, Pupil

_DIGITS = re.compile("[0-9]+")
_TELLING_NAME = 3
_INITIAL_FIRST = ("initial_surname", "initial_dot_surname")

Guess = tuple[str, str]
"""A word and a sentence."""

_UNKNOWN: Guess = ("unknown", "no guess")


class Reasons:
    """Guesses about the misfits of one trial; `others` are templates that also give some logins."""

    def __init__(self, ground: Ground, trial: Trial, others: Sequence[UsernameRules] = ()) -> None:
        self._ground = ground
        self._trial = trial
        made = (replace(trial.rules, method=method, template="", column="") for method in ("student_code", *LAYOUTS))
        self._others = [*(rules for rules in made if rules.method != trial.rules.method), *others]
        self._names = Normaliser(trial.rules.normalisation)

    def misfits(self, most: int | None = None) -> tuple[Misfit, ...]:
        """The misfits in the order of the pupils, at most so many."""
        positions = [at for at, kind in enumerate(self._trial.kinds) if kind == NONE]
        return tuple(self._misfit(at) for at in positions[:most])

    def _misfit(self, at: int) -> Misfit:
        pupil, base = self._ground.pupils[at], self._trial.bases[at]
        said = self._propose(pupil.student)
        if isinstance(said, Refusal):
            return Misfit(pupil.student.sis_code, pupil.login, "", "no-username", said.detail)
        why, detail = next(self._guesses(at, pupil, base), _UNKNOWN)
        return Misfit(pupil.student.sis_code, pupil.login, said.base, why, detail)

    def _guesses(self, at: int, pupil: Pupil, base: str) -> Iterator[Guess]:
        """Everything that could explain the login."""
        key = pupil.key
        if "".join(key.split()) == base:
            yield "white-space", "the login holds a blank"
        if fold_key(key) == fold_key(base):
            yield "accent", "the login keeps a mark on a letter"
        yield from self._by_other_rules(pupil)
        middle = self._names.given(pupil.student.middle)[:1]
        if middle and _with_one_more(base, middle, key):
            yield "middle-initial", "with the middle initial, although the name without it seems free"
        yield from self._by_holder(at, key, base)
        yield from self._by_affixes(pupil)
        yield from self._by_numbers(key, base)
        yield from self._by_length(pupil, base)
        for words, propose in self._methods:
            if _gives(propose, pupil):
                yield "other-method", f"as {words} would give it"
        if _one_slip(key, base):
            yield "slip", "one letter is different: a typing slip?"
        yield from self._by_names(pupil)

    def _by_other_rules(self, pupil: Pupil) -> Iterator[Guess]:
        """The other given name, or another way of writing names of several parts."""
        if _gives(self._other_given, pupil):
            other = "legal" if self._trial.rules.given == "preferred" else "preferred"
            yield f"{other}-name", f"made of the {other} name"
        for option, word, propose in self._handled:
            if _gives(propose, pupil):
                yield "name-parts", f'as {option} = "{word}" would write it'

    def _by_numbers(self, key: str, base: str) -> Iterator[Guess]:
        if _DIGITS.sub("", key) != _DIGITS.sub("", base):
            return
        rules = self._trial.rules
        if _DIGITS.search(base) and (rules.method == "cohort_initial_surname" or "{" in rules.prefix + rules.suffix):
            yield "other-year", "the year in it is not the student's: moved up or down a year?"
        elif _DIGITS.search(base):
            yield "counter", "another number"
        else:
            yield "counter", "a number that is not needed now, or is written otherwise"

    def _by_holder(self, at: int, key: str, base: str) -> Iterator[Guess]:
        holder = self._owners.get(key)
        if holder is None or holder == at:
            return
        other = self._ground.pupils[holder]
        if other.key == base:
            yield "swapped", f"swapped with {other.student.sis_code}"
        yield "other-student", f"is what {other.student.sis_code} would get"

    def _by_affixes(self, pupil: Pupil) -> Iterator[Guess]:
        there = [name for name in ("prefix", "suffix") if getattr(self._trial.rules, name)]
        said = self._without_affixes(pupil.student)
        if there and not isinstance(said, Refusal) and case_key(said.base) == pupil.key:
            yield "affix", f"without the {' and '.join(there)}"

    def _by_length(self, pupil: Pupil, base: str) -> Iterator[Guess]:
        key, rules = pupil.key, self._trial.rules
        if len(key) > rules.max_length and _gives(self._uncut, pupil):
            yield "cut", f"not cut to {rules.max_length} characters"
        least = max(_TELLING_NAME, rules.min_length)
        if least <= len(key) < len(base) and _gives(self._ground.propose(replace(rules, max_length=len(key))), pupil):
            yield "cut", f"cut to {len(key)} characters"

    def _by_names(self, pupil: Pupil) -> Iterator[Guess]:
        """One of the two names is in the login: the other one may have changed."""
        student, key = pupil.student, pupil.key
        given, family = self._names.given(student.given), self._names.family(student.family)
        if len(given) >= _TELLING_NAME and given in key:
            yield "surname", "the given name with another surname: a former one?"
        if len(family) >= _TELLING_NAME and family in key and not key.startswith(f"{given[:1]}{family}"):
            yield "given-name", "the surname with another given name"
        if self._trial.rules.method in _INITIAL_FIRST and given and key.startswith(given[0]):
            yield "surname", "the right initial with another surname: a former one?"

    @cached_property
    def _propose(self) -> Propose:
        return self._ground.propose(self._trial.rules)

    @cached_property
    def _other_given(self) -> Propose:
        given = "legal" if self._trial.rules.given == "preferred" else "preferred"
        return self._ground.propose(replace(self._trial.rules, given=given))

    @cached_property
    def _handled(self) -> list[tuple[str, str, Propose]]:
        return [
            (option, word, self._ground.propose(rules)) for option, word, rules in with_handling(self._trial.rules)
        ]

    @cached_property
    def _without_affixes(self) -> Propose:
        return self._ground.propose(replace(self._trial.rules, prefix="", suffix=""))

    @cached_property
    def _uncut(self) -> Propose:
        return self._ground.propose(replace(self._trial.rules, max_length=LONGEST))

    @cached_property
    def _methods(self) -> list[tuple[str, Propose]]:
        return [(_words(rules), self._ground.propose(rules)) for rules in self._others]

    @cached_property
    def _owners(self) -> Mapping[str, int]:
        """Who would get each name; the first where several would."""
        owners: dict[str, int] = {}
        for at, base in enumerate(self._trial.bases):
            owners.setdefault(base, at)
        return owners


def _gives(propose: Propose, pupil: Pupil) -> bool:
    said = propose(pupil.student)
    return not isinstance(said, Refusal) and said.could_give(pupil.login)


def _words(rules: UsernameRules) -> str:
    return rules.template or (f'the column "{rules.column}"' if rules.column else rules.method)


def _with_one_more(base: str, letter: str, key: str) -> bool:
    """Whether the login is the base with the letter somewhere in it."""
    return any(base[:at] + letter + base[at:] == key for at in range(len(base) + 1))


def _one_slip(one: str, other: str) -> bool:
    """Whether two texts differ by one letter too many, too few, another one, or two changed over."""
    if abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < _TELLING_NAME:
        return False
    same = alike_length(one, other)
    rest, other_rest = one[same:], other[same:]
    return (
        rest[1:] == other_rest[1:]
        or rest[1:] == other_rest
        or rest == other_rest[1:]
        or (rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:])
    )
