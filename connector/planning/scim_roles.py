"""The TrackOne roles that SCIM roles and groups give, through the role rules and the lists of who may get what."""

from collections.abc import Collection
from dataclasses import replace
from functools import cached_property

from connector.domain.account import Account, UserType
from connector.domain.ruleset import AllOf, AnyOf, NotOf, RoleRules, Test, When
from connector.domain.student import Student
from connector.mapping.keys import case_key
from connector.mapping.roles import RoleBook


class ScimRoleBook:
    """The role rules as they bear on SCIM: those that ask for a SCIM group, and roles called by their own names.

    A Student may get the roles in `student_roles`, whatever a rule says; anybody else only those that
    `allow_protected` names, and only from a client that may give protected roles.
    """

    def __init__(self, rules: RoleRules, student_roles: frozenset[str]) -> None:
        self._rules = rules
        self._student_roles = student_roles

    @property
    def default(self) -> frozenset[str]:
        """The roles that a new student has without any rule."""
        return self._student_roles.intersection(self._rules.default)

    def protected(self, account: Account) -> frozenset[str]:
        """The roles of an account that no student may get: such an account is not every client's to change."""
        return frozenset(account.roles) - self._student_roles

    def concerns(self, group: str) -> bool:
        """Whether a group of that name can give anybody a role."""
        return bool(self._asked) or any(case_key(role) == case_key(group) for role in self._grantable)

    def roles(self, account: Account, names: Collection[str], *, protected: bool) -> list[str]:
        """The roles that these SCIM roles and groups give the account, sorted."""
        if account.user_type is UserType.STUDENT:
            allowed = self._student_roles
        else:
            allowed = self._rules.allow_protected if protected else frozenset()
        if not allowed or not names:
            return []
        keys = {case_key(name) for name in names}
        called = {role for role in allowed if case_key(role) in keys}
        ruled: set[str] = set()
        if self._asked and account.user_type is UserType.STUDENT:
            answer = self._asking.answer(_as_student(account), frozenset(), frozenset(names))
            ruled = {grant.role for grant in answer.grants}
        return sorted((called | ruled) & allowed)

    @cached_property
    def _asked(self) -> bool:
        return any(_asks_for_scim(rule.when) for rule in self._rules.rules)

    @cached_property
    def _asking(self) -> RoleBook:
        rules = tuple(rule for rule in self._rules.rules if _asks_for_scim(rule.when))
        return RoleBook(replace(self._rules, rules=rules, default=()))

    @cached_property
    def _grantable(self) -> frozenset[str]:
        return self._student_roles | self._rules.allow_protected


def _asks_for_scim(when: When) -> bool:
    match when:
        case Test(subject=subject):
            return subject == "scim_group"
        case AllOf(parts) | AnyOf(parts):
            return any(map(_asks_for_scim, parts))
        case NotOf(part):
            return _asks_for_scim(part)


def _as_student(account: Account) -> Student:
    """What a role rule may ask of an account that has no row in the SIS."""
    return Student(
        account.sis_code,
        account.given_names,
        account.family_name,
        year_level=account.year_level,
        campuses=(account.campus,) if account.campus else (),
        email=account.email,
    )
