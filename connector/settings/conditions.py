"""The `when` tables of rules, read into conditions: keys are joined by AND, the values of a list by OR."""

import re
from collections.abc import Iterator

from connector.domain.ruleset import AllOf, AnyOf, NotOf, Test, When
from connector.domain.student import Status
from connector.mapping.conditions import REGEX_LENGTH
from connector.mapping.regex_ways import too_many_ways
from connector.settings.faults import nearest, shown, wrong
from connector.settings.value_kinds import dn_fault
from connector.settings.year_levels import read_years

SUBJECTS = ("year", "campus", "status", "house", "homegroup", "class", "flag", "ldap_group", "scim_group")
_JOINTS = ("any", "all", "not")
_PATTERNS = ("glob", "regex")
_DEEPEST = 20


def read_when(value: object, state: str) -> When:
    """The condition a `when` table says. Raises a validation error whose path leads to the key at fault."""
    parts = _parts(value, state, ())
    return parts[0] if len(parts) == 1 else AllOf(parts)


def tests_of(when: When) -> Iterator[Test]:
    """Every question the condition asks."""
    if isinstance(when, Test):
        yield when
    elif isinstance(when, NotOf):
        yield from tests_of(when.part)
    else:
        for part in when.parts:
            yield from tests_of(part)


def _parts(value: object, state: str, path: tuple[str | int, ...]) -> tuple[When, ...]:
    if not isinstance(value, dict):
        raise wrong(f'expected a table of conditions such as {{ year = "7-12" }}, not {shown(value)}', *path)
    if len(path) > _DEEPEST:
        raise wrong("the conditions are nested too deep to be followed", *path[:2])
    if "nested" in value and "ldap_group" not in value:
        raise wrong("belongs beside ldap_group only", *path, "nested")
    return tuple(_part(key, value, state, path) for key in value if key != "nested")


def _part(key: str, table: dict[str, object], state: str, path: tuple[str | int, ...]) -> When:
    here, value = (*path, key), table[key]
    if key in _JOINTS:
        return _joint(key, value, state, here)
    if key == "field":
        return _fields(value, here)
    subject = key if key.startswith("field.") else key if key in SUBJECTS else ""
    if not subject or subject == "field.":
        raise wrong(_unknown(key), *here)
    if key == "year":
        return Test("year", read_years(value, state, here))
    if key == "ldap_group":
        return _group(value, table.get("nested", False), here)
    return _test(subject, value, here)


def _joint(key: str, value: object, state: str, here: tuple[str | int, ...]) -> When:
    if isinstance(value, list) and key != "not":
        branches = (_parts(part, state, (*here, number)) for number, part in enumerate(value))
        parts = tuple(branch[0] if len(branch) == 1 else AllOf(branch) for branch in branches)
    else:
        parts = _parts(value, state, here)
    if not parts:
        raise wrong("expected at least one condition", *here)
    if key == "not":
        return NotOf(parts[0] if len(parts) == 1 else AllOf(parts))
    return AnyOf(parts) if key == "any" else AllOf(parts)


def _fields(value: object, here: tuple[str | int, ...]) -> When:
    """`field.NAME = ...` written as a dotted key arrives as a table of columns."""
    if not isinstance(value, dict) or not value:
        raise wrong('name the column: field.NAME = "value"', *here)
    parts = tuple(_test(f"field.{name}", inner, (*here, name)) for name, inner in value.items())
    return parts[0] if len(parts) == 1 else AllOf(parts)


def _test(subject: str, value: object, here: tuple[str | int, ...]) -> Test:
    how = "glob" if subject == "class" else "equals"
    if isinstance(value, dict):
        if len(value) != 1 or next(iter(value)) not in _PATTERNS:
            raise wrong('expected { glob = "7*" } or { regex = "7[A-C]" }', *here)
        how, value = next(iter(value.items()))
    values = _texts(value, here)
    if how == "regex":
        for pattern in values:
            _check_regex(pattern, here)
    if subject == "status" and how == "equals":
        _check_status(values, here)
    return Test(subject, values, how)


def _group(value: object, nested: object, here: tuple[str | int, ...]) -> Test:
    if not isinstance(nested, bool):
        raise wrong(f"expected true or false, not {shown(nested)}", *here[:-1], "nested")
    values = _texts(value, here)
    for dn in values:
        if why := dn_fault(dn):
            raise wrong(f'not a DN: {why}; expected the form "CN=Prefects,OU=Groups,DC=school"', *here)
    return Test("ldap_group", values, "nested" if nested else "equals")


def _texts(value: object, here: tuple[str | int, ...]) -> tuple[str, ...]:
    texts = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(text, str) and text for text in texts):
        raise wrong(f"expected text in quotes or a list of texts, none empty, not {shown(value)}", *here)
    return tuple(texts)


def _check_regex(pattern: str, here: tuple[str | int, ...]) -> None:
    if len(pattern) > REGEX_LENGTH:
        raise wrong(f"the regex is {len(pattern)} characters long; at most {REGEX_LENGTH} are allowed", *here)
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise wrong(f"{shown(pattern)} is not a regex: {error}", *here) from None
    if why := too_many_ways(pattern):
        raise wrong(f"{shown(pattern)} is refused: {why}", *here)


def _check_status(values: tuple[str, ...], here: tuple[str | int, ...]) -> None:
    for word in values:
        if word not in list(Status):
            raise wrong(f"{shown(word)} is not one of {', '.join(Status)}", *here)


def _unknown(key: str) -> str:
    known = (*SUBJECTS, *_JOINTS)
    meant = nearest(key, known)
    hint = f"did you mean {meant}?" if meant else f"known are {', '.join(known)} and field.NAME"
    return f"unknown condition; {hint}"
