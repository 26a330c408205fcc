"""The roles the rules want for a student, and what becomes of the roles an account has."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from connector.domain.account import PERSON, Grant, effective_roles
from connector.domain.ruleset import RoleRule, RoleRules
from connector.domain.student import Student
from connector.mapping.conditions import NO_NESTING, Condition, Groups, Nesting, condition, in_words
from connector.mapping.desired import DesiredAccount, Step

ALWAYS_ALLOWED = frozenset({"Student Security", "Student Portal"})
"""The roles any student may get; every other one is protected until `student_roles` names it."""

RULE = "rule:"
DEFAULT = f"{RULE}default"

Grants = tuple[Grant, ...]


class RoleAnswer(NamedTuple):
    """What the rules say of one student's roles; `unknown` ones are neither to be given nor taken."""

    grants: Grants
    denies: Grants
    unknown: frozenset[str]


class _Compiled(NamedTuple):
    by: str
    holds: Condition
    grant: frozenset[str]
    deny: frozenset[str]
    stop: bool
    rule: RoleRule


def student_roles(rules: RoleRules) -> frozenset[str]:
    """The roles a student may get at all, whatever a rule says."""
    return (ALWAYS_ALLOWED | rules.student_roles) - rules.protected


class RoleBook:
    """The role rules of one mapping file, compiled. Raises ConfigError for a condition that cannot be asked."""

    def __init__(self, rules: RoleRules, nesting: Nesting = NO_NESTING) -> None:
        self._allowed = student_roles(rules)
        self._nesting = nesting
        self._default = self._allowed.intersection(rules.default)
        self._rules = tuple(map(self._compiled, rules.rules))
        self._defaults = RoleAnswer(_sorted(Grant(role, DEFAULT) for role in self._default), (), frozenset())

    def answer(self, student: Student, ldap: Groups | None, scim: Groups) -> RoleAnswer:
        """The roles granted, denied and undecided, each with the first rule that says so.

        Rules count from the top, a deny beats every grant, and the default roles are given where no rule
        grants one.
        """
        if not self._rules:
            return self._defaults
        tally = _Tally()
        for rule in self._rules:
            if not tally.count(rule, rule.holds(student, ldap, scim)):
                break
        return tally.answer(self._default)

    def trace(self, student: Student, ldap: Groups | None, scim: Groups) -> Iterator[Step]:
        """Every rule with its answer, then the roles."""
        tally = _Tally()
        for rule in self._rules:
            holds = rule.holds(student, ldap, scim)
            word = {True: "holds", False: "does not hold", None: "cannot be decided today"}[holds]
            yield Step(f"role rule {rule.rule.name}", word, in_words(rule.rule.when))
            never = sorted({*rule.rule.grant, *rule.rule.deny} - self._allowed)
            if never and holds is not False:
                yield Step(f"role rule {rule.rule.name}", "; ".join(never), "left alone: not a role for students")
            if not tally.count(rule, holds):
                yield Step(f"role rule {rule.rule.name}", "stop", "the rules below do not count")
                break
        answer = tally.answer(self._default)
        yield from (Step("role granted", grant.role, grant.by) for grant in answer.grants)
        yield from (Step("role denied", deny.role, deny.by) for deny in answer.denies)
        for role in sorted(answer.unknown):
            yield Step("role left as it is", role, "the directory's groups could not be read whole")

    def _compiled(self, rule: RoleRule) -> _Compiled:
        allowed = self._allowed
        grant, deny = allowed.intersection(rule.grant), allowed.intersection(rule.deny)
        return _Compiled(f"{RULE}{rule.name}", condition(rule.when, self._nesting), grant, deny, rule.stop, rule)


class _Tally:
    """What has been said so far, going down the rules for one student."""

    def __init__(self) -> None:
        self._granted: dict[str, str] = {}
        self._denied: dict[str, str] = {}
        self._perhaps_granted: set[str] = set()
        self._perhaps_denied: set[str] = set()
        self._perhaps_stopped = False

    def count(self, rule: _Compiled, holds: bool | None) -> bool:
        """Note a rule's answer; false where the rules below no longer count."""
        if holds is False:
            return True
        if holds is None or self._perhaps_stopped:
            self._perhaps_granted |= rule.grant
            self._perhaps_denied |= rule.deny
        else:
            self._granted = dict.fromkeys(rule.grant, rule.by) | self._granted
            self._denied = dict.fromkeys(rule.deny, rule.by) | self._denied
        self._perhaps_stopped = self._perhaps_stopped or (holds is None and rule.stop)
        return not (holds and rule.stop)

    def answer(self, default: frozenset[str]) -> RoleAnswer:
        """The roles after all rules."""
        if not self._granted and self._perhaps_granted:
            self._perhaps_granted |= default
        elif not self._granted:
            self._granted = dict.fromkeys(default, DEFAULT)
        open_denies = self._perhaps_denied - self._denied.keys()
        unknown = (self._perhaps_granted - self._granted.keys() - self._denied.keys()) | open_denies
        sure = self._granted.keys() - self._denied.keys() - open_denies
        grants = (Grant(role, self._granted[role]) for role in sure)
        denies = (Grant(role, by) for role, by in self._denied.items())
        return RoleAnswer(_sorted(grants), _sorted(denies), frozenset(unknown))


def merge_grants(grants: Grants, denies: Grants, desired: DesiredAccount, rules: RoleRules) -> tuple[Grants, Grants]:
    """An account's grants and denies after the rules have had their say, each sorted.

    The rules withdraw what they gave themselves; `authoritative` also withdraws managed roles that a person
    gave, `additive` takes no role away. What others gave, undecided roles and protected ones are left alone.
    """
    if grants == desired.grants and denies == desired.denies:
        return grants, denies
    wanted_roles = {grant.role for grant in desired.grants}
    alone = desired.unknown_roles | rules.protected
    takes_away = rules.mode == "authoritative"
    managed = rules.managed & student_roles(rules)

    def stays(grant: Grant) -> bool:
        if grant.role in alone:
            return True
        if grant.by.startswith(RULE):
            return not takes_away and grant.role not in wanted_roles
        return not (takes_away and grant.by == PERSON and grant.role in managed - wanted_roles)

    held = frozenset() if takes_away else frozenset(effective_roles(grants, denies))
    kept_denies = [deny for deny in denies if not deny.by.startswith(RULE) or deny.role in alone]
    new_denies = [deny for deny in desired.denies if deny.role not in held]
    return _sorted({*filter(stays, grants), *desired.grants}), _sorted({*kept_denies, *new_denies})


def _sorted(grants: Iterable[Grant]) -> Grants:
    return tuple(sorted(grants))
