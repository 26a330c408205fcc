"""The options of Bulk User Synchronise: what the form asks, read from the rules and said back to the mapping file."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from connector.domain.errors import ConfigError
from connector.domain.ruleset import YEAR_ORDER, RuleSet
from connector.report.suggest_words import METHODS as NAMES_OF_METHODS
from connector.settings.toml_edit import Edit

YEARS = (*YEAR_ORDER, "UG")
METHODS = tuple(NAMES_OF_METHODS)
"""Every username method that needs nothing beside it, in the order people are shown them."""
CASES = ("", "lower", "upper", "keep", "title")
PASSWORDS = ("random", "default", "none")


class Options(NamedTuple):
    """What the form holds. `years` are canonical year levels, None for all; the rest is as in the mapping file."""

    method: str
    case: str
    years: tuple[str, ...] | None
    prefix: str
    suffix: str
    passwords: str
    overwrite: bool
    roles: tuple[str, ...]


def options_of(rules: RuleSet) -> Options:
    """The options as the rules have them."""
    years = rules.scope.year_levels
    return Options(
        method=rules.usernames.method,
        case=rules.usernames.case,
        years=None if years is None else tuple(year for year in YEARS if year in years),
        prefix=rules.usernames.prefix,
        suffix=rules.usernames.suffix,
        passwords=rules.passwords.method,
        overwrite=rules.scope.overwrite,
        roles=rules.roles.default,
    )


def edit_of(options: Options, rules: RuleSet) -> Edit:
    """What the mapping file must say anew for these options; what it says already is left alone."""
    now = options_of(rules)
    sections: dict[str, dict[str, Any]] = {
        "scope": {
            "year_levels": (_years(options.years), options.years != now.years),
            "overwrite": (options.overwrite, options.overwrite != now.overwrite),
        },
        "usernames": {
            key: (getattr(options, key), getattr(options, key) != getattr(now, key))
            for key in ("method", "prefix", "suffix", "case")
        },
        "passwords": {"method": (options.passwords, options.passwords != now.passwords)},
        "roles": {"default": (list(options.roles), options.roles != now.roles)},
    }
    said = {section: {key: value for key, (value, new) in keys.items() if new} for section, keys in sections.items()}
    return Edit({section: keys for section, keys in said.items() if keys})


def edit_to_json(edit: Edit) -> dict[str, Any]:
    """The edit as plain JSON values."""
    return {section: dict(keys) for section, keys in edit.sections.items()}


def edit_from_json(body: Mapping[str, Any]) -> Edit:
    """What edit_to_json gave."""
    return Edit({section: dict(keys) for section, keys in body.items()})


def require_kept(options: Options, rules: RuleSet) -> None:
    """Raise ConfigError when rules made from the options say something else than the options."""
    if options_of(rules) != options:
        raise ConfigError(
            f"{rules.path}: the options cannot be written so that they are read back as they were chosen",
            hint="Edit the mapping file by hand.",
        )


def _years(years: tuple[str, ...] | None) -> str | list[str]:
    """Year levels as a mapping file has them: "all", or single ones and ranges."""
    if years is None:
        return "all"
    found: list[list[str]] = []
    for year in (one for one in YEARS if one in years):
        last = found[-1][-1] if found else ""
        if last in YEAR_ORDER and year in YEAR_ORDER and YEAR_ORDER.index(year) == YEAR_ORDER.index(last) + 1:
            found[-1].append(year)
        else:
            found.append([year])
    return [run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in found]
