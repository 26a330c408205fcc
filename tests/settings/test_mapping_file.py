from pathlib import Path

import pytest

from connector.domain.errors import ConfigError
from connector.domain.ruleset import (
    AllOf,
    AnyOf,
    Normalisation,
    NotOf,
    PasswordRules,
    RoleRule,
    RuleSet,
    Scope,
    SecretRef,
    UsernameRules,
    When,
)
from connector.domain.ruleset import Test as Question
from connector.mapping.mapper import run_example
from connector.mapping.naming import METHODS
from connector.settings.mapping_file import load_rules

ROOT = Path(__file__).parents[2]


def rules(folder: Path, text: str, **more: object) -> RuleSet:
    """The rules of a mapping file with that text."""
    path = folder / "students.toml"
    path.write_text(text, encoding="utf-8")
    return load_rules(path, **more)  # type: ignore[arg-type] # the options are few and named


def refusal(folder: Path, text: str, **more: object) -> str:
    """The message with which it is refused."""
    with pytest.raises(ConfigError) as caught:
        rules(folder, text, **more)
    return str(caught.value).replace(f"{folder}/", "")


def condition(folder: Path, when: str, state: str = "") -> When:
    """The condition that a `when` table says."""
    rule = f'[[roles.rule]]\nname = "rule"\nwhen = {when}\ngrant = ["Student Portal"]\n'
    return rules(folder, rule, state=state).roles.rules[0].when


def test_every_option_reaches_the_rules(tmp_path: Path) -> None:
    """What the file says of usernames, scope, passwords and accounts is what the rules hold."""
    found = rules(
        tmp_path,
        """
[scope]
year_levels = ["7-9", "P", 12, "UG"]
overwrite = true
renames = "apply"
missing = "archive"
missing_reads = 3
[usernames]
method = "template"
template = "{given[0]}{surname}"
given = "preferred"
prefix = "{cohort2}"
suffix = ".s"
case = "title"
max_length = 18
min_length = 3
collision = ["counter"]
max_counter = 50
transliteration = { "ä" = "ae", "ş" = "sh" }
non_latin = "code"
hyphen = "keep"
particles = "drop"
multi_given = "join"
specials = ".-"
reserved = ["kiosk"]
blocked = ["badword"]
blocked_match = "substring"
reuse_after_days = -1
[passwords]
method = "default"
default = { file = "password.txt" }
[accounts]
names = "legal"
""",
    )
    years = frozenset({"7", "8", "9", "P", "12", "UG"})
    assert found.scope == Scope(years, overwrite=True, renames="apply", missing="archive", missing_reads=3)
    assert found.passwords == PasswordRules("default", SecretRef(file="password.txt"))
    assert found.account_names == "legal"
    assert found.usernames == UsernameRules(
        method="template",
        template="{given[0]}{surname}",
        given="preferred",
        prefix="{cohort2}",
        suffix=".s",
        case="title",
        max_length=18,
        min_length=3,
        collision=("counter",),
        max_counter=50,
        reserved=frozenset({"kiosk"}),
        blocked=frozenset({"badword"}),
        blocked_match="substring",
        reuse_after_days=-1,
        normalisation=Normalisation("", (("ä", "ae"), ("ş", "sh")), "code", "keep", "drop", "join", ".-"),
    )


def test_every_method_can_be_written(tmp_path: Path) -> None:
    """Each username method that mapping knows may stand in a file, and so may TrackOne's word ASmith."""
    needs = {"template": 'template = "{surname}"', "column": 'column = "Login"'}
    for method in METHODS:
        text = f'[usernames]\nmethod = "{method}"\n{needs.get(method, "")}\n'
        assert rules(tmp_path, text).usernames.method == method
    assert rules(tmp_path, '[usernames]\nmethod = "ASmith"\n').usernames.method == "initial_surname"


def test_skip_means_no_collision_steps(tmp_path: Path) -> None:
    """`collision = "skip"` tries nothing when a name is taken."""
    assert rules(tmp_path, '[usernames]\ncollision = "skip"\n').usernames.collision == ()


def test_username_rule_inherits_what_it_does_not_say(tmp_path: Path) -> None:
    """A rule changes its own options; a template goes with its method, the rest stays."""
    found = rules(
        tmp_path,
        """
[usernames]
method = "template"
template = "{surname}"
prefix = "a"
hyphen = "keep"
reserved = ["kiosk"]
[[usernames.rule]]
when = { year = "P-2" }
method = "student_code"
hyphen = "first"
""",
    ).usernames
    ((when, other),) = found.overrides
    assert when == Question("year", ("P", "1", "2"))
    assert (other.method, other.template, other.prefix) == ("student_code", "", "a")
    assert other.normalisation == Normalisation(hyphen="first")
    assert other.reserved == {"kiosk"}
    assert found.normalisation == Normalisation(hyphen="keep")


def test_role_rules_are_read_in_order(tmp_path: Path) -> None:
    """Roles keep their rules in the file's order, and the roles a student may get hold the two any student may."""
    found = rules(
        tmp_path,
        """
[roles]
mode = "additive"
student_roles = ["Boarder"]
managed = ["Student Portal", "Boarder"]
protected = ["Parent"]
default = []
[[roles.rule]]
name = "boarders"
when = { flag = "Boarder" }
grant = ["Boarder"]
stop = true
[[roles.rule]]
name = "blocked"
when = { flag = ["Blocked", "Away"] }
deny = ["Student Portal"]
""",
    ).roles
    assert (found.mode, found.default) == ("additive", ())
    assert found.student_roles == {"Student Security", "Student Portal", "Boarder"}
    assert found.managed == {"Student Portal", "Boarder"}
    assert found.protected == {"Parent"}
    assert found.rules == (
        RoleRule("boarders", Question("flag", ("Boarder",)), ("Boarder",), (), stop=True),
        RoleRule("blocked", Question("flag", ("Blocked", "Away")), (), ("Student Portal",)),
    )


def test_protected_role_leaves_the_defaults(tmp_path: Path) -> None:
    """A site may protect the portal from the connector: then it is neither managed nor allowed."""
    found = rules(tmp_path, '[roles]\nprotected = ["Student Portal"]\n').roles
    assert found.managed == {"Student Security"}
    assert found.student_roles == {"Student Security"}


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("{}", AllOf()),
        ('{ campus = "SE" }', Question("campus", ("SE",))),
        ('{ house = ["Red", "Blue"] }', Question("house", ("Red", "Blue"))),
        ("{ year = 7 }", Question("year", ("7",))),
        ('{ year = "07" }', Question("year", ("7",))),
        ('{ year = ["10-12", "UG"] }', Question("year", ("10", "11", "12", "UG"))),
        ('{ year = "Prep" }', Question("year", ("P",))),
        ('{ class = "7MAT*" }', Question("class", ("7MAT*",), "glob")),
        ('{ homegroup = { glob = "7*" } }', Question("homegroup", ("7*",), "glob")),
        ('{ homegroup = { regex = ["7[AB]", "8C"] } }', Question("homegroup", ("7[AB]", "8C"), "regex")),
        ('{ ldap_group = "CN=A,DC=b" }', Question("ldap_group", ("CN=A,DC=b",))),
        ('{ ldap_group = ["CN=A", "CN=B"], nested = true }', Question("ldap_group", ("CN=A", "CN=B"), "nested")),
        ('{ scim_group = "Prefects" }', Question("scim_group", ("Prefects",))),
        ('{ field.Boarding = "Y" }', Question("field.Boarding", ("Y",))),
        ('{ "field.Home Group" = { glob = "7*" } }', Question("field.Home Group", ("7*",), "glob")),
        ('{ year = "7", campus = "SE" }', AllOf((Question("year", ("7",)), Question("campus", ("SE",))))),
        ('{ not = { campus = "SE" } }', NotOf(Question("campus", ("SE",)))),
        (
            '{ any = [{ year = "7" }, { campus = "SE" }] }',
            AnyOf((Question("year", ("7",)), Question("campus", ("SE",)))),
        ),
        ('{ any = { year = "7", campus = "SE" } }', AnyOf((Question("year", ("7",)), Question("campus", ("SE",))))),
        (
            '{ all = [{ year = "7" }, { campus = "SE" }] }',
            AllOf((Question("year", ("7",)), Question("campus", ("SE",)))),
        ),
        (
            '{ any = [{ year = "7", campus = "SE" }, { flag = "X" }] }',
            AnyOf((AllOf((Question("year", ("7",)), Question("campus", ("SE",)))), Question("flag", ("X",)))),
        ),
    ],
)
def test_condition_is_read(tmp_path: Path, when: str, expected: When) -> None:
    """A `when` table becomes the condition it says: keys by AND, lists by OR, any, all and not in turn."""
    assert condition(tmp_path, when) == expected


def test_condition_on_a_bare_k_follows_the_state(tmp_path: Path) -> None:
    """K means another year in New South Wales than elsewhere, in conditions too."""
    assert condition(tmp_path, '{ year = "K-1" }', "NSW") == Question("year", ("P", "1"))
    assert condition(tmp_path, '{ year = "K-1" }', "VIC") == Question("year", ("K", "P", "1"))


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ('"7"', 'when: expected a table of conditions such as { year = "7-12" }, not "7"'),
        ("{ year = true }", 'when.year: expected a year level or range in quotes such as "7" or "P-6", not true'),
        ("{ year = [] }", 'when.year: expected at least one year level, e.g. ["7-12"]'),
        ("{ any = [] }", "when.any: expected at least one condition"),
        ("{ not = {} }", "when.not: expected at least one condition"),
        ('{ field = "Y" }', 'when.field: name the column: field.NAME = "value"'),
        ('{ "field." = "Y" }', "when.field.: unknown condition"),
        ('{ ldap_group = "CN=A", nested = "yes" }', 'when.nested: expected true or false, not "yes"'),
        (f'{{ house = {{ regex = "{"a" * 201}" }} }}', "when.house: the regex is 201 characters long; at most 200"),
    ],
)
def test_condition_that_says_nothing_is_refused(tmp_path: Path, when: str, message: str) -> None:
    """A condition that cannot be meant is refused at the key that is wrong."""
    text = f'[[roles.rule]]\nname = "rule"\nwhen = {when}\ngrant = ["Student Portal"]\n'
    assert refusal(tmp_path, text).startswith(f"students.toml:3: [[roles.rule]] 1 {message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[roles]\nprotected = ["Parent"]\ndefault = ["Parent"]\n',
            '3: [roles] default: "Parent" is in [roles] protected',
        ),
        ('[roles]\nmanaged = ["Boarder"]\n', '2: [roles] managed: students may not get "Boarder"; if yours may'),
        (
            '[[roles.rule]]\nname = "default"\nwhen = {}\ngrant = ["Student Portal"]\n',
            '2: [[roles.rule]] 1 name: "default" stands for [roles] default; choose another',
        ),
        (
            '[[roles.rule]]\nname = "a"\nwhen = {}\ndeny = ["Parent"]\n',
            '4: [[roles.rule]] 1 deny: students may not get "Parent"',
        ),
        (
            '[[usernames.rule]]\nwhen = {}\nmethod = "student_code"\ntemplate = "{code}"\n',
            '4: [[usernames.rule]] 1 template: counts only with method = "template"',
        ),
        (
            "[[usernames.rule]]\nwhen = {}\nmin_length = 30\n",
            "1: [[usernames.rule]] 1 max_length: 20 leaves no room",
        ),
    ],
)
def test_contradiction_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """Keys that cannot both be meant are refused at the one to change."""
    assert refusal(tmp_path, text).startswith(f"students.toml:{message}")


def test_known_roles_bind(tmp_path: Path) -> None:
    """With the site's roles known, a role among them may be given and no other."""
    text = '[roles]\nstudent_roles = ["Prefect"]\n'
    known = ("Student Security", "Student Portal", "Prefect")
    assert "Prefect" in rules(tmp_path, text, known_roles=known).roles.student_roles
    message = refusal(tmp_path, text, known_roles=known[:2])
    expected = '"Prefect" is not in [store] roles; known are "Student Security", "Student Portal"'
    assert message == f"students.toml:2: [roles] student_roles: {expected}"


def test_examples_know_their_place(tmp_path: Path) -> None:
    """Each example carries what it says and where it stands."""
    text = '[[example]]\ngiven = { sis_code = "S1" }\nexpect = { username = "S1" }\n'
    (example,) = rules(tmp_path, text).examples
    assert (example.given, example.expect) == ({"sis_code": "S1"}, {"username": "S1"})
    assert example.place.endswith("students.toml: example 1")


SAME = (
    '# comment\n[usernames]\nprefix="a" #\nmethod = "given_surname"\n[scope]\nyear_levels = ["9", "8", "7"]\n',
    '[scope]\nyear_levels = ["7-9"]\n[usernames]\nmethod = "given_surname"\nprefix = "a"\nmax_length = 20\n',
    """
[scope]
year_levels = ["7-9"]
[usernames]
method = "given_surname"
prefix = "a"
[[example]]
given = { sis_code = "S1" }
expect = { username = "x" }
""",
)


@pytest.mark.parametrize("other", SAME)
def test_fingerprint_sees_no_layout(tmp_path: Path, other: str) -> None:
    """Comments, order, defaults spelt out and examples do not change the fingerprint."""
    text = '[scope]\nyear_levels = ["7-9"]\n[usernames]\nmethod = "given_surname"\nprefix = "a"\n'
    assert rules(tmp_path, text).fingerprint == rules(tmp_path, other).fingerprint


@pytest.mark.parametrize(
    "change",
    [
        '[usernames]\nprefix = "a"\n',
        '[scope]\nyear_levels = ["7"]\n',
        "[scope]\noverwrite = true\n",
        '[passwords]\nmethod = "none"\n',
        '[accounts]\nnames = "legal"\n',
        "[roles]\ndefault = []\n",
        '[[roles.rule]]\nname = "a"\nwhen = { all = { year = "7", campus = "S" } }\ngrant = ["Student Portal"]\n',
        '[[roles.rule]]\nname = "a"\nwhen = { any = { year = "7", campus = "S" } }\ngrant = ["Student Portal"]\n',
        '[[usernames.rule]]\nwhen = { year = "7" }\nmethod = "email"\n',
    ],
)
def test_fingerprint_sees_every_rule(tmp_path: Path, change: str) -> None:
    """A rule that decides otherwise changes the fingerprint."""
    before = '[[roles.rule]]\nname = "a"\nwhen = { campus = "S" }\ngrant = ["Student Portal"]\n'
    assert rules(tmp_path, change).fingerprint != rules(tmp_path, before).fingerprint
    assert rules(tmp_path, change).fingerprint != rules(tmp_path, "").fingerprint


def test_and_is_not_or_for_the_fingerprint(tmp_path: Path) -> None:
    """Conditions of the same parts joined differently are different rules."""
    text = (
        '[[roles.rule]]\nname = "a"\nwhen = {{ {} = {{ year = "7", campus = "S" }} }}\ngrant = ["Student Portal"]\n'
    )
    assert rules(tmp_path, text.format("all")).fingerprint != rules(tmp_path, text.format("any")).fingerprint


def test_shipped_mappings_show_what_they_do() -> None:
    """Every mapping file that comes with the product is valid and has examples, and they all hold."""
    files = sorted((ROOT / "mappings").glob("*.toml"))
    assert len(files) >= 5
    for file in files:
        found = load_rules(file)
        assert found.examples, file.name
        assert [run_example(example, found) for example in found.examples] == [[]] * len(found.examples), file.name
