"""What people are told of a sync, in lines, mails and values."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from connector.domain.account import Account
from connector.domain.operation import Attempt, Ending
from connector.domain.plan import Action, Change, GuardLine, Plan
from connector.report.notice import NAMED, attempt_line, findings_words, notice_of

AT = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
BRISBANE = timezone(timedelta(hours=10), "AEST")
AMELIA = Account("aquill", "S0101", family_name="Quillfeather", given_names="Amelia\u202e", year_level="7")
PLAN = Plan(
    AT,
    changes=(
        Change(Action.CREATE, None, AMELIA),
        Change(Action.ARCHIVE, AMELIA, AMELIA._replace(archived=True), ("archived",)),
    ),
    guard=(GuardLine("max-shrink", 40, 30, 300, refused=True),),
)
WORDS = ("Amelia", "Quillfeather", "aquill", "S0101")


def attempt(ending, **more):
    """An attempt of 1.4 seconds."""
    return Attempt(AT, AT + timedelta(seconds=1.4), "schedule", "root", ending, **more)


DONE = attempt(Ending.DONE, run=12, counts={"create": 1, "archive": 1, "unchanged": 297}, findings={"info": 2})
REFUSED = attempt(Ending.REFUSED, refused=("max-shrink",))
FAILED = attempt(Ending.FAILED, message="students.csv:\n  no such file", hint="Export it again.")


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (DONE, "2026-03-02 08:30  run 12: 1 account created, 1 archived; 2 findings (1.4 s)"),
        (DONE._replace(counts={}, findings={}), "2026-03-02 08:30  run 12: nothing had to change (1.4 s)"),
        (REFUSED, "2026-03-02 08:30  refused by the guard (max-shrink); nothing was written (1.4 s)"),
        (FAILED, "2026-03-02 08:30  failed: students.csv: no such file (1.4 s)"),
        (attempt(Ending.BUSY, message="held by pid 7"), "2026-03-02 08:30  left out: held by pid 7 (1.4 s)"),
    ],
)
def test_an_attempt_is_one_line_whatever_became_of_it(one, line):
    """When it began by the clock on the wall, how it ended, how long it took."""
    assert attempt_line(one, BRISBANE) == line


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        ({}, ""),
        ({"info": 1}, "1 finding"),
        ({"error": 1, "info": 0}, "1 finding: 1 error"),
        ({"error": 2, "warning": 1, "info": 3}, "6 findings: 2 errors, 1 warning, 3 to know"),
    ],
)
def test_findings_are_counted_by_what_they_ask_for(findings, words):
    """Errors first; where all are only to know, the number says enough."""
    assert findings_words(DONE._replace(findings=findings)) == words


@pytest.mark.parametrize(("occasion", "one"), [("changed", DONE), ("refused", REFUSED), ("failed", FAILED)])
def test_without_names_a_notice_tells_of_nobody(occasion, one):
    """Neither name, username nor code is in its line, text or values."""
    told = notice_of(occasion, one, PLAN, school="Riverside", command="trackone -c /srv/c.toml", names=False)
    said = told.subject + told.text + str(told.facts)
    assert [word for word in WORDS if word in said] == []
    assert told.subject.startswith("Riverside: ")


def test_with_names_a_notice_lists_who_was_changed():
    """One line each, what takes something away first, and no sign in a name turns the line round."""
    told = notice_of("changed", DONE, PLAN, school="", command="trackone", names=True)
    assert told.text.endswith(
        "□ archive  S0101  aquill  Amelia\\u202e Quillfeather  Archived: no → yes\n"
        "+ create  S0101  aquill  Amelia\\u202e Quillfeather  Year 7\n"
    )
    assert told.facts["changes"][0]["username"] == "aquill"


def test_a_long_list_of_names_says_how_many_more_there_are():
    """Nothing is cut without a word, though the plan itself holds only the first of them."""
    many = Plan(AT, changes=PLAN.changes[:1] * (NAMED + 50))
    told = notice_of("changed", DONE._replace(counts={"create": 5000}), many, school="", command="x", names=True)
    assert told.text.count("aquill") == NAMED
    assert told.text.endswith(f"and {5000 - NAMED:,} more\n")


def test_a_refusal_gives_the_numbers_and_the_next_step():
    """The rule with what it measured, then how to look and how to let it pass."""
    told = notice_of("refused", REFUSED, PLAN, school="Riverside", command="trackone -c c.toml", names=False)
    assert "40 of 300 students of the last run are not here any more; 30 may be" in told.text
    assert "If it is right: trackone -c c.toml sync --accept max-shrink" in told.text


def test_a_recovery_says_so_first():
    """Whoever was told of the trouble sees at once that it is over."""
    told = notice_of("recovered", DONE, PLAN, school="Riverside", command="trackone", names=False)
    assert told.subject == "Riverside: well again; run 12: 1 account created, 1 archived; 2 findings"
