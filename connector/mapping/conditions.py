"""The conditions of rules, compiled: true, false, or None where nobody can tell today."""

import re
from collections.abc import Callable, Iterable, Mapping
from fnmatch import translate
from functools import lru_cache

from connector.domain.errors import ConfigError
from connector.domain.ruleset import AllOf, AnyOf, NotOf, Test, When
from connector.domain.student import Student
from connector.mapping.dn import normal_dn
from connector.mapping.fields import raw_values
from connector.mapping.keys import case_key
from connector.mapping.regex_ways import LONGEST_REPEAT, too_many_ways

Groups = frozenset[str]
Nesting = Mapping[str, Groups]
"""The groups that a directory group lies in directly, all by DN."""

NO_NESTING: Nesting = {}

Condition = Callable[[Student, Groups | None, Groups], bool | None]
"""Asked with the student, its directory groups (None: they could not be read whole) and its SCIM groups."""

REGEX_LENGTH = 200
VALUE_LENGTH = LONGEST_REPEAT
"""What a regular expression is tried on is cut here, so that each try stays short."""

_SUBJECTS: Mapping[str, Callable[[Student], Iterable[str]]] = {
    "year": lambda student: (student.year_level,),
    "campus": lambda student: student.campuses,
    "status": lambda student: (student.status.value,),
    "house": lambda student: (student.house,),
    "homegroup": lambda student: (student.homegroup,),
    "class": lambda student: student.classes,
    "flag": lambda student: student.flags,
}
_GROUPS = ("ldap_group", "scim_group")
_FIELD = "field."


def condition(when: When, nesting: Nesting = NO_NESTING) -> Condition:
    """The condition ready to be asked. Raises ConfigError for a subject or pattern that cannot be."""
    if isinstance(when, Test):
        return _group_test(when, nesting) if when.subject in _GROUPS else _student_test(when)
    if isinstance(when, NotOf):
        return _negated(condition(when.part, nesting))
    parts = tuple(condition(part, nesting) for part in when.parts)
    return _joined(parts, decisive=isinstance(when, AnyOf))


def in_words(when: When) -> str:
    """The condition as a person reads it: `year is 10, 11 or 12 and campus is SE`."""
    if isinstance(when, Test):
        verb = {"equals": "is", "nested": "is or lies in", "glob": "is like", "regex": "matches"}[when.how]
        return f"{when.subject} {verb} {' or '.join(when.values)}"
    if isinstance(when, NotOf):
        return f"not ({in_words(when.part)})"
    joint = " or " if isinstance(when, AnyOf) else " and "
    parts = [f"({in_words(part)})" if isinstance(part, AllOf | AnyOf) else in_words(part) for part in when.parts]
    return joint.join(parts) or "always"


def _student_test(test: Test) -> Condition:
    """A question about the student; values are compared without case, regular expressions as written."""
    read = _reader(test.subject)
    matches = _matcher(test)

    def holds(student: Student, _ldap: Groups | None, _scim: Groups) -> bool:
        return any(map(matches, read(student)))

    return holds


def _reader(subject: str) -> Callable[[Student], Iterable[str]]:
    if subject.startswith(_FIELD):
        name = subject.removeprefix(_FIELD)
        return lambda student: raw_values(student, name)
    if subject not in _SUBJECTS:
        known = ", ".join((*_SUBJECTS, *_GROUPS, "field.NAME"))
        raise ConfigError(f'a condition cannot ask for "{subject}": use one of {known}')
    return _SUBJECTS[subject]


def _matcher(test: Test) -> Callable[[str], bool]:
    """Whether one value of the student is one of the test's."""
    if test.how == "regex":
        patterns = tuple(map(_regex, test.values))
        return lambda value: any(pattern.fullmatch(value[:VALUE_LENGTH]) for pattern in patterns)
    if test.how == "glob":
        globs = tuple(re.compile(translate(case_key(value))) for value in test.values)
        return lambda value: any(pattern.match(case_key(value)) for pattern in globs)
    wanted = frozenset(map(case_key, test.values))
    return lambda value: case_key(value) in wanted


def _regex(pattern: str) -> re.Pattern[str]:
    if len(pattern) > REGEX_LENGTH:
        raise ConfigError(f"a regex has at most {REGEX_LENGTH} characters, this one has {len(pattern)}")
    try:
        compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise ConfigError(f'"{pattern}" is not a regex: {error}') from None
    if why := too_many_ways(pattern):
        raise ConfigError(f'"{pattern}" is not used as a regex: {why}')
    return compiled


def _group_test(test: Test, nesting: Nesting) -> Condition:
    """Whether the student is in a group; unknown where the directory could not be read whole."""
    key = lru_cache(maxsize=4096)(_dn_key if test.subject == "ldap_group" else case_key)
    wanted = frozenset(map(key, test.values))
    if test.how == "nested":
        wanted = _with_groups_inside(wanted, {key(group): set(map(key, above)) for group, above in nesting.items()})

    def in_ldap(_student: Student, ldap: Groups | None, _scim: Groups) -> bool | None:
        return None if ldap is None else any(key(group) in wanted for group in ldap)

    def in_scim(_student: Student, _ldap: Groups | None, scim: Groups) -> bool:
        return any(key(group) in wanted for group in scim)

    return in_ldap if test.subject == "ldap_group" else in_scim


def _with_groups_inside(wanted: Groups, above: Mapping[str, set[str]]) -> Groups:
    """These groups and every group that lies in one of them, through whatever others."""
    inside = wanted
    while found := {group for group, parents in above.items() if group not in inside and parents & inside}:
        inside |= found
    return inside


def _dn_key(text: str) -> str:
    """The DN's normal form (RFC 4514); text that is no DN is only like itself."""
    try:
        return normal_dn(text)
    except ValueError:
        return case_key(text)


def _negated(part: Condition) -> Condition:
    def holds(student: Student, ldap: Groups | None, scim: Groups) -> bool | None:
        answer = part(student, ldap, scim)
        return None if answer is None else not answer

    return holds


def _joined(parts: tuple[Condition, ...], *, decisive: bool) -> Condition:
    """AND (a false part decides) or OR (a true part does); else an unknown part leaves it unknown."""

    def holds(student: Student, ldap: Groups | None, scim: Groups) -> bool | None:
        unknown = False
        for part in parts:
            answer = part(student, ldap, scim)
            if answer is decisive:
                return decisive
            unknown = unknown or answer is None
        return None if unknown else not decisive

    return holds
