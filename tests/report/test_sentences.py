"""The sentences that every edge says."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from connector.domain.alignment import Alignment, AlignmentRecord, Trend
from connector.domain.entry import Completeness
from connector.domain.finding import finding
from connector.domain.plan import Counts, GuardLine, Plan, Skip
from connector.report import sentences as say
from connector.report.findings import attention
from connector.report.glossary import Who
from tests.report.samples import NOW, REFUSED


def plan(counts: Counts, **more: object) -> Plan:
    """A plan with nothing but its counts."""
    return replace(Plan(NOW, counts=counts), **more)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (
            Counts(create=31, update=12, rename=1, archive=6, unchanged=1150, skip=4),
            (
                "1,204 students read. 31 accounts to create, 12 to update, 1 to rename, 6 to archive."
                " 1,150 unchanged. 4 students get no account."
            ),
        ),
        (Counts(create=1, skip=1), "2 students read. 1 account to create. 1 student gets no account."),
        (Counts(unchanged=1), "1 student read. Nothing to change. 1 unchanged."),
        (Counts(), "0 students read. Nothing to change."),
    ],
)
def test_plan_in_a_sentence(counts: Counts, expected: str) -> None:
    """A plan's sentence has the right numbers, singulars and plurals."""
    assert expected == say.plan_sentence(plan(counts))


@pytest.mark.parametrize(
    ("kind", "undoes", "expected"),
    [
        ("undo", 7, "Undo of run 7: 1 account to restore, 2 to remove."),
        ("rename", None, "1 account to restore, 2 to remove. 3 unchanged."),
    ],
)
def test_other_plans_in_a_sentence(kind: str, undoes: int | None, expected: str) -> None:
    """An undo names its run; a plan that read no SIS speaks of no students read."""
    assert expected == say.plan_sentence(plan(Counts(restore=1, remove=2, unchanged=3), kind=kind, undoes=undoes))


def test_rows_read_are_taken_from_the_read() -> None:
    """Accounts that are archived because they are missing were not read, so the read itself is asked."""
    said = plan(Counts(archive=4, unchanged=10), inputs={"sis": {"rows": 10}})
    assert say.plan_sentence(said) == "10 students read. 4 accounts to archive. 10 unchanged."


def test_done_is_the_plan_in_the_past_tense() -> None:
    """What was done is said in the same order and numbers, in the past tense."""
    counts = Counts(create=31, update=12, unchanged=1150, skip=4)
    assert say.done_sentence(counts) == "31 accounts created, 12 updated. 1,150 unchanged. 4 students got no account."
    assert say.done_sentence(Counts(unchanged=3)) == "Nothing had to change. 3 unchanged."


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (0, 0, "0%"),
        (0, 9, "0%"),
        (9, 9, "100%"),
        (9999, 10000, "99.9%"),
        (1, 10000, "0.1%"),
        (1161, 1204, "96.4%"),
        (1, 2, "50.0%"),
    ],
)
def test_percent_never_says_all_or_none_when_it_is_not(part: int, whole: int, expected: str) -> None:
    """Only all is 100% and only none is 0%."""
    assert expected == say.percent(part, whole)


def _trend(previous: float | None) -> Trend | None:
    if previous is None:
        return None
    record = AlignmentRecord(NOW, NOW.date(), 1000, round(1000 * previous), 1000, {})
    return Trend((record,))


@pytest.mark.parametrize(
    ("matched", "students", "previous", "expected"),
    [
        (1161, 1204, 0.95, "1,161 of 1,204 students have a {} (96.4%, 1.4 points more than last time). {}"),
        (1161, 1204, 0.97, "1,161 of 1,204 students have a {} (96.4%, 0.6 points less than last time). {}"),
        (1, 3, None, "1 of 3 students has a {} (33.3%). {}"),
        (1, 2, 0.5, "1 of 2 students has a {} (50.0%, as last time). {}"),
    ],
)
def test_alignment_in_a_sentence(matched: int, students: int, previous: float | None, expected: str) -> None:
    """The match is said with its numbers, its rate and how it moved."""
    said = expected.format("username that equals the network login", "The directory has 1,310 entries.")
    assert said == say.alignment_sentence(Alignment(students, 1310, matched, trend=_trend(previous)))


def test_names_that_nobody_has_yet_are_told_apart() -> None:
    """Students without an account count with the name they would get, and the sentence says so."""
    said = say.alignment_sentence(Alignment(10, 12, 9, proposed=4))
    assert "4 have no account yet and count with the username a sync would give." in said
    assert "1 has no account yet and counts" in say.alignment_sentence(Alignment(10, 12, 9, proposed=1))


def test_what_a_sync_would_change_waits_for_nobody() -> None:
    """`drift` is listed, but not counted among what somebody has to do."""
    found = [finding("drift", sis_code="S1"), finding("username-differs", sis_code="S2")]
    assert sum(attention(found).values()) == 1


def test_alignment_of_nobody() -> None:
    """Where nobody is compared no rate is claimed."""
    said = "There is no active student to compare. The directory has 1 entry."
    assert said == say.alignment_sentence(Alignment(0, 1, 0, trend=_trend(0.5)))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            GuardLine("max-archives", 312, 120, 1204, refused=True),
            "312 of 1,204 accounts would be archived; 120 may be at once",
        ),
        (
            GuardLine("max-archives", 3, 5, 3, refused=True, detail="it would hit every one"),
            "3 of 3 accounts would be archived; 5 may be at once (it would hit every one)",
        ),
        (GuardLine("empty-read", 0, 1, 9, refused=True), "0 students are here; at least 1 must be"),
        (GuardLine("mapping-changed", 1, 0, 1, refused=True, detail="the mapping differs"), "the mapping differs"),
        (GuardLine("new-code", 7, 5, 9, refused=True), "7 of 9, limit 5"),
    ],
)
def test_guard_names_its_numbers(line: GuardLine, expected: str) -> None:
    """Each rule of the guard says what it measured, against which limit, in which population."""
    assert expected == say.guard_fact(line)


def test_guard_verdict() -> None:
    """The verdict names the codes that refuse, or those that were accepted."""
    assert say.guard_sentence(REFUSED) == "Refused by the guard: max-archives."
    accepted = replace(REFUSED, guard=tuple(line._replace(accepted=line.refused) for line in REFUSED.guard))
    assert (
        say.guard_sentence(accepted)
        == "Allowed by the guard, because this was accepted: max-archives and max-renames."
    )
    assert say.guard_sentence(Plan(NOW)) == "Allowed by the guard: every number is within its limit."


def test_who_waits_is_told_in_one_sentence() -> None:
    """Findings are counted for those who can act; nobody is named who has nothing to do."""
    waiting = {Who.OFFICE: 1, Who.NETWORK: 0, Who.TRACKONE: 1200}
    assert (
        say.attention_sentence(waiting) == "1 finding for the school office and 1,200 for the TrackOne administrator."
    )
    assert say.attention_sentence({Who.OFFICE: 0}) == ""


def test_skips_are_summed_up_by_reason() -> None:
    """The reasons why students get no account are counted, the most frequent first."""
    skips = [Skip("1", "not-active"), Skip("2", "username-taken"), Skip("3", "not-active")]
    assert say.skip_sentence(skips) == "Not here now (2), username is taken (1)."


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (Completeness(), "The directory was read to its end."),
        (Completeness(excluded=1), "The directory was read to its end. 1 entry left out by rule."),
        (
            Completeness(complete=False, reason="size limit reached"),
            "The directory was not read to its end: size limit reached. Nobody is listed for being absent from it.",
        ),
    ],
)
def test_completeness_in_a_sentence(read: Completeness, expected: str) -> None:
    """A reader is told whether absence means anything."""
    assert expected == say.completeness_sentence(read)


def test_days_moments_and_lists() -> None:
    """Days are written out, moments are in the reader's zone, lists end in "and"."""
    assert say.day(date(2026, 3, 2)) == "2 March 2026"
    assert say.moment(datetime(2026, 3, 2, 23, 30, tzinfo=UTC), timezone(timedelta(hours=10))) == "2026-03-03 09:30"
    assert say.listed(["a"]) == "a"
    assert say.listed(["a", "b", "c"]) == "a, b and c"
    assert say.listed([]) == ""
    assert say.more(0, "x") == ""
    assert say.more(1212, "trackone plan --format csv") == "and 1,212 more: trackone plan --format csv"
