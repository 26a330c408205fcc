"""A suggestion in sentences, as text and as JSON."""

import json
import tomllib

import pytest

from connector.domain.ruleset import UsernameRules
from connector.planning.suggestion import Candidate, Misfit, Mixture, Part, Suggestion
from connector.report.suggest_json import suggest_json
from connector.report.suggest_text import suggest_text
from connector.report.suggest_words import GUESSES, candidate_words, suggestion_sentence, toml_lines

CODE = UsernameRules(method="student_code", case="keep")
INITIAL = UsernameRules(method="initial_surname", case="lower")
DOTTED = UsernameRules(method="given_dot_surname", given="preferred", prefix="s", suffix="{cohort2}", max_length=64)
MISFIT = Misfit("S1", "amiller", "asmith", "surname", "the right initial with another surname: a former one?")


def _candidate(rules: UsernameRules, matched: int, **more) -> Candidate:
    return Candidate(rules, matched, 1204, **more)


FOUND = Suggestion(
    1204,
    (
        _candidate(INITIAL, 1161, misfits=(MISFIT,) * 43, capitals=2),
        _candidate(DOTTED, 300, misfits=(MISFIT,) * 20),
        _candidate(CODE, 200),
        _candidate(UsernameRules(method="initials_code"), 90),
        _candidate(UsernameRules(method="network_login"), 1200, sis_field=True),
    ),
    _candidate(CODE, 200),
)
PARTED = Mixture(
    "cohort",
    (
        Part((2031, 2032), ("6", "7"), Candidate(INITIAL, 590, 600, misfits=(MISFIT,))),
        Part((2028,), ("10",), Candidate(CODE, 598, 604)),
    ),
)


def _text(found: Suggestion, **more) -> str:
    return suggest_text(found, students=1240, shared=1, file="mappings/students.toml", **more)


WORDS = [
    (INITIAL, "initial + surname"),
    (CODE, "student code"),
    (DOTTED, '"s" + given name + dot + surname + "{cohort2}", of preferred names, at most 64 characters'),
    (UsernameRules(method="initial_surname", case="title"), "initial + surname, each part with a capital"),
    (UsernameRules(method="column", column="NetID"), 'the SIS column "NetID"'),
    (UsernameRules(method="template", template="{given}", case="lower"), "template {given}"),
]


@pytest.mark.parametrize(("rules", "words"), WORDS, ids=[words for _, words in WORDS])
def test_rules_are_said_in_words(rules, words):
    """What is usual is left out."""
    assert candidate_words(Candidate(rules, 1, 1)) == words


def test_the_sentence_names_the_method_and_its_rate():
    """The method first, then the share of logins."""
    assert suggestion_sentence(FOUND) == "Initial + surname: 96.4% of 1,204 network logins."


def test_the_sentence_says_where_nothing_fits():
    """No method is named as the one in use unless it gives most of the logins."""
    weak = Suggestion(1204, FOUND.candidates[1:3], FOUND.current)
    assert suggestion_sentence(weak).startswith("No method gives most of 1,204 network logins; the nearest is")
    assert suggestion_sentence(Suggestion(9, (), FOUND.current)) == (
        "No method gives any of 9 network logins to speak of."
    )
    assert suggestion_sentence(Suggestion(0, (), FOUND.current)).startswith("There is no network login to compare")


def test_the_sentence_of_a_mixture_names_the_intakes():
    """The newest first, with the year levels of today."""
    assert suggestion_sentence(Suggestion(1204, FOUND.candidates, FOUND.current, PARTED)) == (
        "The intakes differ: initial + surname (finishing 2031 to 2032, now in Years 6 to 7) and student code "
        "(finishing 2028, now in Year 10). Together 98.6% of 1,204 network logins."
    )
    entered = PARTED.parts[1]._replace(intakes=(2019, 2020))
    by_entry = Suggestion(1204, (), FOUND.current, Mixture("entry", (PARTED.parts[0], entered)))
    assert "student code (entered 2019 to 2020)" in suggestion_sentence(by_entry)


def test_the_text_tells_all_there_is_to_decide():
    """The sentence, who was compared, what is configured, the first three, the SIS fields, exceptions, next step."""
    said = _text(FOUND, names={"S1": "Amelia Smith"})
    lines = said.splitlines()
    assert lines[0] == "Initial + surname: 96.4% of 1,204 network logins."
    assert lines[1] == "Compared were 1,204 of 1,240 active students in scope, by their key; 1 has several entries."
    assert lines[2] == "mappings/students.toml now says student code: 16.6%."
    assert "initials_code" not in said
    assert "network_login" in said
    assert "2 differ in capitals only" in said
    assert "and 1 more: trackone suggest --format json" in said
    assert "and 23 more: trackone suggest --format json" in said
    assert "Amelia Smith" in said
    assert lines[-1] == "Write it into mappings/students.toml: trackone suggest --write"
    assert max(map(len, lines)) <= 100


def test_the_next_step_depends_on_what_was_found():
    """Nothing to write, nothing to compare, nothing that fits."""
    settled = Suggestion(1204, FOUND.candidates, FOUND.candidates[0])
    assert "nothing to write" in _text(settled).splitlines()[-1]
    assert "[directory.attributes]" in _text(Suggestion(0, (), FOUND.current)).splitlines()[-1]
    weak = Suggestion(1204, FOUND.candidates[1:3], FOUND.current)
    assert _text(weak).splitlines()[-1].startswith("Nothing fits well enough")
    assert "trackone suggest --write" not in _text(FOUND, writes=True)


def test_a_mixture_is_shown_as_rules_that_load():
    """The TOML in the text is TOML."""
    said = _text(Suggestion(1204, FOUND.candidates, FOUND.current, PARTED))
    start = said.index("    [usernames]")
    block = said[start : said.index("\n\n", start)]
    assert tomllib.loads(block)["usernames"] == {
        "method": "initial_surname",
        "rule": [
            {
                "name": "finishing 2028",
                "when": {"field.cohort": ["2028"]},
                "method": "student_code",
                "case": "keep",
            }
        ],
    }


def test_keys_are_written_as_toml():
    """One line a key; what must go is a comment."""
    keys = {
        "method": "email",
        "max_length": 9,
        "collision": ["counter"],
        "template": None,
        "when": {"a.b": {"c": "d"}},
    }
    assert toml_lines(keys) == [
        'method = "email"',
        "max_length = 9",
        'collision = ["counter"]',
        "#template: take it out",
        'when = { "a.b" = { c = "d" } }',
    ]


def test_hostile_logins_do_nothing_to_a_terminal():
    """Control signs of a directory are shown, not sent."""
    evil = Misfit("S1\x1b[31m", "a\x1b]0;x\x07\u202e", "b", "unknown", "no guess")
    found = Suggestion(2, (Candidate(INITIAL, 1, 2, misfits=(evil,)),), FOUND.current)
    assert "\x1b" not in _text(found)
    assert "\u202e" not in _text(found)


def test_json_has_the_names_that_programs_read():
    """Candidates best first, with every option and the exceptions."""
    said = json.loads(json.dumps(suggest_json(FOUND)))
    first, second = said["candidates"][:2]
    assert set(first) >= {
        "method", "given", "prefix", "suffix", "case", "max_length", "collision", "template", "sis_field",
        "matched", "compared", "rate", "exceptions",
    }  # fmt: skip
    assert (first["method"], first["matched"], first["compared"]) == ("initial_surname", 1161, 1204)
    assert first["rate"] == pytest.approx(0.96428, abs=1e-5)
    assert first["collision"] == ["middle_initial", "counter"]
    assert first["exceptions"][0] == MISFIT._asdict()
    assert (len(first["exceptions"]), first["exceptions_left_out"]) == (43, 0)
    assert second["exceptions_left_out"] == 1204 - 300 - 20
    assert [one["sis_field"] for one in said["candidates"]] == [False, False, False, False, True]
    assert said["mixture"] is None


def test_json_has_the_rules_of_a_mixture():
    """The newest intakes need none: they are what [usernames] is for."""
    said = suggest_json(Suggestion(1204, FOUND.candidates, FOUND.current, PARTED))["mixture"]
    assert (said["by"], said["matched"], said["compared"]) == ("cohort", 1188, 1204)
    assert [part["rule"] is None for part in said["parts"]] == [True, False]
    assert said["parts"][1]["rule"]["when"] == {"field.cohort": ["2028"]}


def test_every_guess_has_words():
    """A guess without words would break the report."""
    assert all(GUESSES.values())
    assert MISFIT.why in GUESSES
