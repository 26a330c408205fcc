import pytest

from connector.domain import ruleset
from connector.domain.account import Grant
from connector.domain.ruleset import AllOf, Normalisation, RoleRule, RoleRules, RuleSet, UsernameRules
from connector.domain.student import Student
from connector.mapping.desired import DesiredAccount, Proposal, Refusal, Step
from connector.mapping.mapper import Mapper

AMELIA = Student(
    "S0123",
    legal_given="Amelia Jane",
    legal_family="O'Brien",
    middle="Rose",
    preferred_given="Millie",
    preferred_family="Jones",
    year_level="7",
    cohort=2031,
    campuses=("SE", "NW"),
    email="amelia@x.edu.au",
)
GROUP = ruleset.Test("ldap_group", ("CN=Prefects,DC=x",))
JUNIOR = ruleset.Test("year", ("7",))


def name_of(desired: DesiredAccount) -> str:
    """The username, or the refusal's reason in brackets."""
    return desired.name.base if isinstance(desired.name, Proposal) else f"({desired.name.reason})"


@pytest.mark.parametrize(
    ("names", "student", "shown"),
    [
        ("preferred", AMELIA, ("Millie", "Jones")),
        ("legal", AMELIA, ("Amelia Jane", "O'Brien")),
        ("preferred", AMELIA._replace(preferred_given="", preferred_family=""), ("Amelia Jane", "O'Brien")),
    ],
)
def test_what_the_account_shows(names: str, student: Student, shown: tuple[str, str]) -> None:
    """The account shows the preferred names where there are any, or the legal ones, as they are written."""
    desired = Mapper(RuleSet(account_names=names)).desire(student)
    assert shown == (desired.given_names, desired.family_name)


def test_the_rest_of_the_account() -> None:
    """E-mail, year level and the primary campus come from the student; the default role from the rules."""
    desired = Mapper(RuleSet()).desire(AMELIA)
    assert desired[2:8] == (
        "amelia@x.edu.au",
        "7",
        "SE",
        (Grant("Student Security", "rule:default"),),
        (),
        frozenset(),
    )
    assert Mapper(RuleSet()).desire(AMELIA._replace(campuses=())).campus == ""


@pytest.mark.parametrize(
    ("student", "groups", "username"),
    [
        (AMELIA, frozenset(), "31S0123"),
        (AMELIA._replace(year_level="8"), frozenset(), "aobrien"),
        (AMELIA._replace(year_level="8"), frozenset({"cn=prefects,dc=x"}), "amelia.obrien"),
        (AMELIA, None, "31S0123"),
        (AMELIA._replace(year_level="8"), None, "(held-by-directory-policy)"),
    ],
)
def test_overrides(student: Student, groups: frozenset[str] | None, username: str) -> None:
    """The first username rule whose condition holds counts; one that cannot be decided holds the name back."""
    by_code = UsernameRules(method="student_code", prefix="{cohort2}")
    rules = UsernameRules(
        method="initial_surname",
        overrides=((JUNIOR, by_code), (GROUP, UsernameRules(method="given_dot_surname"))),
    )
    assert username == name_of(Mapper(RuleSet(usernames=rules)).desire(student, groups))


def test_overrides_have_their_own_words() -> None:
    """The words an override reserves are reserved for its students only."""
    override = UsernameRules(method="initial_surname", reserved=frozenset({"aobrien"}))
    mapper = Mapper(RuleSet(usernames=UsernameRules(method="initial_surname", overrides=((JUNIOR, override),))))
    assert [name_of(mapper.desire(AMELIA._replace(year_level=year))) for year in ("7", "8")] == [
        "arobrien",
        "aobrien",
    ]


def test_unknown_groups_leave_roles_open() -> None:
    """Roles that hang on a directory that could not be read are neither given nor taken."""
    rules = RoleRules(rules=(RoleRule("portal", GROUP, ("Student Portal",)),), default=())
    mapper = Mapper(RuleSet(roles=rules))
    answers = [mapper.desire(AMELIA, groups) for groups in (None, frozenset(), frozenset({"CN=prefects,DC=X"}))]
    assert [(answer.grants, answer.unknown_roles) for answer in answers] == [
        ((), frozenset({"Student Portal"})),
        ((), frozenset()),
        ((Grant("Student Portal", "rule:portal"),), frozenset()),
    ]


def test_explaining_a_made_name() -> None:
    """The explanation goes from the names in the SIS to the username, with every step that changed something."""
    rules = UsernameRules(method="initial_surname", reserved=frozenset({"aobrien"}), max_counter=3)
    assert Mapper(RuleSet(usernames=rules)).explain(AMELIA) == [
        Step("given name", "Amelia Jane", "as the SIS has it"),
        Step("given name", "amelia jane", "lower case"),
        Step("given name", "amelia", "first of several given names"),
        Step("family name", "O'Brien", "as the SIS has it"),
        Step("family name", "o'brien", "lower case"),
        Step("family name", "obrien", "apostrophes, dots and other signs removed"),
        Step("middle initial", "r", "of the middle name"),
        Step("spelling", "aobrien", "is a reserved word"),
        Step("spelling", "arobrien", "a+r+obrien"),
        Step("username", "arobrien", "the first choice"),
        Step("alternatives", "aobrien2, aobrien3", "when the first choice is taken"),
        Step("role granted", "Student Security", "rule:default"),
    ]


@pytest.mark.parametrize(
    ("rules", "student", "steps"),
    [
        (
            UsernameRules(method="student_code", prefix="{cohort2}"),
            AMELIA,
            [
                Step("student code", "S0123", "taken as it is"),
                Step("prefix", "31"),
                Step("username", "31S0123", "taken as it is"),
            ],
        ),
        (
            UsernameRules(method="student_code", prefix="{house}"),
            AMELIA,
            [
                Step("student code", "S0123", "taken as it is"),
                Step("prefix", "", "the prefix or suffix needs house, which the SIS leaves empty"),
                Step("username", "", "empty-username: the prefix or suffix needs house, which the SIS leaves empty"),
            ],
        ),
        (
            UsernameRules(method="email_local", collision=(), suffix="x"),
            AMELIA,
            [
                Step("e-mail", "amelia@x.edu.au", "as the SIS has it"),
                Step("local part", "amelia", "up to the @, in the letters a login may hold"),
                Step("suffix", "x"),
                Step("spelling", "ameliax", "amelia"),
                Step("username", "ameliax", "the first choice"),
            ],
        ),
        (
            UsernameRules(method="template", template="{surname}.{given[0]}||{code}", collision=()),
            AMELIA._replace(legal_family="李"),
            [
                Step(
                    "surname",
                    "",
                    "the surname holds Chinese, Japanese or Korean letters, which cannot be turned into Latin safely",
                ),
                Step("given", "a", '"Amelia Jane" in the SIS'),
                Step("code", "s0123", '"S0123" in the SIS'),
                Step("spelling", "s0123", "s0123"),
                Step("username", "s0123", "the first choice"),
            ],
        ),
        (
            UsernameRules(method="initial_surname", normalisation=Normalisation(non_latin="code")),
            Student("S1", "Bo", "李"),
            [
                Step("given name", "Bo", "as the SIS has it"),
                Step("given name", "bo", "lower case"),
                Step("family name", "李", "as the SIS has it"),
                Step("family name", "li", "written in ASCII"),
                Step("middle initial", "", "of the middle name"),
                Step("username", "S1", "taken as it is"),
            ],
        ),
        (
            UsernameRules(method="initial_surname", blocked=frozenset({"aobrien"}), collision=()),
            AMELIA._replace(legal_given="A", legal_family="Obrien", middle=""),
            [
                Step("given name", "A", "as the SIS has it"),
                Step("given name", "a", "lower case"),
                Step("family name", "Obrien", "as the SIS has it"),
                Step("family name", "obrien", "lower case"),
                Step("middle initial", "", "of the middle name"),
                Step("spelling", "", "is or holds a blocked word"),
                Step("username", "", "username-reserved: every spelling of the name is or holds a blocked word"),
            ],
        ),
    ],
)
def test_explaining_other_names(rules: UsernameRules, student: Student, steps: list[Step]) -> None:
    """Every method explains what it read, affixes and refusals included; a blocked word is not repeated."""
    assert [*steps, Step("role granted", "Student Security", "rule:default")] == Mapper(
        RuleSet(usernames=rules)
    ).explain(student)


def test_an_explanation_stays_short() -> None:
    """Of very many spellings that cannot be given only the first few are shown."""
    rules = UsernameRules(method="initial_surname", blocked=frozenset({"obrien"}), blocked_match="substring")
    steps = Mapper(RuleSet(usernames=rules)).explain(AMELIA)
    assert len([step for step in steps if step.what == "spelling"]) == 10


def test_explaining_roles() -> None:
    """The explanation shows each rule with its answer and condition, and every role with who gave it."""
    roles = RoleRules(
        student_roles=frozenset({"Senior", "Prefect"}),
        rules=(
            RoleRule("seniors", ruleset.Test("year", ("11", "12")), ("Senior",)),
            RoleRule("juniors", JUNIOR, ("Student Portal", "Administrator Security"), ("Senior",)),
            RoleRule("prefects", GROUP, ("Prefect",)),
            RoleRule("last", AllOf(), stop=True),
            RoleRule("never seen", AllOf(), ("Senior",)),
        ),
    )
    steps = Mapper(RuleSet(usernames=UsernameRules(method="student_code"), roles=roles)).explain(AMELIA, None)
    assert steps[2:] == [
        Step("role rule seniors", "does not hold", "year is 11 or 12"),
        Step("role rule juniors", "holds", "year is 7"),
        Step("role rule juniors", "Administrator Security", "left alone: not a role for students"),
        Step("role rule prefects", "cannot be decided today", "ldap_group is CN=Prefects,DC=x"),
        Step("role rule last", "holds", "always"),
        Step("role rule last", "stop", "the rules below do not count"),
        Step("role granted", "Student Portal", "rule:juniors"),
        Step("role denied", "Senior", "rule:juniors"),
        Step("role left as it is", "Prefect", "the directory's groups could not be read whole"),
    ]


def test_explaining_overrides() -> None:
    """The explanation begins with the username rule that counts, or could not be decided."""
    rules = UsernameRules(overrides=((JUNIOR, UsernameRules(method="email_local")), (GROUP, UsernameRules())))
    mapper = Mapper(RuleSet(usernames=rules))
    first = [mapper.explain(AMELIA._replace(year_level=year), None)[0] for year in ("7", "8")]
    assert first == [
        Step("username rule", "email_local", "year is 7"),
        Step("username rule", "student_code", "ldap_group is CN=Prefects,DC=x"),
    ]
    undecided = mapper.explain(AMELIA._replace(year_level="8"), None)[1]
    assert undecided.why.startswith("held-by-directory-policy: a username rule asks for a directory group")


def test_a_refusal_is_part_of_the_answer() -> None:
    """A student without a username still has a wanted account: the existing one is kept up to date."""
    desired = Mapper(RuleSet(usernames=UsernameRules(method="email"))).desire(AMELIA._replace(email=""))
    assert isinstance(desired.name, Refusal)
    assert desired.given_names == "Millie"
