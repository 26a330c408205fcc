"""A Student and a RuleSet to the account wanted: the room's front door."""

from collections.abc import Iterator
from itertools import islice

from connector.domain.ruleset import Example, RuleSet, UsernameRules, When
from connector.domain.student import Student
from connector.mapping.conditions import NO_NESTING, Condition, Groups, Nesting, condition, in_words
from connector.mapping.desired import DesiredAccount, Proposal, Refusal, Step
from connector.mapping.examples import mismatches
from connector.mapping.naming import Naming, naming_of
from connector.mapping.roles import RoleBook
from connector.mapping.safety import WordList, builtin_reserved

NO_GROUPS: Groups = frozenset()

_UNDECIDED = Refusal(
    "held-by-directory-policy",
    "a username rule asks for a directory group, and the directory could not be read whole",
    "Repair the directory read and run again",
)


class Mapper:
    """One mapping file's rules, compiled once; `nesting` says which of the directory's groups lie in which.

    Raises ConfigError for rules that cannot be followed.
    """

    def __init__(self, rules: RuleSet, nesting: Nesting = NO_NESTING) -> None:
        builtin = builtin_reserved()
        usernames = rules.usernames
        self._naming = naming_of(usernames, WordList(usernames, builtin))
        self._overrides = tuple(_Override(when, other, builtin, nesting) for when, other in usernames.overrides)
        self._roles = RoleBook(rules.roles, nesting)
        self._preferred = rules.account_names == "preferred"

    def desire(
        self, student: Student, ldap_groups: Groups | None = NO_GROUPS, scim_groups: Groups = NO_GROUPS
    ) -> DesiredAccount:
        """The account the rules want. `ldap_groups` are DNs, None where the directory could not be read whole."""
        naming = self._naming_for(student, ldap_groups, scim_groups) if self._overrides else self._naming
        grants, denies, unknown = self._roles.answer(student, ldap_groups, scim_groups)
        given, family = student.legal_given, student.legal_family
        if self._preferred:
            given, family = student.preferred_given or given, student.preferred_family or family
        campuses = student.campuses
        campus = campuses[0] if campuses else ""
        name = naming.propose(student) if naming else _UNDECIDED
        return tuple.__new__(
            DesiredAccount,
            (given, family, student.email, student.year_level, campus, grants, denies, unknown, name),
        )

    def explain(
        self, student: Student, ldap_groups: Groups | None = NO_GROUPS, scim_groups: Groups = NO_GROUPS
    ) -> list[Step]:
        """Every step from the student to username and roles, in order."""
        return list(self._steps(student, ldap_groups, scim_groups))

    def _steps(self, student: Student, ldap: Groups | None, scim: Groups) -> Iterator[Step]:
        for override in self._overrides:
            if override.holds(student, ldap, scim) is not False:
                yield Step("username rule", override.rules.method, override.words)
                break
        naming = self._naming_for(student, ldap, scim)
        if naming:
            yield from naming.trace(student)
        yield from _outcome(naming.propose(student) if naming else _UNDECIDED)
        yield from self._roles.trace(student, ldap, scim)

    def _naming_for(self, student: Student, ldap: Groups | None, scim: Groups) -> Naming | None:
        """The first override that holds, else the rules themselves; None where that cannot be decided."""
        for override in self._overrides:
            holds = override.holds(student, ldap, scim)
            if holds is not False:
                return override.naming if holds else None
        return self._naming


def run_example(example: Example, rules: RuleSet) -> list[str]:
    """What the rules do otherwise than the [[example]] expects, in words; empty where it holds."""
    return mismatches(example, rules, Mapper(rules).desire)


class _Override:
    """Username rules for some students."""

    def __init__(self, when: When, rules: UsernameRules, builtin: frozenset[str], nesting: Nesting) -> None:
        self.holds: Condition = condition(when, nesting)
        self.words = in_words(when)
        self.rules = rules
        self.naming = naming_of(rules, WordList(rules, builtin))


def _outcome(outcome: Proposal | Refusal) -> Iterator[Step]:
    """The username and the next few alternatives, or the refusal."""
    if isinstance(outcome, Refusal):
        yield Step("username", "", f"{outcome.reason}: {outcome.detail}")
        return
    yield Step("username", outcome.base, "taken as it is" if outcome.verbatim else "the first choice")
    others = list(islice(outcome.candidates(), 1, 5))
    if others:
        yield Step("alternatives", ", ".join(others), "when the first choice is taken")
