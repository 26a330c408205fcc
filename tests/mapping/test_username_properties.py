"""What holds for every student and all rules."""

from itertools import islice
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.errors import ConfigError
from connector.domain.ruleset import Normalisation, RuleSet, UsernameRules
from connector.domain.student import Student
from connector.mapping.desired import Proposal, Refusal
from connector.mapping.forms import LAYOUTS
from connector.mapping.keys import case_key
from connector.mapping.mapper import Mapper
from connector.mapping.methods import _SIMPLE, NameMethod
from connector.mapping.naming import METHODS
from connector.mapping.normalise import OPTIONS, Normaliser
from connector.mapping.verbatim import VERBATIM

NAMES = st.text(max_size=25) | st.text(st.sampled_from("abcDEF éüß'’-. 李иА1"), max_size=25)
CODES = st.text(st.sampled_from("ABs019-_. /@"), max_size=12)
STUDENTS = st.builds(
    Student,
    sis_code=CODES,
    legal_given=NAMES,
    legal_family=NAMES,
    middle=NAMES,
    preferred_given=NAMES,
    cohort=st.none() | st.integers(2000, 2050),
    email=st.text(st.sampled_from("ab.@_-+1"), max_size=20),
    network_login=CODES,
)
NORMALISATIONS = st.builds(
    Normalisation,
    transliteration=st.sampled_from(OPTIONS["transliteration"]),
    non_latin=st.sampled_from(OPTIONS["non_latin"]),
    hyphen=st.sampled_from(OPTIONS["hyphen"]),
    particles=st.sampled_from(OPTIONS["particles"]),
    multi_given=st.sampled_from(OPTIONS["multi_given"]),
    specials=st.sampled_from(["", ".", "._-"]),
)
RULES = st.builds(
    UsernameRules,
    method=st.sampled_from(METHODS),
    given=st.sampled_from(["legal", "preferred"]),
    prefix=st.sampled_from(["", "s", "S.", "{cohort2}", "x-"]),
    suffix=st.sampled_from(["", "x", ".S", "{cohort2}", "7"]),
    case=st.sampled_from(["", "lower", "upper", "keep", "title"]),
    max_length=st.integers(3, 30),
    min_length=st.integers(1, 4),
    collision=st.lists(st.sampled_from(["middle_initial", "counter"]), unique=True).map(tuple),
    max_counter=st.integers(2, 120),
    template=st.sampled_from(
        ["{given[0]}{surname}", "{given}{n}.{surname}||{code}", "{middle[0]}{given}||{login}{n2}"]
    ),
    column=st.just("X"),
    reserved=st.sampled_from([frozenset(), frozenset({"ab", "a", "abc"})]),
    normalisation=NORMALISATIONS,
)


def answer(student: Student, rules: UsernameRules) -> Proposal | Refusal:
    """What the rules say of the student's name."""
    return Mapper(RuleSet(usernames=rules)).desire(student).name


@given(STUDENTS, RULES)
def test_made_usernames(student: Student, rules: UsernameRules) -> None:
    """A made username is plain ASCII, neither too short nor too long, and ends in no sign."""
    made = answer(student, rules)
    if isinstance(made, Refusal) or made.verbatim:
        return
    for username in islice(made.candidates(), 20):
        assert rules.min_length <= len(username) <= rules.max_length
        assert username.isascii()
        assert all(char.isalnum() or char in "._-" for char in username)
        assert not username.endswith(".")


@given(STUDENTS, RULES)
def test_every_candidate_could_be_given(student: Student, rules: UsernameRules) -> None:
    """A name that was proposed once is one the rules could still give: no sync renames it away."""
    made = answer(student, rules)
    if isinstance(made, Proposal):
        candidates = list(made.candidates())
        assert candidates[0] == made.base
        assert len(candidates) == len(set(candidates))
        assert all(made.could_give(name) and made.could_give(name.swapcase()) for name in candidates)


@given(STUDENTS, RULES)
def test_the_same_question_has_the_same_answer(student: Student, rules: UsernameRules) -> None:
    """Two compilations of the same rules agree, whatever they were asked before."""
    one, other = Mapper(RuleSet(usernames=rules)), Mapper(RuleSet(usernames=rules))
    other.desire(Student("Z9", "Zoë", "Zebra", "Q"))
    first, second = one.desire(student).name, other.desire(student).name
    if isinstance(first, Proposal):
        assert isinstance(second, Proposal)
        assert list(first.candidates()) == list(second.candidates())
    else:
        assert first == second


@given(STUDENTS, RULES)
def test_every_refusal_helps(student: Student, rules: UsernameRules) -> None:
    """A student without a username gets a reason, what was seen, and the next step."""
    refused = answer(student, rules)
    if isinstance(refused, Refusal):
        assert refused.reason in (
            "empty-username",
            "non-latin-name",
            "confusable-name",
            "username-invalid",
            "username-reserved",
        )
        assert refused.detail
        assert refused.suggestion


@given(STUDENTS, RULES, st.text(max_size=12))
def test_an_explanation_ends_in_the_answer(student: Student, rules: UsernameRules, house: str) -> None:
    """The explanation of any student holds the username that is proposed, or the reason for none."""
    mapper = Mapper(RuleSet(usernames=rules))
    student = student._replace(house=house)
    named = mapper.desire(student).name
    step = next(step for step in mapper.explain(student) if step.what == "username")
    expected = (named.base, True) if isinstance(named, Proposal) else ("", step.why.startswith(named.reason))
    assert expected == (step.value, True)


@given(STUDENTS, st.sampled_from(sorted(LAYOUTS)), st.sampled_from(["", "lower", "keep"]), NORMALISATIONS)
def test_the_quick_way_changes_nothing(student: Student, method: str, case: str, options: Normalisation) -> None:
    """A layout of two names is spelt the same by the quick way and by the long one."""
    rules = UsernameRules(method=method, case=case, normalisation=options)
    quick = NameMethod(rules, Normaliser(options, keep_case=case == "keep"))
    slow = NameMethod(rules, Normaliser(options, keep_case=case == "keep"))
    slow._simple = None
    assert slow.forms(student) == quick.forms(student)


def test_every_quick_layout_is_a_layout() -> None:
    """No quick way is kept for a layout that no method uses."""
    assert set(_SIMPLE) <= {layout for layout, _ in LAYOUTS.values()}


@given(STUDENTS, st.sampled_from(VERBATIM), st.sampled_from(["", "keep"]))
def test_verbatim_is_verbatim(student: Student, method: str, case: str) -> None:
    """A code or login that is accepted is given exactly as the SIS has it, outer blanks aside."""
    made = answer(student, UsernameRules(method=method, case=case, column="X"))
    if isinstance(made, Proposal):
        held = {student.sis_code, student.email, student.network_login, student.email.rpartition("@")[0]}
        assert made.base in {text.strip() for text in held}
        assert list(made.candidates()) == [made.base]


@given(st.text(max_size=30))
def test_could_give_takes_any_text(username: str) -> None:
    """Any text may be asked for; the answer is the same for two spellings that are one login."""
    proposal = answer(Student("S1", "Amelia", "Smith", "Rose"), UsernameRules(method="initial_surname"))
    assert isinstance(proposal, Proposal)
    assert proposal.could_give(username) == proposal.could_give(case_key(username))


@given(st.dictionaries(st.sampled_from(["method", "case", "prefix", "template"]), st.text(max_size=8)))
def test_rules_work_or_stop_at_once(options: dict[str, Any]) -> None:
    """Rules that nobody checked either serve a student or are refused as a fault of the configuration."""
    try:
        mapper = Mapper(RuleSet(usernames=UsernameRules(**options)))
    except ConfigError:
        return
    assert mapper.desire(Student("S1", "Amelia", "Smith")).given_names == "Amelia"
