"""Reads a mapping file into the RuleSet that decides."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from connector.domain.ruleset import (
    Example,
    Normalisation,
    PasswordRules,
    RoleRule,
    RoleRules,
    RuleSet,
    Scope,
    UsernameRules,
)
from connector.mapping.fields import FIELDS
from connector.mapping.roles import ALWAYS_ALLOWED
from connector.settings.conditions import tests_of
from connector.settings.document import checked
from connector.settings.faults import Fault, refuse
from connector.settings.fingerprint import fingerprint
from connector.settings.mapping_checks import allowed_roles, check_mapping, effective
from connector.settings.mapping_model import MappingFile, RolesTable, UsernameOptions, UsernamesTable
from connector.settings.toml_file import read_toml


def load_rules(path: Path, *, state: str = "", known_roles: Collection[str] = ()) -> RuleSet:
    """The rules of a mapping file, checked.

    `state` is the school's, which decides what a bare K means; `known_roles` are the roles the site has, empty
    where any may be. Raises ConfigError with a line for each fault: file, line, key, what was expected.
    """
    faults: list[Fault] = []
    rules = read_rules(path, faults, state, known_roles)
    if rules is None:
        refuse(faults)
    return rules


def read_rules(path: Path, faults: list[Fault], state: str = "", known_roles: Collection[str] = ()) -> RuleSet | None:
    """As load_rules; what is wrong is added to `faults`, and then None."""
    document = read_toml(path, faults, "correct [mapping] file, or lay one down with `trackone init`")
    mapping = checked(document, MappingFile, faults, state=state) if document else None
    if document is None or mapping is None:
        return None
    wrong = [document.fault(MappingFile, *check) for check in check_mapping(mapping, known_roles)]
    faults.extend(wrong)
    return None if wrong else _rule_set(mapping, document.file)


def extra_columns(rules: RuleSet) -> tuple[str, ...]:
    """The SIS columns beyond the canonical fields that the rules read, each once."""
    usernames = [rules.usernames, *(options for _, options in rules.usernames.overrides)]
    conditions = [*(when for when, _ in rules.usernames.overrides), *(rule.when for rule in rules.roles.rules)]
    subjects = [test.subject for when in conditions for test in tests_of(when)]
    fields = [subject.removeprefix("field.") for subject in subjects if subject.startswith("field.")]
    further = [name for name in fields if name not in FIELDS]
    return tuple(dict.fromkeys([*(options.column for options in usernames if options.column), *further]))


def _rule_set(mapping: MappingFile, file: str) -> RuleSet:
    scope, passwords = mapping.scope, mapping.passwords
    rules = RuleSet(
        scope=Scope(scope.year_levels, scope.overwrite, scope.renames, scope.missing, scope.missing_reads),
        usernames=_username_rules(mapping.usernames),
        passwords=PasswordRules(passwords.method, passwords.default.reference if passwords.default else None),
        roles=_role_rules(mapping.roles),
        account_names=mapping.accounts.names,
    )
    examples = tuple(
        Example(example.given, example.expect, f"{file}: example {number}")
        for number, example in enumerate(mapping.example, 1)
    )
    return replace(rules, fingerprint=fingerprint(rules), examples=examples, path=file)


def _username_rules(table: UsernamesTable) -> UsernameRules:
    overrides = tuple((rule.when, _options(effective(table, rule), table)) for rule in table.rule)
    return replace(_options(table, table), overrides=overrides)


def _options(options: UsernameOptions, table: UsernamesTable) -> UsernameRules:
    """The options of a whole table, or of one rule, with what counts for the whole table."""
    letters = options.transliteration
    return UsernameRules(
        method=options.method,
        given=options.given,
        prefix=options.prefix,
        suffix=options.suffix,
        case=options.case,
        max_length=options.max_length,
        min_length=options.min_length,
        collision=options.collision,
        max_counter=options.max_counter,
        template=options.template,
        column=options.column,
        reserved=frozenset(table.reserved),
        blocked=frozenset(table.blocked),
        blocked_match=table.blocked_match,
        reuse_after_days=table.reuse_after_days,
        normalisation=Normalisation(
            transliteration=letters if isinstance(letters, str) else "",
            table=() if isinstance(letters, str) else letters,
            non_latin=options.non_latin,
            hyphen=options.hyphen,
            particles=options.particles,
            multi_given=options.multi_given,
            specials=options.specials,
        ),
    )


def _role_rules(table: RolesTable) -> RoleRules:
    managed = ALWAYS_ALLOWED - frozenset(table.protected) if table.managed is None else frozenset(table.managed)
    return RoleRules(
        mode=table.mode,
        managed=managed,
        default=table.default,
        student_roles=allowed_roles(table),
        protected=frozenset(table.protected),
        allow_protected=frozenset(table.allow_protected),
        rules=tuple(RoleRule(rule.name, rule.when, rule.grant, rule.deny, rule.stop) for rule in table.rule),
    )
