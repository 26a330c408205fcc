"""Every code that can be said has words."""

import pytest

from connector.domain.finding import ERRORS, WARNINGS, finding
from connector.domain.plan import GUARD_CODES, SKIP_REASONS, Action
from connector.report.findings import attention, grouped, meaning_of
from connector.report.glossary import (
    FINDINGS,
    MARKS,
    SEVERITY_MARKS,
    SKIPS,
    Meaning,
    Who,
    finding_meaning,
    label,
    skip_meaning,
    year_label,
)
from connector.report.office import corrections
from connector.report.sentences import guard_meaning
from connector.report.terminal import ASCII

INFOS = {
    *("case-differs", "expires-soon", "stale-login", "wrong-year-ou", "mail-differs", "orphan-in-directory", "drift"),
    *("held-inactive-by-scim", "held-inactive-by-person", "missing-from-sis", "username-stays", "touched-since"),
}


def test_every_finding_code_has_words() -> None:
    """Each code with a severity is explained, and no explanation is left over."""
    assert set(FINDINGS) == ERRORS | WARNINGS | INFOS


def test_every_skip_reason_and_guard_code_has_words() -> None:
    """Each reason why a student gets no account, and each rule of the guard, is explained."""
    assert set(SKIPS) == set(SKIP_REASONS)
    assert len({guard_meaning(code) for code in GUARD_CODES}) == len(GUARD_CODES)


@pytest.mark.parametrize("meaning", [*FINDINGS.values(), *SKIPS.values()], ids=lambda meaning: meaning.title)
def test_whoever_is_named_is_told_what_to_do(meaning: Meaning) -> None:
    """A matter that waits for somebody says what they do; the office is told which field."""
    assert bool(meaning.who) == bool(meaning.todo)
    assert (meaning.who is Who.OFFICE) == bool(meaning.field)


def test_an_unknown_code_speaks_for_itself() -> None:
    """A code without an explanation is spelled out, not lost."""
    assert finding_meaning("new-thing").title == "New thing"
    assert skip_meaning("new-thing").title == "New thing"
    assert label("new_thing") == "New thing"


def test_marks_are_told_apart_also_in_ascii() -> None:
    """Every kind of change and every severity has a shape of its own, of one column, in ASCII too."""
    marks = [*MARKS.values(), *SEVERITY_MARKS.values()]
    assert set(MARKS) == set(Action)
    assert len(set(marks)) == len(marks)
    plain = [mark.translate(ASCII) for mark in marks]
    assert all(len(mark) == 1 and mark.isascii() for mark in plain)
    assert len(set(plain)) == len(plain)


@pytest.mark.parametrize(
    ("year", "expected"), [("7", "Year 7"), ("P", "P"), ("UG", "Ungraded"), ("", "No year level")]
)
def test_year_levels_as_people_say_them(year: str, expected: str) -> None:
    """Numbers become "Year 7"; the letters differ from state to state and stay."""
    assert expected == year_label(year)


@pytest.mark.parametrize(
    ("reason", "who"),
    [
        ("empty-username", Who.OFFICE),
        ("confusable-name", Who.OFFICE),
        ("non-latin-name", Who.TRACKONE),
        ("username-taken", Who.TRACKONE),
        ("held-inactive-by-person", Who.TRACKONE),
        ("", Who.OFFICE),
    ],
)
def test_who_puts_a_missing_username_right(reason: str, who: Who) -> None:
    """The office corrects what is wrong in the SIS; where the rules are at fault it is not asked."""
    found = finding("no-username", sis_code="S1", reason=reason)
    assert meaning_of(found).who is who
    assert attention([found])[who] == 1
    assert bool(corrections([found])) == (who is Who.OFFICE)
    assert grouped([found])[0].meaning.who is who
