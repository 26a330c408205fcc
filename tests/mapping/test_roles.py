from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain import ruleset
from connector.domain.account import Grant, effective_roles
from connector.domain.ruleset import AllOf, RoleRule, RoleRules, RuleSet, When
from connector.domain.student import Student
from connector.mapping.desired import DesiredAccount, Refusal
from connector.mapping.mapper import Mapper
from connector.mapping.roles import RoleBook, merge_grants, student_roles

ALWAYS = AllOf()
NEVER = ruleset.Test("year", ("1",))
UNKNOWN = ruleset.Test("ldap_group", ("CN=Prefects,DC=x",))
SECURITY, PORTAL, SENIOR, BOARDER = "Student Security", "Student Portal", "Senior Student", "Boarder"
ADMIN = "Administrator Security"
EXTRA = frozenset({SENIOR, BOARDER})
AMELIA = Student("S1", "Amelia", "Smith", year_level="11")
NONE: frozenset[str] = frozenset()


def rule(name: str, when: When, *grant: str, deny: tuple[str, ...] = (), stop: bool = False) -> RoleRule:
    """A role rule, written short."""
    return RoleRule(name, when, grant, deny, stop)


def by(role: str, name: str) -> Grant:
    """A grant by a rule."""
    return Grant(role, f"rule:{name}")


DEFAULT = by(SECURITY, "default")


@pytest.mark.parametrize(
    ("rules", "grants", "denies", "unknown"),
    [
        ((), [DEFAULT], [], []),
        ((rule("a", NEVER, SENIOR),), [DEFAULT], [], []),
        ((rule("a", ALWAYS, SENIOR),), [by(SENIOR, "a")], [], []),
        ((rule("a", ALWAYS, SENIOR), rule("b", ALWAYS, PORTAL)), [by(SENIOR, "a"), by(PORTAL, "b")], [], []),
        ((rule("a", ALWAYS, SENIOR), rule("b", ALWAYS, SENIOR)), [by(SENIOR, "a")], [], []),
        # a deny beats every grant, wherever it stands, and is no grant that would take the default's place
        ((rule("a", ALWAYS, SENIOR), rule("b", ALWAYS, deny=(SENIOR,))), [], [by(SENIOR, "b")], []),
        ((rule("b", ALWAYS, deny=(SENIOR,)), rule("a", ALWAYS, SENIOR)), [], [by(SENIOR, "b")], []),
        ((rule("b", ALWAYS, deny=(SENIOR,)),), [DEFAULT], [by(SENIOR, "b")], []),
        ((rule("b", ALWAYS, deny=(SECURITY,)),), [], [by(SECURITY, "b")], []),
        # stop ends the rules where it holds
        ((rule("a", ALWAYS, SENIOR, stop=True), rule("b", ALWAYS, PORTAL)), [by(SENIOR, "a")], [], []),
        ((rule("a", NEVER, SENIOR, stop=True), rule("b", ALWAYS, PORTAL)), [by(PORTAL, "b")], [], []),
        # what cannot be decided is neither given nor taken, the default included where it hangs on it
        ((rule("a", UNKNOWN, SENIOR),), [], [], [SENIOR, SECURITY]),
        ((rule("a", UNKNOWN, SENIOR), rule("b", ALWAYS, PORTAL)), [by(PORTAL, "b")], [], [SENIOR]),
        ((rule("a", UNKNOWN, SENIOR), rule("b", ALWAYS, SENIOR)), [by(SENIOR, "b")], [], []),
        ((rule("a", UNKNOWN, deny=(SENIOR,)), rule("b", ALWAYS, SENIOR, PORTAL)), [by(PORTAL, "b")], [], [SENIOR]),
        (
            (rule("a", UNKNOWN, SENIOR), rule("b", ALWAYS, PORTAL, deny=(SENIOR,))),
            [by(PORTAL, "b")],
            [by(SENIOR, "b")],
            [],
        ),
        ((rule("a", UNKNOWN, SENIOR, stop=True), rule("b", ALWAYS, PORTAL)), [], [], [SENIOR, PORTAL, SECURITY]),
        (
            (rule("a", UNKNOWN, stop=True), rule("b", ALWAYS, PORTAL, stop=True), rule("c", ALWAYS, SENIOR)),
            [],
            [],
            [PORTAL, SECURITY],
        ),
        # a role outside the allow-list is never given to a student, nor is it denied
        ((rule("a", ALWAYS, ADMIN),), [DEFAULT], [], []),
        ((rule("a", ALWAYS, ADMIN, SENIOR, deny=(ADMIN,)),), [by(SENIOR, "a")], [], []),
        ((rule("a", UNKNOWN, ADMIN),), [DEFAULT], [], []),
    ],
)
def test_rules_from_the_top(
    rules: tuple[RoleRule, ...], grants: list[Grant], denies: list[Grant], unknown: list[str]
) -> None:
    """Rules count from the top; what comes out is sorted, and each role carries the first rule that gave it."""
    answer = RoleBook(RoleRules(student_roles=EXTRA, rules=rules)).answer(AMELIA, None, NONE)
    assert (tuple(sorted(grants)), tuple(sorted(denies)), frozenset(unknown)) == answer


@pytest.mark.parametrize("default", [(), (PORTAL,), (PORTAL, SECURITY), (ADMIN, PORTAL)])
def test_default_roles(default: tuple[str, ...]) -> None:
    """Without a rule that grants, the configured default roles are given, as far as students may have them."""
    answer = RoleBook(RoleRules(default=default)).answer(AMELIA, NONE, NONE)
    assert tuple(by(role, "default") for role in sorted(set(default) - {ADMIN})) == answer.grants


@pytest.mark.parametrize(
    ("configured", "protected", "allowed"),
    [
        (frozenset(), frozenset(), {SECURITY, PORTAL}),
        ({SENIOR}, frozenset(), {SECURITY, PORTAL, SENIOR}),
        ({SENIOR, ADMIN}, {ADMIN}, {SECURITY, PORTAL, SENIOR}),
        (frozenset(), {PORTAL}, {SECURITY}),
    ],
)
def test_the_allow_list(configured: frozenset[str], protected: frozenset[str], allowed: set[str]) -> None:
    """Two roles and the configured ones may be a student's, a protected one never."""
    assert allowed == student_roles(RoleRules(student_roles=frozenset(configured), protected=frozenset(protected)))


ROLES = st.sampled_from([SECURITY, PORTAL, SENIOR, BOARDER, ADMIN, "Teacher Security", "student security"])
RULES = st.lists(
    st.builds(
        RoleRule,
        st.sampled_from("abc"),
        st.sampled_from([ALWAYS, NEVER, UNKNOWN]),
        st.lists(ROLES, max_size=3).map(tuple),
        st.lists(ROLES, max_size=3).map(tuple),
        st.booleans(),
    ),
    max_size=5,
).map(tuple)
MANAGED = st.frozensets(ROLES)
GRANTS = st.lists(
    st.builds(Grant, ROLES, st.sampled_from(["rule:a", "rule:default", "person", "scim:entra"])), max_size=5
).map(tuple)
BOOKS = st.builds(
    RoleRules,
    st.sampled_from(["authoritative", "additive"]),
    MANAGED,
    st.lists(ROLES, max_size=2).map(tuple),
    st.frozensets(ROLES),
    st.frozensets(ROLES, max_size=2),
    st.just(frozenset({ADMIN})),
    RULES,
)


@given(BOOKS, st.sampled_from([None, frozenset(), frozenset({"cn=prefects,dc=x"})]))
def test_no_student_gets_a_protected_role(rules: RoleRules, groups: frozenset[str] | None) -> None:
    """Whatever rules, defaults and opt-ins say, a student gets roles of the allow-list only."""
    answer = RoleBook(rules).answer(AMELIA, groups, NONE)
    named = {grant.role for grant in (*answer.grants, *answer.denies)} | answer.unknown
    assert named <= student_roles(rules)


@given(BOOKS)
def test_a_role_has_one_state(rules: RoleRules) -> None:
    """A role is granted, denied or undecided, never two of them."""
    grants, denies, unknown = RoleBook(rules).answer(AMELIA, None, NONE)
    states = [{grant.role for grant in grants}, {deny.role for deny in denies}, set(unknown)]
    assert not any(one & other for one, other in permutations(states, 2))


def desired(*grants: Grant, denies: tuple[Grant, ...] = (), unknown: frozenset[str] = frozenset()) -> DesiredAccount:
    """A wanted account of which only the roles matter."""
    return DesiredAccount("", "", "", "", "", grants, denies, unknown, Refusal("empty-username", ""))


PERSON_SENIOR, SCIM_SENIOR = Grant(SENIOR, "person"), Grant(SENIOR, "scim:entra")


@pytest.mark.parametrize(
    ("held", "wanted", "authoritative", "additive"),
    [
        ((), desired(DEFAULT), {DEFAULT}, {DEFAULT}),
        ((DEFAULT,), desired(DEFAULT), {DEFAULT}, {DEFAULT}),
        # the rules' own grants
        ((by(SENIOR, "old"),), desired(DEFAULT), {DEFAULT}, {DEFAULT, by(SENIOR, "old")}),
        ((by(SENIOR, "old"),), desired(by(SENIOR, "new")), {by(SENIOR, "new")}, {by(SENIOR, "new")}),
        # what a person gave goes where the role is managed and no rule wants it
        ((PERSON_SENIOR,), desired(DEFAULT), {DEFAULT}, {DEFAULT, PERSON_SENIOR}),
        (
            (PERSON_SENIOR,),
            desired(by(SENIOR, "a")),
            {by(SENIOR, "a"), PERSON_SENIOR},
            {by(SENIOR, "a"), PERSON_SENIOR},
        ),
        (
            (Grant(BOARDER, "person"),),
            desired(DEFAULT),
            {DEFAULT, Grant(BOARDER, "person")},
            {DEFAULT, Grant(BOARDER, "person")},
        ),
        # what a SCIM client gave is its own
        ((SCIM_SENIOR,), desired(DEFAULT), {DEFAULT, SCIM_SENIOR}, {DEFAULT, SCIM_SENIOR}),
        # undecided roles and protected ones are left alone
        ((by(SENIOR, "old"), PERSON_SENIOR), desired(unknown=EXTRA), {by(SENIOR, "old"), PERSON_SENIOR}, None),
        ((by(ADMIN, "old"), Grant(ADMIN, "person")), desired(), {by(ADMIN, "old"), Grant(ADMIN, "person")}, None),
        ((Grant("Teacher Security", "person"),), desired(), {Grant("Teacher Security", "person")}, None),
        # a role that was taken off the allow-list goes where the rules themselves gave it
        ((by("Teacher Security", "old"),), desired(), set(), {by("Teacher Security", "old")}),
    ],
)
def test_merging_grants(
    held: tuple[Grant, ...], wanted: DesiredAccount, authoritative: set[Grant], additive: set[Grant] | None
) -> None:
    """The rules withdraw their own grants and a person's managed ones; additive rules withdraw nothing."""
    managed = frozenset({SECURITY, SENIOR, "Teacher Security"})
    for mode, expected in (("authoritative", authoritative), ("additive", additive or authoritative)):
        rules = RoleRules(mode=mode, managed=managed, student_roles=EXTRA, protected=frozenset({ADMIN}))
        assert (tuple(sorted(expected)), ()) == merge_grants(held, (), wanted, rules)


DENY_SENIOR, OLD_DENY, SCIM_DENY = by(SENIOR, "no"), by(SENIOR, "old"), Grant(SENIOR, "scim:entra")


@pytest.mark.parametrize(
    ("held", "denies", "wanted", "authoritative", "additive"),
    [
        ((), (), desired(denies=(DENY_SENIOR,)), {DENY_SENIOR}, {DENY_SENIOR}),
        ((SCIM_SENIOR,), (), desired(denies=(DENY_SENIOR,)), {DENY_SENIOR}, set()),
        ((), (OLD_DENY,), desired(), set(), set()),
        ((), (OLD_DENY,), desired(unknown=EXTRA), {OLD_DENY}, {OLD_DENY}),
        ((), (SCIM_DENY,), desired(), {SCIM_DENY}, {SCIM_DENY}),
        ((), (OLD_DENY,), desired(denies=(DENY_SENIOR,)), {DENY_SENIOR}, {DENY_SENIOR}),
    ],
)
def test_merging_denies(
    held: tuple[Grant, ...],
    denies: tuple[Grant, ...],
    wanted: DesiredAccount,
    authoritative: set[Grant],
    additive: set[Grant],
) -> None:
    """A deny of the rules comes and goes with them; in additive mode it takes away nothing that is there."""
    for mode, expected in (("authoritative", authoritative), ("additive", additive)):
        rules = RoleRules(mode=mode, managed=EXTRA, student_roles=EXTRA)
        assert tuple(sorted(expected)) == merge_grants(held, denies, wanted, rules)[1]


@given(BOOKS, GRANTS, GRANTS, st.sampled_from([None, frozenset()]))
def test_merging_twice_changes_nothing(
    rules: RoleRules, grants: tuple[Grant, ...], denies: tuple[Grant, ...], groups: frozenset[str] | None
) -> None:
    """After one merge the account is as the rules want it, so the next sync leaves it alone."""
    wanted = Mapper(RuleSet(roles=rules)).desire(AMELIA, groups)
    once = merge_grants(grants, denies, wanted, rules)
    assert once == merge_grants(*once, wanted, rules)


@given(BOOKS, GRANTS, GRANTS)
def test_additive_never_removes(rules: RoleRules, grants: tuple[Grant, ...], denies: tuple[Grant, ...]) -> None:
    """In additive mode an account keeps every effective role it has."""
    additive = replace(rules, mode="additive")
    wanted = Mapper(RuleSet(roles=additive)).desire(AMELIA)
    assert set(effective_roles(grants, denies)) <= set(
        effective_roles(*merge_grants(grants, denies, wanted, additive))
    )


@given(BOOKS, GRANTS, st.sampled_from([None, frozenset()]))
def test_others_keep_what_they_gave(
    rules: RoleRules, grants: tuple[Grant, ...], groups: frozenset[str] | None
) -> None:
    """A SCIM client's grants and a person's unmanaged or protected ones are in every merge as they were."""
    wanted = Mapper(RuleSet(roles=rules)).desire(AMELIA, groups)
    after, _ = merge_grants(grants, (), wanted, rules)
    theirs = {
        grant
        for grant in grants
        if grant.by.startswith("scim:")
        or (grant.by == "person" and grant.role not in rules.managed & student_roles(rules))
    }
    assert theirs <= set(after)
