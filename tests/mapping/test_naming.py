from typing import Any

import pytest

from connector.domain.ruleset import RuleSet, UsernameRules
from connector.domain.student import Student
from connector.mapping.desired import Proposal, Refusal
from connector.mapping.mapper import Mapper

AMELIA = Student("S0123", legal_given="Amelia", legal_family="Smith", middle="Rose", email="amelia@x.edu.au")


def propose(student: Student = AMELIA, **options: Any) -> Proposal:
    """The proposal that rules with these options make; initial_surname unless another method is named."""
    answer = Mapper(RuleSet(usernames=UsernameRules(**{"method": "initial_surname"} | options))).desire(student).name
    assert isinstance(answer, Proposal)
    return answer


def refuse(student: Student = AMELIA, **options: Any) -> Refusal:
    """The refusal of such rules."""
    answer = Mapper(RuleSet(usernames=UsernameRules(**{"method": "initial_surname"} | options))).desire(student).name
    assert isinstance(answer, Refusal)
    return answer


@pytest.mark.parametrize(
    ("options", "candidates"),
    [
        ({"max_counter": 4}, ["asmith", "arsmith", "asmith2", "asmith3", "asmith4"]),
        ({"max_counter": 3, "collision": ("counter", "middle_initial")}, ["asmith", "asmith2", "asmith3", "arsmith"]),
        ({"collision": ("middle_initial",)}, ["asmith", "arsmith"]),
        ({"collision": ()}, ["asmith"]),
        ({"collision": ("skip",)}, ["asmith"]),
        ({"max_counter": 2, "prefix": "s.", "suffix": "-x"}, ["s.asmith-x", "s.arsmith-x", "s.asmith2-x"]),
        ({"max_length": 6, "max_counter": 2}, ["asmith", "arsmit", "asmit2"]),
        ({"max_length": 2, "max_counter": 10}, ["as"]),
    ],
)
def test_candidates(options: dict[str, Any], candidates: list[str]) -> None:
    """Alternatives follow the collision policies in their order, cut only as far as a counter needs."""
    assert candidates == list(propose(**options).candidates())


def test_a_longer_counter_takes_more_room() -> None:
    """The base is cut by one letter for the counters up to 9, by two from 10 on."""
    found = list(propose(max_length=6, max_counter=10, collision=("counter",)).candidates())
    assert [found[0], found[1], found[-1]] == ["asmith", "asmit2", "asmi10"]


@pytest.mark.parametrize(
    ("options", "username", "could"),
    [
        ({}, "asmith", True),
        ({}, "ASmith", True),
        ({}, "arsmith", True),
        ({}, "asmith2", True),
        ({}, "asmith99", True),
        ({}, "arsmith7", True),
        ({}, "asmith100", False),
        ({}, "asmith1", False),
        ({}, "asmith02", False),
        ({}, "asmith2031", False),
        ({}, "bsmith", False),
        ({}, "asmithx", False),
        ({}, "", False),
        ({"max_counter": 200}, "asmith100", True),
        ({"max_counter": 5}, "asmith40", True),
        ({"collision": ()}, "asmith2", True),
        ({"collision": ()}, "arsmith", True),
        ({"max_length": 6}, "asmi10", True),
        ({"max_length": 6}, "asmith10", False),
        ({"max_length": 6}, "asmit2", True),
        ({"prefix": "3", "suffix": "4"}, "3asmith24", True),
        ({"prefix": "3", "suffix": "4"}, "3asmith4", True),
        ({"prefix": "3", "suffix": "4"}, "asmith", False),
        ({"case": "upper"}, "asmith2", True),
        ({"reserved": frozenset({"asmith"})}, "asmith", True),
        ({"method": "template", "template": "{given}{n}.{surname}||{code}"}, "amelia12.smith", True),
        ({"method": "template", "template": "{given}{n}.{surname}||{code}"}, "s0123", True),
        ({"method": "template", "template": "{given}{n}.{surname}||{code}"}, "amelia.smith2", False),
        ({"method": "template", "template": "{given}{n2}"}, "amelia02", True),
        ({"method": "template", "template": "{given}{n2}"}, "amelia2", False),
        ({"method": "student_code"}, "s0123", True),
        ({"method": "student_code"}, "S01232", False),
        ({"method": "email"}, "Amelia@x.edu.au", True),
    ],
)
def test_what_the_rules_could_give(options: dict[str, Any], username: str, could: bool) -> None:
    """An account keeps its name while it is the base, the base with a counter or with the middle initial."""
    assert could == propose(**options).could_give(username)


def test_the_students_own_name_decides() -> None:
    """Without the middle name the middle initial is no longer a reason to keep a name."""
    assert not propose(AMELIA._replace(middle="")).could_give("arsmith")


@pytest.mark.parametrize(
    ("template", "candidates"),
    [
        ("{given[0]}{surname}", ["asmith", "asmith2", "asmith3"]),
        ("{given[0]}{surname} || {given}.{surname}", ["asmith", "amelia.smith", "asmith2", "asmith3"]),
        ("{given[0]}{middle[0]}{surname} || {code}{n}", ["arsmith", "s0123", "s01232", "s01233"]),
        ("{given[0]}{house}{surname} || {given[0]}{surname}", ["asmith", "asmith2", "asmith3"]),
        ("{house} || {given}", ["amelia", "amelia2", "amelia3"]),
        ("{given}{n2}", ["amelia", "amelia02", "amelia03"]),
        ("{n}{given}", ["amelia", "2amelia", "3amelia"]),
        ("{given}{n}.{surname}", ["amelia.smith", "amelia2.smith", "amelia3.smith"]),
        ("{given}.{house}.{surname}", ["amelia.smith", "amelia.smith2", "amelia.smith3"]),
    ],
)
def test_template_candidates(template: str, candidates: list[str]) -> None:
    """Alternatives are tried in order, empty and equal ones left out, then the counter where it stands."""
    found = propose(method="template", template=template, max_counter=3).candidates()
    assert candidates == list(found)


def test_a_template_counts_where_it_says_so() -> None:
    """A counter in the template counts even when the collision policies name none."""
    found = propose(method="template", template="{given}{n}", collision=(), max_counter=3).candidates()
    assert list(found) == ["amelia", "amelia2", "amelia3"]


def test_a_template_goes_on_past_a_name_that_cannot_be_read() -> None:
    """An alternative that reads no name serves the student whose name is in another alphabet."""
    student = AMELIA._replace(legal_family="李")
    assert propose(student, method="template", template="{surname}{given[0]} || {code}").base == "s0123"
    assert refuse(student, method="template", template="{surname} || {given}{surname}").reason == "non-latin-name"


@pytest.mark.parametrize(
    ("given", "family", "method", "candidates"),
    [
        ("Red", "Oot", "initial_surname", ["root2", "root3"]),
        ("Com", "1", "given_surname", ["com12", "com13"]),
        ("Lib", "Rary", "given_surname", ["library2", "library3"]),
        ("Ad", "Min", "given_dot_surname", ["ad.min", "ad.min2"]),
    ],
)
def test_reserved_words(given: str, family: str, method: str, candidates: list[str]) -> None:
    """A reserved word counts as taken when it is the whole username: service names, devices, the school's own."""
    proposal = propose(
        Student("S1", given, family), method=method, reserved=frozenset({"Library"}), collision=("counter",)
    )
    assert candidates == list(proposal.candidates())[:2]
    assert candidates[0] == proposal.base


@pytest.mark.parametrize("word", ["con", "PRN", "aux", "nul", "com0", "com9", "lpt0", "LPT9", "admin", "root", "www"])
@pytest.mark.parametrize("method", ["student_code", "network_login"])
def test_reserved_words_taken_as_they_are(method: str, word: str) -> None:
    """A code or login that is a reserved word gives no account, with a reason that is not `taken`."""
    answer = refuse(Student(word, network_login=word), method=method)
    assert (answer.reason, answer.detail) == ("username-reserved", f'"{word}" is a reserved word')


def test_look_alike_letters_do_not_pass_a_reserved_word() -> None:
    """A login that only looks like a reserved word is one."""
    assert refuse(Student("S1", network_login="\u0430dmin"), method="network_login").reason == "username-reserved"


def test_a_number_is_no_reserved_word() -> None:
    """Student codes such as 404 are numbers, whatever they mean to a web server."""
    assert propose(Student("404"), method="student_code").base == "404"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"collision": ()}, "username-reserved"),
        ({"collision": ("middle_initial",)}, "username-reserved"),
        ({"collision": ("counter",)}, ""),
    ],
)
def test_only_reserved_words_left(options: dict[str, Any], reason: str) -> None:
    """When every candidate is reserved the skip says so, instead of calling the name taken."""
    rules = UsernameRules(method="initial_surname", reserved=frozenset({"asmith", "arsmith"}), **options)
    answer = Mapper(RuleSet(usernames=rules)).desire(AMELIA).name
    assert reason == (answer.reason if isinstance(answer, Refusal) else "")


@pytest.mark.parametrize(
    ("match", "word", "candidates"),
    [
        ("exact", "asmith", ["arsmith", "asmith2"]),
        ("exact", "smith", ["asmith", "arsmith"]),
        ("substring", "asmi", ["arsmith"]),
        ("substring", "RSM", ["asmith", "asmith2"]),
    ],
)
def test_blocked_words(match: str, word: str, candidates: list[str]) -> None:
    """A blocked word passes over a candidate: as the whole name, or on request anywhere in it."""
    proposal = propose(blocked=frozenset({word}), blocked_match=match)
    assert candidates == list(proposal.candidates())[:2]


def test_a_blocked_word_is_not_repeated() -> None:
    """The skip of a name with a blocked word does not show the word."""
    answer = refuse(blocked=frozenset({"smith"}), blocked_match="substring")
    assert answer.reason == "username-reserved"
    assert "smith" not in answer.detail + answer.suggestion


@pytest.mark.parametrize(
    ("student", "options", "detail"),
    [
        (AMELIA, {"min_length": 7, "collision": ()}, '"asmith" is shorter than 7 characters'),
        (AMELIA, {"suffix": "."}, '"asmith." holds a dot at the end'),
        (AMELIA, {"prefix": "abcdefghij", "max_length": 10}, "the name has no room in 10 characters"),
        (AMELIA, {"prefix": "abcdefghijk", "max_length": 10}, "the name has no room in 10 characters"),
        (Student("S1", "1", "23"), {}, '"123" is only digits, which no name gives'),
        (
            Student("S1", network_login="a@b"),
            {"method": "network_login"},
            '"a@b" holds the sign "@", which no login may',
        ),
        (Student("S1/2"), {"method": "student_code"}, '"S1/2" holds the sign "/", which no login may'),
        (Student("S1."), {"method": "student_code"}, '"S1." holds a dot at the end, which no login may'),
        (
            Student("S1\u202e2"),
            {"method": "student_code"},
            '"S1\u202e2" holds the invisible sign U+202E, which no login may',
        ),
        (Student("S" * 21), {"method": "student_code"}, f'"{"S" * 21}" has 21 characters, and 20 are allowed'),
        (
            Student("S1", email="a@b@c"),
            {"method": "email"},
            '"a@b@c" holds anything but one @ with text on both sides, which no login may',
        ),
        (
            Student("S1", email=f"a@{'b' * 112}"),
            {"method": "email"},
            f'"a@{"b" * 112}" has 114 characters, and 113 are allowed',
        ),
    ],
)
def test_usernames_that_no_network_takes(student: Student, options: dict[str, Any], detail: str) -> None:
    """A username that is too long, too short or holds a forbidden sign is refused in plain words."""
    answer = refuse(student, **options)
    assert (answer.reason, answer.detail) == ("username-invalid", detail)
    assert answer.suggestion


@pytest.mark.parametrize("sign", list('"/\\[]:;|=,+*?<>@\x07\x7f'))
def test_forbidden_signs(sign: str) -> None:
    """No sign that Active Directory forbids in a login comes through, at whatever place."""
    for code in (f"{sign}S1", f"S{sign}1", f"S1{sign}"):
        assert refuse(Student(code), method="student_code").reason == "username-invalid"


def test_an_email_may_be_longer_than_a_login() -> None:
    """The method email allows an @ and 113 characters, whatever the length of logins is."""
    address = f"{'a' * 60}@{'b' * 49}.au"
    assert (len(address), propose(Student("S1", email=address), method="email").base) == (113, address)


@pytest.mark.parametrize(
    ("method", "options", "digits"),
    [
        ("student_code", {}, "0123"),
        ("network_login", {}, "0123"),
        ("email_local", {}, "0123"),
        ("template", {"template": "{code|digits}"}, "0123"),
    ],
)
def test_codes_may_be_numbers(method: str, options: dict[str, str], digits: str) -> None:
    """A username of digits only is right where it comes from a code or a login."""
    student = Student("0123", email="0123@x.edu.au")
    assert digits == propose(student, method=method, **options).base


def test_a_short_code_stays_a_code() -> None:
    """The least length is for made names: a code is taken as it is."""
    assert propose(Student("7"), method="student_code", min_length=5).base == "7"


def test_verbatim_is_told_apart() -> None:
    """Whoever reads a proposal can see whether it was made or taken as it is."""
    assert [propose(method=method).verbatim for method in ("student_code", "initial_surname")] == [True, False]


def test_candidates_can_be_asked_again() -> None:
    """Each call gives the candidates from the start."""
    proposal = propose()
    assert [next(proposal.candidates()), next(proposal.candidates())] == ["asmith", "asmith"]
