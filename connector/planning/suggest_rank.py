"""In which order candidates come: by the logins they give; what copies a field of the SIS comes last."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connector.domain.ruleset import UsernameRules
from connector.mapping.naming import METHODS
from connector.planning.suggest_affix import fixed_digits
from connector.planning.suggest_trial import Trial

SIS_FIELDS = ("network_login", "column")
"""Methods that copy a login the SIS was told."""

_MAILS = ("email", "email_local")
_MADE_FROM_LOGIN = 0.85
_PIECE = re.compile(r"\{[^}]*\}|[^{}]+")


@dataclass(frozen=True, slots=True)
class Ranked:
    """A trial in its place; `sis_field` for one that copies what the SIS was told."""

    trial: Trial
    sis_field: bool


def ranked(trials: Iterable[Trial], configured: str = "") -> list[Ranked]:
    """The trials best first, equal ones once, templates but the configured only where they beat every method.

    An e-mail address counts as told to the SIS where a method made of names or codes gives nearly as many
    logins: then the addresses are made of the logins, and a new student has neither.
    """
    kept = _without_needless_templates(_distinct(sorted(trials, key=order)), configured)
    made = max((one.matched for one in kept if _is_made(one.rules)), default=0)

    def copied(one: Trial) -> bool:
        return one.rules.method in SIS_FIELDS or (
            one.rules.method in _MAILS and made >= _MADE_FROM_LOGIN * one.matched
        )

    placed = [Ranked(one, copied(one)) for one in kept]
    return sorted(placed, key=lambda one: (one.sis_field, one.trial.rules.method in SIS_FIELDS))


def needed_lead(compared: int) -> int:
    """How many more logins something more special must give before it is believed: three in a hundred."""
    return max(3, compared * 3 // 100)


def order(trial: Trial) -> tuple[object, ...]:
    """More logins, no template, fewer affixes, the order of the methods, legal names before preferred ones."""
    rules = trial.rules
    affixes = (rules.prefix, rules.suffix)
    return (
        -trial.matched,
        rules.method == "template",
        sum(len(_PIECE.findall(text)) for text in affixes),
        METHODS.index(rules.method),
        rules.given != "legal",
        fixed_digits(affixes),
        *affixes,
        rules.template,
        rules.column,
    )


def _distinct(trials: Sequence[Trial]) -> list[Trial]:
    """The first of those that give everybody the same; each that copies a field stands for itself."""
    first: dict[tuple[str, tuple[str, ...]], Trial] = {}
    for one in trials:
        copied = f"{one.rules.method} {one.rules.column}" if one.rules.method in (*SIS_FIELDS, *_MAILS) else ""
        first.setdefault((copied, one.bases), one)
    return list(first.values())


def _without_needless_templates(trials: Sequence[Trial], configured: str) -> list[Trial]:
    plain = max((one.matched for one in trials if _is_made(one.rules)), default=0)
    return [
        one
        for one in trials
        if one.rules.template in ("", configured) or one.matched >= plain + needed_lead(len(one.kinds))
    ]


def _is_made(rules: UsernameRules) -> bool:
    return rules.method not in (*SIS_FIELDS, *_MAILS, "template")
