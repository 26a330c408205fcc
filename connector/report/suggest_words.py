"""What `suggest` found, in sentences."""

import json
from collections.abc import Mapping, Sequence

from connector.domain.ruleset import UsernameRules
from connector.planning.suggest_keys import Keys, Value
from connector.planning.suggestion import Candidate, Part, Suggestion
from connector.report.sentences import listed, many, number, percent

METHODS = {
    "student_code": "student code",
    "initial_surname": "initial + surname",
    "initial_dot_surname": "initial + dot + surname",
    "given_surname": "given name + surname",
    "given_dot_surname": "given name + dot + surname",
    "surname_initial": "surname + initial",
    "surname_dot_given": "surname + dot + given name",
    "given_initial": "given name + initial of the surname",
    "cohort_initial_surname": "year of finishing + initial + surname",
    "initials_code": "initials + number of the student code",
    "email": "e-mail address",
    "email_local": "e-mail address up to the @",
    "network_login": "the network login the SIS knows",
}
GUESSES = {
    "no-username": "the rules give no username",
    "white-space": "blank in the login",
    "accent": "letter with a mark",
    "preferred-name": "preferred name",
    "legal-name": "legal name",
    "name-parts": "name of several parts",
    "counter": "another number",
    "middle-initial": "middle initial",
    "other-year": "another year",
    "swapped": "swapped with another student",
    "other-student": "another student's name",
    "cut": "cut otherwise",
    "affix": "no prefix or suffix",
    "other-method": "another method",
    "slip": "typing slip",
    "surname": "another surname",
    "given-name": "another given name",
    "unknown": "no guess",
}
_CASES = {"upper": "in capitals", "title": "each part with a capital", "keep": "with the capitals of the SIS"}


def method_words(rules: UsernameRules) -> str:
    """The method with what stands before and behind it: "st" + initial + surname."""
    if rules.method == "template":
        words = f"template {rules.template}"
    else:
        words = METHODS.get(rules.method, f'the SIS column "{rules.column}"')
    before = f'"{rules.prefix}" + ' if rules.prefix else ""
    behind = f' + "{rules.suffix}"' if rules.suffix else ""
    return f"{before}{words}{behind}"


def candidate_words(candidate: Candidate) -> str:
    """The method, and what is unusual about names, case and length."""
    rules = candidate.rules
    made = rules.method not in ("student_code", "email", "email_local", "network_login", "column")
    extras = [
        "of preferred names" if rules.given == "preferred" else "",
        _CASES.get(rules.case, "") if made or rules.case == "upper" else "",
        f"at most {rules.max_length} characters" if rules.max_length != 20 else "",
    ]
    return ", ".join([method_words(rules), *filter(None, extras)])


def suggestion_sentence(suggestion: Suggestion) -> str:
    """Which rules the network follows, and how many logins they give."""
    logins = many(suggestion.compared, "network login")
    if not suggestion.compared:
        return "There is no network login to compare: no active student is keyed to exactly one entry."
    mixture, choice = suggestion.mixture, suggestion.choice
    if mixture is not None:
        said = listed(
            [f"{method_words(part.candidate.rules)} ({intake_words(part, mixture.by)})" for part in mixture.parts]
        )
        return f"The intakes differ: {said}. Together {percent(mixture.matched, mixture.compared)} of {logins}."
    if choice is not None:
        return f"{_capital(candidate_words(choice))}: {percent(choice.matched, choice.compared)} of {logins}."
    if suggestion.candidates:
        best = suggestion.candidates[0]
        rate = percent(best.matched, best.compared)
        return f"No method gives most of {logins}; the nearest is {candidate_words(best)}: {rate}."
    return f"No method gives any of {logins} to speak of."


def intake_words(part: Part, by: str) -> str:
    """Which students a part is about: finishing 2031 to 2038, now in Years P to 7."""
    first, last = part.intakes[0], part.intakes[-1]
    span = str(first) if first == last else f"{first} to {last}"
    if by == "entry":
        return f"entered {span}"
    levels = [level for level in part.year_levels if level]
    today = f", now in Year {levels[0]}" if len(levels) == 1 else ""
    if len(levels) > 1:
        today = f", now in Years {levels[0]} to {levels[-1]}"
    return f"finishing {span}{today}"


def current_sentence(current: Candidate, file: str) -> str:
    """What the mapping file gives as it is."""
    rate = percent(current.matched, current.compared)
    others = " with its rules for some students" if current.rules.overrides else ""
    return f"{file} now says {method_words(current.rules)}{others}: {rate}."


def population_sentence(compared: int, students: int, shared: int) -> str:
    """Who was compared, and why not the others."""
    twice = f"; {number(shared)} {'has' if shared == 1 else 'have'} several entries" if shared else ""
    return f"Compared were {number(compared)} of {many(students, 'active student')} in scope, by their key{twice}."


def toml_lines(keys: Keys) -> Sequence[str]:
    """Keys as they stand in a mapping file; what must go is written as a comment."""
    return [
        f"#{key}: take it out" if value is None else f"{key} = {toml_value(value)}" for key, value in keys.items()
    ]


def toml_value(value: Value | object) -> str:
    """A value as TOML writes it on one line."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(key)} = {toml_value(inner)}' for key, inner in value.items())} }}"
    return json.dumps(value, ensure_ascii=False)


def _key(key: str) -> str:
    return key if key.isidentifier() else json.dumps(key)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
