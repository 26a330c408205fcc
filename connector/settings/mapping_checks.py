"""What the keys of a mapping file must be to each other; what each may be alone is said by its model."""

import re
from collections.abc import Collection, Iterator

from connector.mapping.roles import ALWAYS_ALLOWED, DEFAULT, RULE
from connector.settings.conditions import tests_of
from connector.settings.faults import nearest, shown
from connector.settings.key_lines import KeyPath
from connector.settings.mapping_model import MappingFile, RolesTable, UsernameOptions, UsernamesTable

_ROLE_LIKENESS = 0.8  # "Teacher Security" is no misspelling of "Student Security"
_FIELD = re.compile(r"\{[^}]*\}")

Check = tuple[KeyPath, str]
"""What is wrong, and where."""


def check_mapping(mapping: MappingFile, known_roles: Collection[str]) -> Iterator[Check]:
    """Every contradiction between keys; `known_roles` are the roles the site has, empty where any may be."""
    yield from _usernames(mapping.usernames)
    yield from _roles(mapping.roles, known_roles)
    if mapping.passwords.method == "default" and mapping.passwords.default is None:
        example = 'default = { env = "TRACKONE_DEFAULT_PASSWORD" }'
        yield ("passwords", "default"), f'missing beside method = "default"; e.g. {example}'
    for section, rules in (("usernames", mapping.usernames.rule), ("roles", mapping.roles.rule)):
        yield from _names(section, [rule.name for rule in rules])


def effective(base: UsernameOptions, rule: UsernameOptions) -> UsernameOptions:
    """The options that hold where a rule applies: its own, then those it inherits."""
    own = {name: getattr(rule, name) for name in rule.model_fields_set if name in UsernameOptions.model_fields}
    inherited = {name: getattr(base, name) for name in UsernameOptions.model_fields}
    merged = inherited | own
    for name in ("template", "column"):
        if name not in own and merged["method"] != name:
            merged[name] = ""
    return UsernameOptions.model_construct(**merged)


def allowed_roles(roles: RolesTable) -> frozenset[str]:
    """The roles a student may get."""
    return (ALWAYS_ALLOWED | frozenset(roles.student_roles)) - frozenset(roles.protected)


def _usernames(usernames: UsernamesTable) -> Iterator[Check]:
    yield from _options(("usernames",), usernames)
    for number, rule in enumerate(usernames.rule):
        place: KeyPath = ("usernames", "rule", number)
        yield from _options(place, effective(usernames, rule))
        if any(test.subject in ("ldap_group", "scim_group") for test in tests_of(rule.when)):
            step = "usernames must not change with a group; use year, campus, flag or field.NAME"
            yield (*place, "when"), step


def _options(place: KeyPath, options: UsernameOptions) -> Iterator[Check]:
    for name, example in (("template", '"{given}.{surname}"'), ("column", '"NetworkID"')):
        given = getattr(options, name)
        if options.method == name and not given:
            yield (*place, name), f'missing beside method = "{name}"; e.g. {name} = {example}'
        if options.method != name and given:
            yield (*place, name), f'counts only with method = "{name}"; the method here is "{options.method}"'
    least = options.min_length + len(_FIELD.sub("", options.prefix + options.suffix))
    if least > options.max_length:
        why = f"{options.max_length} leaves no room: prefix, suffix and min_length need {least}"
        yield (*place, "max_length"), why


def _names(section: str, names: list[str]) -> Iterator[Check]:
    for number, name in enumerate(names):
        if name and name in names[:number]:
            yield (section, "rule", number, "name"), f"{shown(name)} is the name of an earlier rule; choose another"


def _roles(roles: RolesTable, known: Collection[str]) -> Iterator[Check]:
    if roles.allow_protected:
        step = "leave it empty; a role that students may have goes into student_roles"
        yield ("roles", "allow_protected"), f"students never get a protected role; {step}"
    for name in ("student_roles", "managed"):
        for role in set(getattr(roles, name) or ()) & set(roles.protected):
            yield ("roles", name), f"{shown(role)} is also in protected; take it out of one of the two"
    for number, rule in enumerate(roles.rule):
        if f"{RULE}{rule.name}" == DEFAULT:
            yield ("roles", "rule", number, "name"), f"{shown(rule.name)} stands for [roles] default; choose another"
        if not rule.grant and not rule.deny:
            yield ("roles", "rule", number), 'gives and withholds nothing; e.g. grant = ["Student Portal"]'
    allowed = allowed_roles(roles)
    for place, role in _named_roles(roles):
        if known and role not in known:
            yield place, f"{shown(role)} is not in [store] roles; {_meant(role, known)}"
        elif role in roles.protected and place[-1] in ("default", "grant", "deny"):
            yield place, f"{shown(role)} is in [roles] protected; take it out of one of the two"
        elif role not in (*allowed, *roles.protected) and place[-1] != "student_roles":
            meant = nearest(role, allowed, _ROLE_LIKENESS)
            step = f"did you mean {shown(meant)}?" if meant else "if yours may, name it in [roles] student_roles"
            yield place, f"students may not get {shown(role)}; {step}"


def _named_roles(roles: RolesTable) -> Iterator[Check]:
    for name in ("default", "managed", "student_roles", "protected"):
        for role in getattr(roles, name) or ():
            yield ("roles", name), role
    for number, rule in enumerate(roles.rule):
        for name in ("grant", "deny"):
            for role in getattr(rule, name):
                yield ("roles", "rule", number, name), role


def _meant(role: str, known: Collection[str]) -> str:
    meant = nearest(role, known, _ROLE_LIKENESS)
    return f"did you mean {shown(meant)}?" if meant else f"known are {', '.join(map(shown, known))}"
