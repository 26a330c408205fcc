"""One parsed mapping file: usernames, roles, passwords and scope, as frozen values ready to decide with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

YEAR_ORDER = ("PK", "K", "P", *(str(n) for n in range(1, 14)))
"""Year levels in order: PK = -2, K = -1, P = 0, then 1 to 13; UG stands outside the order."""


@dataclass(frozen=True, slots=True)
class Test:
    """One question about a student: does `subject` equal or match one of `values`?

    `subject` is year, campus, status, house, homegroup, class, flag, ldap_group, scim_group or `field.NAME`;
    `how` is equals, glob, regex (anchored) or nested (ldap_group through nested groups).
    """

    subject: str
    values: tuple[str, ...]
    how: str = "equals"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds; an empty one always does."""

    parts: tuple["When", ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple["When", ...]


@dataclass(frozen=True, slots=True)
class NotOf:
    """The part does not hold."""

    part: "When"


When = Test | AllOf | AnyOf | NotOf


@dataclass(frozen=True, slots=True)
class Scope:
    """Who is synchronised, and how far a sync may go with what is there.

    `year_levels` holds canonical tokens, None for all. `renames` is reviewed, apply or propose; `missing` is
    report or archive (contract.md 2).
    """

    year_levels: frozenset[str] | None = None
    overwrite: bool = False
    renames: str = "reviewed"
    missing: str = "report"
    missing_reads: int = 2

    def covers(self, year_level: str) -> bool:
        """Whether a student of that year level is synchronised."""
        return self.year_levels is None or year_level in self.year_levels


@dataclass(frozen=True, slots=True)
class Normalisation:
    """How names become letters of a username (sis-and-mapping.md 3.4).

    `transliteration` names a locale table (de, da ...) or is empty; `table` are further pairs, first wins.
    `non_latin` is skip, transliterate or code; `hyphen` remove, keep, first or last; `particles` join, drop or
    keep_space_removed; `multi_given` first or join. `specials` are the signs a username may hold inside.
    """

    transliteration: str = ""
    table: tuple[tuple[str, str], ...] = ()
    non_latin: str = "skip"
    hyphen: str = "remove"
    particles: str = "join"
    multi_given: str = "first"
    specials: str = "."


@dataclass(frozen=True, slots=True)
class UsernameRules:
    """How a username is made. `case` is "" for the method's default, else lower, upper, keep or title.

    `column` names the SIS column of method `column`, `template` the text of method `template`. `reserved` are
    whole names never given, `blocked` words likewise (`blocked_match` exact or substring). `max_length`
    counts prefix, counter and suffix too. `overrides` are tried in order before the rules themselves.
    """

    method: str = "student_code"
    given: str = "legal"
    prefix: str = ""
    suffix: str = ""
    case: str = ""
    max_length: int = 20
    min_length: int = 2
    collision: tuple[str, ...] = ("middle_initial", "counter")
    max_counter: int = 99
    template: str = ""
    column: str = ""
    reserved: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()
    blocked_match: str = "exact"
    reuse_after_days: int = -1
    normalisation: Normalisation = field(default_factory=Normalisation)
    overrides: tuple[tuple["When", "UsernameRules"], ...] = ()


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret is found: an environment variable, or a file's first line. Never the secret itself."""

    env: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """What a new account's password is: random, default or none (contract.md 2)."""

    method: str = "random"
    default: SecretRef | None = None


@dataclass(frozen=True, slots=True)
class RoleRule:
    """Roles granted or denied when the condition holds; `stop` ends the evaluation after it."""

    name: str
    when: When
    grant: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    stop: bool = False


@dataclass(frozen=True, slots=True)
class RoleRules:
    """Which roles a student gets and which roles the connector may touch at all (rules.md 16 and 17)."""

    mode: str = "authoritative"
    managed: frozenset[str] = frozenset({"Student Security", "Student Portal"})
    default: tuple[str, ...] = ("Student Security",)
    student_roles: frozenset[str] = frozenset({"Student Security", "Student Portal"})
    protected: frozenset[str] = frozenset()
    allow_protected: frozenset[str] = frozenset()
    rules: tuple[RoleRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """One given/expect pair of a mapping file; `place` is `file: example N`."""

    given: Mapping[str, Any]
    expect: Mapping[str, Any]
    place: str = ""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One mapping file. `fingerprint` is a digest of the parsed rules: comments and layout are no change."""

    scope: Scope = field(default_factory=Scope)
    usernames: UsernameRules = field(default_factory=UsernameRules)
    passwords: PasswordRules = field(default_factory=PasswordRules)
    roles: RoleRules = field(default_factory=RoleRules)
    account_names: str = "preferred"
    examples: tuple[Example, ...] = ()
    fingerprint: str = ""
    path: str = ""
