"""Suggested rules as the keys of a mapping file."""

from dataclasses import replace

from connector.domain.ruleset import Normalisation, UsernameRules
from connector.planning.suggest_keys import keys_to_write, rules_to_write, stated
from connector.planning.suggestion import Candidate, Mixture, Part

FOUND = UsernameRules(method="initial_surname", case="lower")


def test_only_what_differs_is_written():
    """Defaults that a file leaves out are no difference: names are in lower case anyhow."""
    assert keys_to_write(FOUND, UsernameRules()) == {"method": "initial_surname"}
    assert keys_to_write(FOUND, UsernameRules(method="initial_surname")) == {}
    assert keys_to_write(replace(FOUND, case="title"), UsernameRules()) == {
        "method": "initial_surname",
        "case": "title",
    }
    code = UsernameRules(method="student_code", case="keep")
    assert keys_to_write(code, FOUND) == {"method": "student_code", "case": "keep"}


def test_every_option_has_its_key():
    """Affixes, length, collisions and the writing of names."""
    letters = Normalisation(
        hyphen="keep", particles="drop", multi_given="join", transliteration="de", non_latin="code"
    )
    rules = UsernameRules(
        method="given_surname", given="preferred", prefix="s", suffix="{cohort2}", case="upper", max_length=15,
        collision=(), normalisation=letters,
    )  # fmt: skip
    assert keys_to_write(rules, UsernameRules()) == {
        "method": "given_surname",
        "given": "preferred",
        "prefix": "s",
        "suffix": "{cohort2}",
        "case": "upper",
        "max_length": 15,
        "collision": "skip",
        "hyphen": "keep",
        "particles": "drop",
        "multi_given": "join",
        "transliteration": "de",
        "non_latin": "code",
    }


def test_a_template_goes_when_another_method_comes():
    """A key that would contradict the method is taken out."""
    configured = UsernameRules(method="template", template="{given}", case="lower")
    assert keys_to_write(FOUND, configured) == {"method": "initial_surname", "template": None}
    assert keys_to_write(configured, FOUND) == {"method": "template", "template": "{given}"}


def test_what_is_stated_leaves_out_the_usual():
    """For showing: the method always."""
    assert stated(FOUND) == {"method": "initial_surname"}
    assert stated(replace(FOUND, prefix="s", max_length=12)) == {
        "method": "initial_surname",
        "prefix": "s",
        "max_length": 12,
    }


def _part(intakes: tuple[int, ...], rules: UsernameRules) -> Part:
    return Part(intakes, (), Candidate(rules, 9, 10))


def test_older_intakes_get_rules_of_their_own():
    """By the year of finishing, gaps included: that stays with a student, while year levels move on."""
    code = UsernameRules(method="student_code", case="keep")
    mixture = Mixture("cohort", (_part((2031, 2033), FOUND), _part((2027, 2029), code)))
    assert rules_to_write(mixture) == [
        {
            "name": "finishing 2027 to 2029",
            "when": {"field.cohort": ["2027", "2028", "2029"]},
            "method": "student_code",
            "case": "keep",
        }
    ]


def test_rules_by_the_year_of_entry():
    """A pattern of the date."""
    mixture = Mixture("entry", (_part((2026,), FOUND), _part((2024, 2025), replace(FOUND, suffix="x"))))
    assert rules_to_write(mixture) == [
        {
            "name": "entered 2024 to 2025",
            "when": {"field.entry_date": {"glob": ["2024-*", "2025-*"]}},
            "method": "initial_surname",
            "suffix": "x",
        }
    ]
