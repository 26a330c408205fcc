from typing import Any

import pytest

from connector.domain.errors import ConfigError
from connector.domain.ruleset import Normalisation, RuleSet, UsernameRules
from connector.domain.student import Student
from connector.mapping.desired import Proposal, Refusal
from connector.mapping.mapper import Mapper
from connector.mapping.naming import METHODS

AMELIA = Student(
    "S0123",
    legal_given="Amelia",
    legal_family="Smith",
    middle="Rose",
    preferred_given="Millie",
    year_level="7",
    cohort=2031,
    email="amelia.smith@x.edu.au",
    network_login="asmith3",
    columns={"NetworkID": "A.Smith-07"},
)
LONG = AMELIA._replace(legal_given="Bartholomew", legal_family="Featherstone-Haugh", preferred_given="")


def propose(student: Student, **options: Any) -> Proposal | Refusal:
    """What rules with these options say of a student's username."""
    return Mapper(RuleSet(usernames=UsernameRules(**options))).desire(student).name


def base(student: Student, **options: Any) -> str:
    """The first choice, or the refusal's reason in brackets."""
    answer = propose(student, **options)
    return f"({answer.reason})" if isinstance(answer, Refusal) else answer.base


@pytest.mark.parametrize(
    ("method", "legal", "preferred"),
    [
        ("student_code", "S0123", "S0123"),
        ("initial_surname", "asmith", "msmith"),
        ("initial_dot_surname", "a.smith", "m.smith"),
        ("given_surname", "ameliasmith", "milliesmith"),
        ("given_dot_surname", "amelia.smith", "millie.smith"),
        ("surname_initial", "smitha", "smithm"),
        ("surname_dot_given", "smith.amelia", "smith.millie"),
        ("given_initial", "amelias", "millies"),
        ("cohort_initial_surname", "31asmith", "31msmith"),
        ("initials_code", "ars0123", "mrs0123"),
        ("email", "amelia.smith@x.edu.au", "amelia.smith@x.edu.au"),
        ("email_local", "amelia.smith", "amelia.smith"),
        ("network_login", "asmith3", "asmith3"),
        ("column", "A.Smith-07", "A.Smith-07"),
        ("template", "asmith", "msmith"),
    ],
)
def test_every_method(method: str, legal: str, preferred: str) -> None:
    """Each method gives the username its table promises, from the legal or the preferred given name."""
    extra = {"template": "{given[0]}{surname}", "column": "NetworkID"}
    found = [base(AMELIA, method=method, given=given, **extra) for given in ("legal", "preferred")]
    assert [legal, preferred] == found


def test_no_method_is_left_untested() -> None:
    """The table above knows every method there is."""
    table = next(mark for mark in test_every_method.pytestmark if mark.name == "parametrize")
    assert sorted(METHODS) == sorted(row[0] for row in table.args[1])


@pytest.mark.parametrize(
    ("method", "lower", "upper", "keep", "title"),
    [
        ("student_code", "s0123", "S0123", "S0123", "S0123"),
        ("initial_surname", "asmith", "ASMITH", "ASmith", "ASmith"),
        ("initial_dot_surname", "a.smith", "A.SMITH", "A.Smith", "A.Smith"),
        ("given_surname", "ameliasmith", "AMELIASMITH", "AmeliaSmith", "AmeliaSmith"),
        ("given_dot_surname", "amelia.smith", "AMELIA.SMITH", "Amelia.Smith", "Amelia.Smith"),
        ("surname_initial", "smitha", "SMITHA", "SmithA", "SmithA"),
        ("surname_dot_given", "smith.amelia", "SMITH.AMELIA", "Smith.Amelia", "Smith.Amelia"),
        ("given_initial", "amelias", "AMELIAS", "AmeliaS", "AmeliaS"),
        ("cohort_initial_surname", "31asmith", "31ASMITH", "31ASmith", "31ASmith"),
        ("initials_code", "ars0123", "ARS0123", "ARS0123", "ARS0123"),
        ("email", "amelia.smith@x.edu.au", "AMELIA.SMITH@X.EDU.AU", "amelia.smith@x.edu.au", "Amelia.Smith@X.Edu.Au"),
        ("email_local", "amelia.smith", "AMELIA.SMITH", "amelia.smith", "amelia.smith"),
        ("network_login", "asmith3", "ASMITH3", "asmith3", "Asmith3"),
        ("column", "a.smith-07", "A.SMITH-07", "A.Smith-07", "A.Smith-07"),
        ("template", "asmith", "ASMITH", "ASmith", "ASmith"),
    ],
)
def test_every_case(method: str, lower: str, upper: str, keep: str, title: str) -> None:
    """A case that is asked for holds for every method; title capitalises each part."""
    extra = {"template": "{given[0]}{surname}", "column": "NetworkID"}
    found = [base(AMELIA, method=method, case=case, **extra) for case in ("lower", "upper", "keep", "title")]
    assert [lower, upper, keep, title] == found


@pytest.mark.parametrize(("written", "title"), [("SMITH", "ASmith"), ("McDONALD", "AMcdonald"), ("smith", "ASmith")])
def test_title_does_not_trust_the_sis(written: str, title: str) -> None:
    """An export in capitals gives the same title as any other."""
    assert title == base(AMELIA._replace(legal_family=written), method="initial_surname", case="title")


@pytest.mark.parametrize(
    ("method", "both", "fields"),
    [
        ("student_code", "stS0123.x", "31S0123-7"),
        ("initial_surname", "stasmith.x", "31asmith-7"),
        ("initial_dot_surname", "sta.smith.x", "31a.smith-7"),
        ("given_surname", "stameliasmith.x", "31ameliasmith-7"),
        ("given_dot_surname", "stamelia.smith.x", "31amelia.smith-7"),
        ("surname_initial", "stsmitha.x", "31smitha-7"),
        ("surname_dot_given", "stsmith.amelia.x", "31smith.amelia-7"),
        ("given_initial", "stamelias.x", "31amelias-7"),
        ("cohort_initial_surname", "st31asmith.x", "3131asmith-7"),
        ("initials_code", "stars0123.x", "31ars0123-7"),
        ("email", "stamelia.smith@x.edu.au.x", "31amelia.smith@x.edu.au-7"),
        ("email_local", "stamelia.smith.x", "31amelia.smith-7"),
        ("network_login", "stasmith3.x", "31asmith3-7"),
        ("column", "stA.Smith-07.x", "31A.Smith-07-7"),
        ("template", "stasmith.x", "31asmith-7"),
    ],
)
def test_every_affix(method: str, both: str, fields: str) -> None:
    """Prefix and suffix go around every method's base, as text or with fields in it."""
    extra = {"template": "{given[0]}{surname}", "column": "NetworkID"}
    plain = base(AMELIA, method=method, prefix="st", suffix=".x", **extra)
    read = base(AMELIA, method=method, prefix="{cohort2}", suffix="-{year}", **extra)
    assert (both, fields) == (plain, read)


@pytest.mark.parametrize(
    ("method", "at_20", "at_12", "counted", "at_4"),
    [
        ("initial_surname", "bfeatherstonehaugh", "bfeatherston", "bfeathersto2", "bfea"),
        ("initial_dot_surname", "b.featherstonehaugh", "b.feathersto", "b.featherst2", "b.fe"),
        ("given_surname", "bartholomewfeatherst", "bartholomewf", "bartholomef2", "barf"),
        ("given_dot_surname", "bartholomew.feathers", "bartholome.f", "bartholom.f2", "ba.f"),
        ("surname_initial", "featherstonehaughb", "featherstonb", "featherstob2", "feab"),
        ("surname_dot_given", "feathers.bartholomew", "f.bartholome", "f.bartholom2", "f.ba"),
        ("given_initial", "bartholomewf", "bartholomewf", "bartholomef2", "barf"),
        ("cohort_initial_surname", "31bfeatherstonehaugh", "31bfeatherst", "31bfeathers2", "31bf"),
        ("template", "featherstonehaugh.b", "featherstone", "featherston2", "feat"),
    ],
)
def test_every_cut(method: str, at_20: str, at_12: str, counted: str, at_4: str) -> None:
    """The family name gives way first, separators stay, and a counter takes only the room it needs."""
    options = {"method": method, "template": "{surname}.{given[0]}", "collision": ("counter",)}
    found = [base(LONG, max_length=length, **options) for length in (20, 12, 4)]
    proposal = propose(LONG, max_length=12, **options)
    assert isinstance(proposal, Proposal)
    assert [at_20, at_12, at_4] == found
    assert [at_12, counted] == list(proposal.candidates())[:2]


@pytest.mark.parametrize(
    ("method", "middle"),
    [
        ("initial_surname", "arsmith"),
        ("initial_dot_surname", "ar.smith"),
        ("given_surname", "ameliarsmith"),
        ("given_dot_surname", "amelia.r.smith"),
        ("surname_initial", "smithar"),
        ("surname_dot_given", "smith.amelia.r"),
        ("given_initial", "ameliars"),
        ("cohort_initial_surname", "31arsmith"),
        ("initials_code", "ars01232"),
        ("email_local", "amelia.smith2"),
        ("template", "asmith2"),
    ],
)
def test_every_middle_initial(method: str, middle: str) -> None:
    """The middle initial goes behind the given part; a method with none to give goes on to the counter."""
    proposal = propose(AMELIA, method=method, template="{given[0]}{surname}")
    assert isinstance(proposal, Proposal)
    assert middle == list(proposal.candidates())[1]


@pytest.mark.parametrize("middle", ["", "李", "\u0410lice", "💥"])
def test_no_middle_initial(middle: str) -> None:
    """Without a middle name that can be read the next policy is tried."""
    proposal = propose(AMELIA._replace(middle=middle), method="initial_surname")
    assert isinstance(proposal, Proposal)
    assert list(proposal.candidates())[:2] == ["asmith", "asmith2"]


@pytest.mark.parametrize(
    ("method", "given_only", "family_only"),
    [
        ("initial_surname", "cher", "cher"),
        ("initial_dot_surname", "cher", "cher"),
        ("given_surname", "cher", "cher"),
        ("given_dot_surname", "cher", "cher"),
        ("surname_initial", "cher", "cher"),
        ("surname_dot_given", "cher", "cher"),
        ("given_initial", "cher", "cher"),
        ("cohort_initial_surname", "31cher", "31cher"),
        ("initials_code", "c0123", "c0123"),
        ("template", "cher", "cher"),
    ],
)
def test_mononyms(method: str, given_only: str, family_only: str) -> None:
    """A missing name vanishes with its separator, and a single name stands whole where its initial is too short."""
    student = Student("S0123", cohort=2031)
    options = {"method": method, "template": "{given}.{surname}"}
    found = [base(student._replace(**{part: "Cher"}), **options) for part in ("legal_given", "legal_family")]
    assert [given_only, family_only] == found


@pytest.mark.parametrize(
    ("changes", "login"),
    [
        ({}, "asmith3"),
        ({"network_login": ""}, "amelia.smith"),
        ({"network_login": "", "email": ""}, "(empty-username)"),
    ],
)
def test_the_chain_of_the_network_login(changes: dict[str, str], login: str) -> None:
    """The SIS's login counts, else what stands before the @ of the e-mail, else there is none."""
    assert login == base(AMELIA._replace(**changes), method="network_login")


@pytest.mark.parametrize(
    ("method", "changes"),
    [
        ("student_code", {"sis_code": " "}),
        ("initial_surname", {"legal_given": "", "legal_family": ""}),
        ("initial_surname", {"legal_given": "💥", "legal_family": "-"}),
        ("cohort_initial_surname", {"cohort": None}),
        ("email", {"email": ""}),
        ("email_local", {"email": ""}),
        ("column", {"columns": {}}),
        ("template", {"legal_family": ""}),
    ],
)
def test_an_empty_field_gives_no_username(method: str, changes: dict[str, Any]) -> None:
    """A method whose field is empty refuses, and says in words what is missing and what to do."""
    answer = propose(AMELIA._replace(**changes), method=method, column="NetworkID", template="{surname}")
    assert isinstance(answer, Refusal)
    assert (answer.reason, bool(answer.detail), bool(answer.suggestion)) == ("empty-username", True, True)


def test_an_empty_field_of_an_affix_gives_no_username() -> None:
    """A username is not given without the year its prefix promises, since it would change once that is known."""
    answer = propose(AMELIA._replace(cohort=None), method="initial_surname", prefix="{cohort2}")
    assert isinstance(answer, Refusal)
    assert (answer.reason, answer.detail) == (
        "empty-username",
        "the prefix or suffix needs cohort2, which the SIS leaves empty",
    )


def test_an_affix_that_reads_a_name_needs_one() -> None:
    """A prefix made of a name in another alphabet is refused as the name itself would be."""
    answer = propose(AMELIA._replace(legal_family="李"), method="student_code", prefix="{surname[0]}")
    assert isinstance(answer, Refusal)
    assert answer.reason == "non-latin-name"


@pytest.mark.parametrize("method", ["student_code", "email", "email_local", "network_login", "column"])
def test_a_name_that_is_not_read_blocks_nothing(method: str) -> None:
    """A name in another alphabet is no obstacle to a method that reads no name."""
    student = AMELIA._replace(legal_given="小龙", legal_family="\u0410lice", middle="李")
    assert base(AMELIA, method=method, column="NetworkID") == base(student, method=method, column="NetworkID")


@pytest.mark.parametrize(
    ("policy", "given", "family", "username"),
    [
        ("skip", "小龙", "李", "(non-latin-name)"),
        ("skip", "Bruce", "李", "(non-latin-name)"),
        ("transliterate", "Иван", "Петров", "ipetrov"),
        ("code", "Иван", "Петров", "S0123"),
        ("code", "\u0410lice", "Smith", "(confusable-name)"),
        ("skip", "\u0410lice", "Smith", "(confusable-name)"),
        ("transliterate", "\u0410lice", "Smith", "(confusable-name)"),
        ("skip", "\u0410lice", "Петров", "(non-latin-name)"),
    ],
)
def test_names_in_other_alphabets(policy: str, given: str, family: str, username: str) -> None:
    """The school decides on other alphabets; look-alike letters in one word need a person."""
    student = AMELIA._replace(legal_given=given, legal_family=family)
    assert username == base(student, method="initial_surname", normalisation=Normalisation(non_latin=policy))


def test_the_code_instead_of_a_name_takes_the_affixes() -> None:
    """The student code stands in for a name in another alphabet as the method student_code would give it."""
    options = {"prefix": "st", "normalisation": Normalisation(non_latin="code")}
    assert base(AMELIA._replace(legal_family="李"), method="given_surname", **options) == "stS0123"


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"method": "surname"}, 'there is no username method "surname"'),
        ({"case": "Upper"}, 'case = "Upper" is unknown'),
        ({"method": "template", "template": "{surnam}"}, 'column 2: there is no field "surnam"'),
        ({"method": "initial_surname", "prefix": "{given"}, "column 1: this { is never closed"),
    ],
)
def test_rules_that_cannot_be_followed(options: dict[str, Any], key: str) -> None:
    """A wrong rule stops before any student is looked at."""
    with pytest.raises(ConfigError) as error:
        propose(AMELIA, **options)
    assert key in str(error.value)
