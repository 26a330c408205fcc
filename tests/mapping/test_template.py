from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.errors import ConfigError
from connector.domain.ruleset import RuleSet, UsernameRules
from connector.domain.student import Student
from connector.mapping.desired import Proposal, Refusal
from connector.mapping.fields import FIELDS
from connector.mapping.mapper import Mapper
from connector.mapping.template import SIGN_FILTERS, WORD_FILTERS, TemplateError, parse_affix, parse_template

AMELIA = Student(
    "S0123",
    legal_given="Amelia Jane",
    legal_family="van der Berg-Smith",
    middle="Rose",
    preferred_given="Millie",
    preferred_family="Jones",
    year_level="7",
    cohort=2031,
    campuses=("SE", "NW"),
    homegroup="7.B",
    house="Red Gum",
    email="amelia.smith@x.edu.au",
    network_login="asmith3",
    entry_date=date(2026, 1, 27),
    flags=frozenset({"Boarder", "A"}),
    classes=frozenset({"7MAT"}),
)


def made(template: str, student: Student = AMELIA, *, given: str = "legal", case: str = "") -> str:
    """The username a template makes, or the refusal's reason in brackets."""
    rules = UsernameRules(method="template", template=template, given=given, case=case, max_length=60, min_length=1)
    answer = Mapper(RuleSet(usernames=rules)).desire(student).name
    return f"({answer.reason})" if isinstance(answer, Refusal) else answer.base


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sis_code", "s0123"),
        ("given_names", "amelia"),
        ("family_name", "vanderbergsmith"),
        ("middle_name", "rose"),
        ("preferred_name", "millie"),
        ("preferred_family_name", "jones"),
        ("year_level", "7"),
        ("campus", "se"),
        ("status", "active"),
        ("email", "amelia.smithx.edu.au"),
        ("network_login", "asmith3"),
        ("homegroup", "7.b"),
        ("house", "redgum"),
        ("entry_date", "2026-01-27"),
        ("exit_date", "(empty-username)"),
        ("flags", "aboarder"),
        ("classes", "7mat"),
        ("legal_given", "amelia"),
        ("legal_family", "vanderbergsmith"),
        ("cohort", "2031"),
        ("cohort2", "31"),
        ("email_local", "amelia.smith"),
        ("given", "amelia"),
        ("preferred", "millie"),
        ("middle", "rose"),
        ("surname", "vanderbergsmith"),
        ("legal_surname", "vanderbergsmith"),
        ("code", "s0123"),
        ("year", "7"),
        ("login", "asmith3"),
    ],
)
def test_every_field(field: str, value: str) -> None:
    """Each field gives its value in the letters a username may hold."""
    assert value == made(f"{{{field}}}")


def test_no_field_is_left_untested() -> None:
    """The table above knows every field there is."""
    table = next(mark for mark in test_every_field.pytestmark if mark.name == "parametrize")
    assert sorted(FIELDS) == sorted(row[0] for row in table.args[1])


def test_preferred_names() -> None:
    """`given` and `surname` follow the choice of names, the legal ones stay legal."""
    template = "{given}.{surname}.{legal_given}.{legal_surname}"
    assert made(template, given="preferred") == "millie.jones.amelia.vanderbergsmith"


def test_an_empty_preferred_name_is_the_legal_one() -> None:
    """A student without a preferred name goes by the legal one."""
    assert made("{preferred}.{preferred_family_name}", Student("S1", "Amelia", "Smith")) == "amelia.smith"


@pytest.mark.parametrize(
    ("template", "username"),
    [
        ("{given[0]}.{surname[:14]|alnum}", "a.vanderbergsmit"),
        ("{code[-2:]}", "23"),
        ("{code[1:3]}", "01"),
        ("{code[1:]}", "0123"),
        ("{code[:]}", "s0123"),
        ("{code[-1]}", "3"),
        ("{code[99]}x{year}", "x7"),
        ("{ given [0] | upper }", "A"),
        ("{given|upper}", "AMELIA"),
        ("{given|title}", "Amelia"),
        ("{given|upper|lower}", "amelia"),
        ("{code|digits}", "0123"),
        ("{code|alpha}", "s"),
        ("{homegroup|alnum}", "7b"),
        ("{legal_given|first_word}", "amelia"),
        ("{legal_given|last_word}", "jane"),
        ("{legal_given|last_word|title}", "Jane"),
        ("{legal_given|initials}", "aj"),
        ("{surname|no_particles}", "bergsmith"),
        ("{surname[0]|no_particles}", "b"),
        ("{surname|last_word}", "bergsmith"),
        ("{surname|initials}", "vdb"),
        ("{house|last_word}", "gum"),
        ("{year|pad(2)}", "07"),
        ("{year|pad(2)}{exit_date|pad(5)}", "07"),
        ("{code|digits|pad(6)}", "000123"),
        ("STU-{code|digits}", "STU-0123"),
        ("{given[0]}..{surname[0]}", "a.v"),
        (".{given}.", "amelia"),
        ("{exit_date}.{given}", "amelia"),
        ("{exit_date}x", "(empty-username)"),
        ("{exit_date}x || {given}", "amelia"),
        ("{exit_date}||{flags[:1]}", "a"),
    ],
)
def test_slices_filters_and_alternatives(template: str, username: str) -> None:
    """Word filters choose words, then comes the slice, then the filters of single signs in their order."""
    assert username == made(template)


@pytest.mark.parametrize(
    ("case", "username"),
    [
        ("", "Xamelia.S0123"),
        ("lower", "xamelia.s0123"),
        ("upper", "XAMELIA.S0123"),
        ("title", "XAmelia.S0123"),
        ("keep", "XAmelia.S0123"),
    ],
)
def test_case(case: str, username: str) -> None:
    """Left alone, fields are lower case and the template's own text and filters stay; a case rules over all."""
    assert username == made("X{given}.{code|upper}", case=case)


@pytest.mark.parametrize(
    ("template", "column", "message"),
    [
        ("{surnam}", 2, 'there is no field "surnam": did you mean "surname"?'),
        ("{given}.{ famly_name}", 11, 'there is no field "famly_name": did you mean "family_name"?'),
        ("{given|uper}", 8, 'there is no filter "uper": did you mean "upper"?'),
        ("{given|}", 8, 'there is no filter ""; known are '),
        ("{given||lower}", 8, 'there is no filter ""; known are '),
        ("{given|pad}", 8, 'there is no filter "pad": did you mean "pad(n)"?'),
        ("{given|pad(0)}", 8, "pad takes a number from 1 to 20"),
        ("{given|pad(999)}", 8, "pad takes a number from 1 to 20"),
        ("{given|pad(1000000000)}", 8, 'there is no filter "pad(1000000000)"'),
        ("{given[a]}", 7, "a slice is written [0], [:3] or [-4:]"),
        ("{given[]}", 7, "a slice is written [0], [:3] or [-4:]"),
        ("{given[0]", 1, "this { is never closed by a }"),
        ("{given[0}", 7, "a slice is written [0], [:3] or [-4:]"),
        ("{given[1000000]}", 7, "a slice is written [0], [:3] or [-4:]"),
        ("{given[0][0]}", 10, '"[", "|" or "}" is expected here'),
        ("{given", 1, "this { is never closed by a }"),
        ("{given {surname}", 1, "this { is never closed by a }"),
        ("given}", 6, "a } without its {"),
        ("{{given}}", 1, "this { is never closed by a }"),
        ("{}", 2, "a field name is expected here, such as {surname}"),
        ("{0}", 2, "a field name is expected here, such as {surname}"),
        ("admin", 1, "an alternative needs at least one {field}"),
        ("{code} || x", 11, "an alternative needs at least one {field}"),
        ("{n}", 1, "an alternative needs at least one {field}"),
        ("", 1, "there is nothing here: write text or a {field}"),
        ("{code} || ", 11, "there is nothing here: write text or a {field}"),
        ("|| {code}", 1, "there is nothing here: write text or a {field}"),
        ("{code}{n}{n}", 10, "there is a counter too many: one in a template"),
        ("{code}{n} || {given}{n2}", 21, "there is a counter too many: one in a template"),
        ("{code}@x", 7, 'a username must not hold "@"'),
        ("{given} {surname}", 8, 'a username must not hold " "'),
        ("é{given}", 1, 'a username must not hold "é"'),
        ("{given}\x07", 8, 'a username must not hold "U+0007"'),
        ("{given.__class__}", 7, '"[", "|" or "}" is expected here'),
        ("{given.__init__.__globals__}", 7, '"[", "|" or "}" is expected here'),
        ("{given!r}", 7, '"[", "|" or "}" is expected here'),
        ("{given:>1000000000}", 7, '"[", "|" or "}" is expected here'),
        ("{given()}", 7, '"[", "|" or "}" is expected here'),
        ("{'a'*10**9}", 2, "a field name is expected here, such as {surname}"),
        ("{% for x in y %}{code}", 2, "a field name is expected here, such as {surname}"),
        ("{__class__}", 2, 'there is no field "__class__"'),
        ("{code}" * 84, 501, "a template has at most 500 signs"),
    ],
)
def test_faults_name_their_column(template: str, column: int, message: str) -> None:
    """A template that cannot be read says where, and what was meant; nothing in it is ever run."""
    with pytest.raises(TemplateError) as error:
        parse_template(template)
    assert column == error.value.column
    assert error.value.message.startswith(message)
    assert str(error.value) == f"column {column}: {error.value.message}"


def test_a_fault_is_a_fault_of_the_configuration() -> None:
    """Whoever reads mapping files need not know of templates to report the fault."""
    assert issubclass(TemplateError, ConfigError)


@pytest.mark.parametrize(
    ("affix", "message"),
    [
        ("{code}||x", "column 9: a prefix or suffix has no alternatives: remove ||"),
        ("x{n}", "column 2: there is a counter too many: one in a template, none in a prefix or suffix"),
        ("a b", 'column 2: a username must not hold " "'),
        (" st", "column 1: a username must not hold a blank: remove it"),
        ("st. ", "column 4: a username must not hold a blank: remove it"),
        ("{cohort3}", 'column 2: there is no field "cohort3": did you mean "cohort"?'),
    ],
)
def test_faults_of_an_affix(affix: str, message: str) -> None:
    """A prefix or suffix is text and fields, nothing else."""
    with pytest.raises(TemplateError) as error:
        parse_affix(affix)
    assert message == str(error.value)


@pytest.mark.parametrize("affix", ["", "st.", "{cohort2}", "s{year|pad(2)}-"])
def test_affixes(affix: str) -> None:
    """A prefix or suffix may be empty, plain, or hold fields."""
    assert affix == parse_affix(affix).text


def test_fields_of_a_template() -> None:
    """A template can say which fields it reads."""
    assert parse_template("{given[0]}.{surname} || {code}{n}").fields == {"given", "surname", "code"}


SLOTS = st.builds(
    "{{{}{}{}}}".format,
    st.sampled_from(sorted(FIELDS)),
    st.sampled_from(["", "[0]", "[:3]", "[-4:]", "[2:5]"]),
    st.lists(st.sampled_from([*WORD_FILTERS, *SIGN_FILTERS, "pad(4)"]), max_size=3).map(
        lambda names: "".join(f"|{name}" for name in names)
    ),
)
ROWS = st.lists(SLOTS | st.sampled_from(["", ".", "-", "x", "_"]), min_size=1, max_size=5).map("".join)


@given(st.lists(ROWS, min_size=1, max_size=3).map(" || ".join), st.text(max_size=40), st.text(max_size=200))
def test_every_template_that_can_be_read_is_safe(template: str, given_names: str, family_name: str) -> None:
    """Whatever a template makes of whatever name is short, plain ASCII and accepted as its own."""
    try:
        rules = UsernameRules(method="template", template=template)
        mapper = Mapper(RuleSet(usernames=rules))
    except TemplateError:
        return
    proposal = mapper.desire(AMELIA._replace(legal_given=given_names, legal_family=family_name)).name
    if isinstance(proposal, Proposal):
        for username in proposal.candidates():
            assert username.isascii()
            assert 2 <= len(username) <= 20
            assert all(char.isalnum() or char in "._-" for char in username)
            assert proposal.could_give(username)


@given(st.text(st.sampled_from("{}[]|:()n2given surname.pad0123456789-_\\\"'é|") | st.characters(), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the reader of templates fail in another way than by naming a column in it."""
    try:
        parse_template(text)
    except TemplateError as error:
        column = error.column
    else:
        column = 1
    assert 1 <= column <= len(text) + 1
