"""The given/expect pairs of a mapping file: what they say of a student, and whether the rules agree."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any, NamedTuple
from unicodedata import normalize

from connector.domain.account import effective_roles
from connector.domain.plan import SKIP_REASONS
from connector.domain.ruleset import YEAR_ORDER, Example, RuleSet
from connector.domain.student import Status, Student
from connector.mapping.desired import DesiredAccount, Refusal

Desire = Callable[[Student, frozenset[str], frozenset[str]], DesiredAccount]

_GROUP_KEYS = ("ldap_groups", "scim_groups")
_EXPECT_KEYS = ("username", "roles", "skip", "given_names", "family_name", "email", "year_level", "campus")


class _WrongError(Exception):
    """A value of an example that cannot be what its key says; the text says what is expected."""


class _Case(NamedTuple):
    """The student of an example, with its groups."""

    student: Student
    ldap_groups: frozenset[str]
    scim_groups: frozenset[str]


def mismatches(example: Example, rules: RuleSet, desire: Desire) -> list[str]:
    """In words, everything about the example that the rules do not bear out; empty where it holds.

    `given` holds the canonical fields of a student, `cohort` (the year of finishing), `columns` (a table of
    further SIS columns), `ldap_groups` and `scim_groups`; `expect` holds username, roles, skip (the reason for no
    account) and the account's given_names, family_name, email, year_level and campus.
    """
    faults = [*_unknown("given", example.given, _GIVEN), *_unknown("expect", example.expect, _EXPECT_KEYS)]
    for key, value in example.expect.items():
        if key != "roles" and not isinstance(value, str | int):
            faults.append(f"expect: {key} = {value!r}: expected text in quotes")
    if not example.expect:
        faults.append('expect is empty: say what must come out, e.g. username = "asmith"')
    case = _case(example.given, faults)
    if faults or case is None:
        return faults
    return list(_compare(example.expect, rules, case.student, desire(*case)))


def _case(given: Mapping[str, Any], faults: list[str]) -> _Case | None:
    """The student the keys describe; what cannot be read is added to the faults."""
    fields: dict[str, Any] = {"sis_code": ""}
    groups: dict[str, frozenset[str]] = dict.fromkeys(_GROUP_KEYS, frozenset())
    for key, value in given.items():
        if key in _GIVEN:
            attribute, read = _GIVEN[key]
            try:
                (groups if key in groups else fields)[attribute] = read(value)
            except _WrongError as wrong:
                faults.append(f"given: {key} = {value!r}: expected {wrong}")
    return None if faults else _Case(Student(**fields), *groups.values())


def _compare(expect: Mapping[str, Any], rules: RuleSet, student: Student, desired: DesiredAccount) -> Iterator[str]:
    """What came out otherwise than expected."""
    skip, why = _skip(rules, student, desired)
    for key, wanted in expect.items():
        if key == "skip":
            if wanted not in SKIP_REASONS:
                yield f"expect: skip = {wanted!r} is no skip reason; known are {', '.join(SKIP_REASONS)}"
            elif wanted != skip:
                yield f'skip: expected "{wanted}", got {_shown(skip) if skip else "an account"}'
        elif skip:
            yield f"{key}: expected {_shown(wanted)}, but there is no account: {skip}{why}"
        elif (found := _found(key, desired)) != _plain(key, wanted):
            yield f"{key}: expected {_shown(wanted)}, got {_shown(found)}"


def _skip(rules: RuleSet, student: Student, desired: DesiredAccount) -> tuple[str, str]:
    """Why the student gets no account, as far as that rests on the student and the rules; empty for no reason."""
    if student.status is Status.UNKNOWN:
        return "status-unknown", ""
    if student.status is not Status.ACTIVE:
        return "not-active", f" ({student.status})"
    if not rules.scope.covers(student.year_level):
        return "year-level-out-of-scope", f" ({student.year_level or 'no year level'})"
    return (desired.name.reason, f" ({desired.name.detail})") if isinstance(desired.name, Refusal) else ("", "")


def _found(key: str, desired: DesiredAccount) -> object:
    """What the rules made of one expected key."""
    if key == "username":
        return None if isinstance(desired.name, Refusal) else desired.name.base
    if key == "roles":
        return list(effective_roles(desired.grants, desired.denies))
    return getattr(desired, key)


def _plain(key: str, wanted: object) -> object:
    """An expected value as the rules would give it: roles sorted, a number as text."""
    if key == "roles":
        return sorted(map(str, wanted if isinstance(wanted, list) else [wanted]))
    return str(wanted)


def _unknown(table: str, keys: Mapping[str, Any], known: Mapping[str, Any] | tuple[str, ...]) -> Iterator[str]:
    """The keys that mean nothing, each with the nearest that does."""
    for key in keys:
        if key not in known:
            near = get_close_matches(key, list(known), 1, 0.5)
            hint = f'did you mean "{near[0]}"?' if near else f"known are {', '.join(known)}"
            yield f'{table} holds the unknown key "{key}": {hint}'


def _shown(value: object) -> str:
    """A value as the message shows it; several roles as exports write them."""
    if isinstance(value, list):
        return f'"{"; ".join(map(str, value))}"' if value else "none"
    return "none" if value is None else f'"{value}"'


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _WrongError("text in quotes")
    return " ".join(normalize("NFC", value).split())


def _texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(map(_text, values))


def _set(value: object) -> frozenset[str]:
    return frozenset(_texts(value))


def _year(value: object) -> str:
    known = ("", *YEAR_ORDER, "UG")
    if str(value) not in known or isinstance(value, bool):
        raise _WrongError(f"one of {', '.join(known[1:])}")
    return str(value)


def _status(value: object) -> Status:
    if value not in list(Status):
        raise _WrongError(f"one of {', '.join(Status)}")
    return Status(str(value))


def _cohort(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _WrongError("the year of finishing, e.g. 2031")
    return value


def _date(value: object) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise _WrongError("a date, e.g. 2026-01-27") from None


def _columns(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _WrongError('a table of columns, e.g. { Boarder = "Y" }')
    return {str(name): _text(cell) for name, cell in value.items()}


_GIVEN: Mapping[str, tuple[str, Callable[[object], Any]]] = {
    "sis_code": ("sis_code", _text),
    "given_names": ("legal_given", _text),
    "family_name": ("legal_family", _text),
    "middle_name": ("middle", _text),
    "preferred_name": ("preferred_given", _text),
    "preferred_family_name": ("preferred_family", _text),
    "year_level": ("year_level", _year),
    "cohort": ("cohort", _cohort),
    "campus": ("campuses", _texts),
    "status": ("status", _status),
    "email": ("email", _text),
    "network_login": ("network_login", _text),
    "homegroup": ("homegroup", _text),
    "house": ("house", _text),
    "entry_date": ("entry_date", _date),
    "exit_date": ("exit_date", _date),
    "flags": ("flags", _set),
    "classes": ("classes", _set),
    "columns": ("columns", _columns),
    "ldap_groups": ("ldap_groups", _set),
    "scim_groups": ("scim_groups", _set),
}
"""What an example may say of its student: the Student's attribute, and how the value is read."""
