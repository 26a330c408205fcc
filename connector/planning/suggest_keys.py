"""Suggested rules as the keys of a mapping file: what [usernames] and its rules would have to say."""

from collections.abc import Mapping, Sequence

from connector.domain.ruleset import Normalisation, UsernameRules
from connector.mapping.verbatim import VERBATIM
from connector.planning.suggestion import Mixture, Part

Value = str | int | Sequence[str] | Mapping[str, object]
Keys = dict[str, Value | None]
"""Keys with their values as TOML has them; None for a key that must not be there."""

_HANDLING = ("hyphen", "particles", "multi_given", "transliteration", "non_latin")


def keys_to_write(rules: UsernameRules, configured: UsernameRules) -> Keys:
    """The keys of [usernames] that say something else than what is configured, in the order files have them."""
    wanted, there = _keys(rules), _keys(configured)
    there["case"] = configured.case or _usual_case(rules)
    return {key: value for key, value in wanted.items() if value != there[key]}


def rules_to_write(mixture: Mixture) -> list[Keys]:
    """A [[usernames.rule]] for each part but the newest intakes, which [usernames] itself is for."""
    newest, *older = mixture.parts
    return [_rule(part, mixture.by, newest.candidate.rules) for part in older]


def stated(rules: UsernameRules) -> Keys:
    """What the rules say, the usual left out: for showing."""
    usual = UsernameRules(method=rules.method, case=_usual_case(rules))
    return {"method": rules.method, **keys_to_write(rules, usual)}


def _rule(part: Part, by: str, inherited: UsernameRules) -> Keys:
    first, last = part.intakes[0], part.intakes[-1]
    years = [str(year) for year in range(first, last + 1)]
    span = f"{first} to {last}" if first < last else str(first)
    name = f"finishing {span}" if by == "cohort" else f"entered {span}"
    when: dict[str, object] = {"field.cohort": years} if by == "cohort" else _entered(years)
    keys = keys_to_write(part.candidate.rules, inherited)
    said = {key: value for key, value in keys.items() if value is not None}
    return {"name": name, "when": when, "method": part.candidate.rules.method, **said}


def _entered(years: Sequence[str]) -> dict[str, object]:
    return {"field.entry_date": {"glob": [f"{year}-*" for year in years]}}


def _keys(rules: UsernameRules) -> Keys:
    letters: Normalisation = rules.normalisation
    return {
        "method": rules.method,
        "given": rules.given,
        "prefix": rules.prefix,
        "suffix": rules.suffix,
        "case": rules.case,
        "max_length": rules.max_length,
        "collision": list(rules.collision) or "skip",
        "template": rules.template or None,
        "column": rules.column or None,
        **{option: getattr(letters, option) for option in _HANDLING},
    }


def _usual_case(rules: UsernameRules) -> str:
    return "keep" if rules.method in (*VERBATIM, "template") else "lower"
