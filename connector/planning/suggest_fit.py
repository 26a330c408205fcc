"""Fitting rules to the logins they give: length, names of several parts, letter case, collisions."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from connector.domain.ruleset import Normalisation, UsernameRules
from connector.domain.student import Student
from connector.mapping.desired import Refusal
from connector.mapping.keys import case_key
from connector.mapping.safety import EMAIL_LIMIT, LOGIN_LIMIT
from connector.mapping.verbatim import VERBATIM
from connector.planning.suggest_trial import (
    BARE_COUNTER,
    BARE_MIDDLE,
    BASE,
    COUNTER,
    MIDDLE,
    NONE,
    Ground,
    Propose,
    Trial,
)

_USUAL_LENGTHS = (LOGIN_LIMIT, 64, EMAIL_LIMIT)
_NEVER_CUT = (*VERBATIM, "initials_code")
_SHORTEST = 3
_COUNTER_ROOM = 2
_CASE_SAMPLE = 200
_HANDLING = (
    ("hyphen", ("remove", "keep", "first", "last")),
    ("particles", ("join", "drop")),
    ("multi_given", ("first", "join")),
    ("transliteration", ("", "de", "da")),
    ("non_latin", ("skip", "code", "transliterate")),
)
"""The ways to write names of several parts or of other alphabets; the Nordic tables are all alike."""

LEAST_GAIN = 2
"""How many more logins another way must give before it is believed."""


def fit_length(ground: Ground, trial: Trial, *, least: int = 1) -> Trial:
    """The trial of the same rules with the length that gives the most logins; 20 where it makes no difference.

    `trial` cuts nothing. A length is tried when at least `least` logins are cut so.
    """
    lengths = [*_USUAL_LENGTHS, *(() if trial.rules.method in _NEVER_CUT else _lengths_seen(ground, trial, least))]
    trials = (_cut(ground, trial, length) for length in dict.fromkeys(lengths))
    return max(trials, key=lambda one: one.matched)


def fit_handling(ground: Ground, trial: Trial) -> Trial:
    """The trial of the same rules with the ways of writing unusual names that the logins tell of."""
    if trial.rules.method in VERBATIM:
        return trial
    unusual = _unusual(ground)
    if len(unusual) < LEAST_GAIN:
        return trial
    for rules_of in _HANDLING:
        others = [ground.again(trial, rules, unusual) for rules in _handled(trial.rules, *rules_of)]
        best = max(others, key=lambda one: one.matched)
        if best.matched >= trial.matched + LEAST_GAIN:
            trial = best
    return trial


def with_handling(rules: UsernameRules) -> Iterator[tuple[str, str, UsernameRules]]:
    """The rules with one other way of writing unusual names each: the option, its word, the rules."""
    for option, words in _HANDLING:
        for other in _handled(rules, option, words):
            yield option, getattr(other.normalisation, option), other


def fit_collision(ground: Ground, trial: Trial) -> Trial:
    """The trial with the ways out of a collision that the logins show; the configured ones where they do not tell."""
    configured = ground.options.collision
    middle = [at for at, kind in enumerate(trial.kinds) if kind in (MIDDLE, BARE_MIDDLE)]
    counted = [at for at, kind in enumerate(trial.kinds) if kind in (COUNTER, BARE_COUNTER)]
    passed_over = _free_middle_initials(ground, trial, counted)
    if passed_over > len(middle):
        collision: tuple[str, ...] = ("counter",)
    elif middle and counted:
        collision = ("middle_initial", "counter")
    elif middle:
        collision = configured if configured[:1] == ("middle_initial",) else ("middle_initial",)
    elif counted:
        collision = configured if "counter" in configured else ("counter",)
    else:
        collision = configured
    return ground.again(trial, replace(trial.rules, collision=collision), [*middle, *counted])


def _free_middle_initials(ground: Ground, trial: Trial, counted: Iterable[int]) -> int:
    """How many logins have a counter although nobody holds the name with the middle initial."""
    propose = ground.propose(replace(trial.rules, collision=("middle_initial",)))
    free = 0
    for at in counted:
        said = propose(ground.pupils[at].student)
        others = [] if isinstance(said, Refusal) else [case_key(one) for one in islice(said.candidates(), 1, None)]
        free += bool(others) and not ground.logins.intersection(others)
    return free


def fit_case(ground: Ground, trial: Trial) -> str:
    """The letter case most logins are in: a made name is in lower case, a copied one as it is, unless they tell."""
    verbatim = trial.rules.method in VERBATIM
    usual = "keep" if verbatim or trial.rules.method == "template" else "lower"
    found = list(islice((at for at, kind in enumerate(trial.kinds) if kind == BASE), _CASE_SAMPLE))
    pupils = ground.part(found)
    cases = ("lower", "upper", "title", "keep")

    def fitting(case: str) -> tuple[int, bool]:
        return -_capitals(pupils, ground.propose(replace(trial.rules, case=case))), case == usual

    return max(cases, key=fitting)


def capitals(ground: Ground, trial: Trial, propose: Propose) -> int:
    """How many of the logins that are the base differ from it in capitals."""
    found = [at for at, kind in enumerate(trial.kinds) if kind == BASE]
    return _capitals(ground.part(found), propose)


def _capitals(ground: Ground, propose: Propose) -> int:
    said = ((pupil, propose(pupil.student)) for pupil in ground.pupils)
    return sum(isinstance(proposal, Refusal) or proposal.base != pupil.login for pupil, proposal in said)


def _lengths_seen(ground: Ground, trial: Trial, least: int) -> list[int]:
    """The lengths of logins that would be given by rules of that length, the two most frequent."""
    seen: Counter[int] = Counter()
    cut: dict[int, Propose] = {}
    for (student, login, key), base, kind in zip(ground.pupils, trial.bases, trial.kinds, strict=True):
        length = len(key)
        longest = len(base) + _COUNTER_ROOM if key[-1:].isdigit() else len(base)
        if kind == NONE and _SHORTEST <= length < longest and key[:2] == base[:2]:
            if length not in cut:
                cut[length] = ground.propose(replace(trial.rules, max_length=length))
            said = cut[length](student)
            seen[length] += not isinstance(said, Refusal) and said.could_give(login)
    ranked = sorted(seen.items(), key=lambda item: (-item[1], -item[0]))
    return [length for length, count in ranked[:2] if count >= least]


def _cut(ground: Ground, trial: Trial, length: int) -> Trial:
    """The trial of an uncut one's rules with another length, the long names tried again."""
    rules = replace(trial.rules, max_length=length)
    long = [at for at, base in enumerate(trial.bases) if len(base) + _COUNTER_ROOM > length]
    return ground.again(trial, rules, long)


def _handled(rules: UsernameRules, option: str, words: Sequence[str]) -> list[UsernameRules]:
    now: Normalisation = rules.normalisation
    if option == "transliteration" and now.table:
        return [rules]
    changes: list[dict[str, Any]] = [{option: word} for word in words if word != getattr(now, option)]
    return [replace(rules, normalisation=replace(now, **change)) for change in changes]


def _unusual(ground: Ground) -> list[int]:
    """The pupils whose names are not simply letters."""
    return [at for at, pupil in enumerate(ground.pupils) if not _plain(pupil.student)]


def _plain(student: Student) -> bool:
    names = (student.legal_given, student.legal_family, student.preferred_given, student.preferred_family)
    return all(not name or (name.isascii() and name.isalpha()) for name in names)
