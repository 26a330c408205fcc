"""Real names of many countries and hostile texts, through every method."""

import csv
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from connector.domain.plan import SKIP_REASONS
from connector.domain.ruleset import Normalisation, RuleSet, UsernameRules
from connector.domain.student import Student
from connector.mapping.desired import Proposal
from connector.mapping.mapper import Mapper
from connector.mapping.naming import METHODS
from connector.mapping.verbatim import VERBATIM

DATA = Path(__file__).parent.parent / "data"
MADE = tuple(method for method in METHODS if method not in VERBATIM)
SAFE = re.compile(r"[a-z0-9](?:[._-]?[a-z0-9])*")
FORBIDDEN = re.compile(r'["/\\\[\]:;|=,+*?<>@\x00-\x1f\x7f]|\.$')


def naughty() -> list[str]:
    """The strings of the list, comments and blank lines left out."""
    text = (DATA / "naughty-strings" / "blns.txt").read_text("utf-8")
    return [line for line in text.split("\n") if line and not line.startswith("#")]


def names(kind: str) -> list[str]:
    """The names of one list, as their people write them and romanized."""
    with (DATA / "names-by-country" / f"common-{kind}-by-country.csv").open(
        encoding="utf-8-sig", newline=""
    ) as lines:
        rows = list(csv.DictReader(lines))
    return sorted({row[column] for row in rows for column in ("Localized Name", "Romanized Name")})


def people() -> Iterator[Student]:
    """Students with every family name of the list, and given names in turn."""
    given = names("forenames")
    for number, family in enumerate(names("surnames")):
        first, middle = given[number % len(given)], given[(7 * number + 3) % len(given)]
        yield Student(f"S{number}", first, family, middle, cohort=2031, email=f"s.{number}_x@y.au")


def mapper(method: str, **options: str) -> Mapper:
    """Rules of one method, its names normalised with these options."""
    template = "{given[0]}.{surname[:9]}||{middle|initials}{surname|last_word}||{code}{n}"
    rules = UsernameRules(method=method, template=template, column="X", normalisation=Normalisation(**options))
    return Mapper(RuleSet(usernames=rules))


@pytest.mark.parametrize("policy", ["skip", "transliterate", "code"])
@pytest.mark.parametrize("method", MADE)
def test_names_of_the_world(method: str, policy: str) -> None:
    """Every name gives a safe username of at most twenty characters, or a skip with a reason."""
    mapped = mapper(method, non_latin=policy)
    for student in people():
        answer = mapped.desire(student).name
        if isinstance(answer, Proposal):
            found = list(islice(answer.candidates(), 4))
            assert found[0] == answer.base
            assert all(SAFE.fullmatch(name.lower()) and 2 <= len(name) <= 20 for name in found), (student, found)
            assert all(map(answer.could_give, found))
        else:
            assert answer.reason in SKIP_REASONS
            assert answer.detail


@pytest.mark.parametrize("policy", ["skip", "transliterate", "code"])
def test_mixed_alphabets_in_the_names_of_the_world(policy: str) -> None:
    """The three names of the list that mix Latin and Cyrillic letters are found, under every policy."""
    mapped = mapper("given_surname", non_latin=policy)
    refused = []
    for name in (*names("forenames"), *names("surnames")):
        answer = mapped.desire(Student("S1", name, "Smith")).name
        if not isinstance(answer, Proposal) and answer.reason == "confusable-name":
            refused.append(name)
    assert sorted(refused) == ["Batkha\u0430n", "Ba\u0430tar", "Sukhba\u0430tar"]


@pytest.mark.parametrize("hyphen", ["remove", "keep"])
@pytest.mark.parametrize("method", METHODS)
def test_naughty_strings(method: str, hyphen: str) -> None:
    """No text, wherever it stands, makes an unsafe username or a failure."""
    mapped = mapper(method, hyphen=hyphen, non_latin="transliterate", particles="drop", multi_given="join")
    for text in naughty():
        for student in (
            Student(text, text, text, text, text, text, email=text, network_login=text, columns={"X": text}),
            Student("S1", "Amelia", text, cohort=2031, email=f"{text}@x.au", network_login=text),
            Student("S1", text, "Smith", "Rose", cohort=2031, email=f"a@{text}"),
        ):
            answer = mapped.desire(student).name
            if not isinstance(answer, Proposal):
                assert answer.reason in SKIP_REASONS
                continue
            for name in islice(answer.candidates(), 3):
                assert answer.could_give(name)
                if method in VERBATIM:
                    assert not FORBIDDEN.search(name.replace("@", "") if method == "email" else name), name
                    assert name.isprintable(), name
                else:
                    assert SAFE.fullmatch(name), name


@pytest.mark.parametrize("method", METHODS)
def test_naughty_strings_are_explained(method: str) -> None:
    """Whatever a student is called, the way to the username can be told."""
    mapped = mapper(method)
    for text in naughty():
        steps = mapped.explain(Student(text, text, text, text, email=text, network_login=text))
        assert "username" in [step.what for step in steps]
