"""How the match rate moved, as a line and in words; what is new and gone."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from connector.domain.alignment import Alignment, AlignmentRecord, FindingKey, Trend
from connector.domain.finding import finding
from connector.report.trend import (
    Point,
    gone,
    history,
    history_sentence,
    is_new,
    line_of,
    news,
    since_sentence,
    spark,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
AS_OF = date(2026, 3, 9)


def alignments(*matched: int) -> Alignment:
    """An alignment of a hundred students, the last of these; the others came before."""
    records = [AlignmentRecord(NOON, date(2026, 3, 2), 100, one, 120, {}) for one in matched[:-1]]
    return Alignment(100, 120, matched[-1], trend=Trend(tuple(records)) if records else None)


@pytest.mark.parametrize(
    ("matched", "line", "words"),
    [
        ((90, 96, 100), "▁▅█", "3 alignments since 2 March 2026, between 90.0% and 100%"),
        ((95, 95), "▅▅", "2 alignments since 2 March 2026, always 95.0%"),
        ((100, 0), "█▁", "2 alignments since 2 March 2026, between 0% and 100%"),
    ],
)
def test_the_line_of_the_match_rate(matched: tuple[int, ...], line: str, words: str) -> None:
    """The lowest rate is the lowest sign, the highest the highest; the words say which they are."""
    points = history(alignments(*matched), AS_OF)
    assert spark(points) == line
    assert history_sentence(points) == words


def test_the_line_of_a_page() -> None:
    """It goes from the left edge to the right, high where the rate is high; one alignment makes no line."""
    line = line_of(history(alignments(90, 100, 95), AS_OF))
    assert line is not None
    assert line.points == "0.00,30.00 50.00,2.00 100.00,16.00"
    assert line_of(history(alignments(90), AS_OF)) is None


def test_the_present_alignment_is_the_last_point() -> None:
    """It stands for the day it was made for."""
    assert history(alignments(90, 95), AS_OF)[-1] == Point(AS_OF, (95, 100))


@pytest.mark.parametrize(
    ("new", "lost", "words"),
    [
        (0, 0, "the same findings."),
        (1, 0, "1 finding is new."),
        (0, 1, "1 finding is gone."),
        (2, 1, "2 findings are new, 1 is gone."),
        (1, 1200, "1 finding is new, 1,200 are gone."),
    ],
)
def test_what_changed_in_a_sentence(new: int, lost: int, words: str) -> None:
    """How many findings are new and gone since the day of the last alignment."""
    keys = [FindingKey("disabled", f"S{number}") for number in range(max(new, lost))]
    trend = replace(alignments(90, 95).trend or Trend(()), new=frozenset(keys[:new]), gone=tuple(keys[:lost]))
    assert since_sentence(trend) == f"Since the alignment of 2 March 2026: {words}"


def test_a_first_alignment_says_nothing_of_before() -> None:
    """There is no sentence, nothing is new, and nothing is gone."""
    found = finding("disabled", sis_code="S1")
    assert since_sentence(None) == ""
    assert not is_new(found, None)
    assert news([found], None) is None
    assert gone(None) == []


def test_new_findings_are_counted_by_code() -> None:
    """Only those that the last alignment had not."""
    old, fresh = finding("disabled", sis_code="S1"), finding("disabled", sis_code="S2")
    trend = Trend((AlignmentRecord(NOON, AS_OF, 1, 1, 1, {}),), new=frozenset({FindingKey("disabled", "S2")}))
    assert news([old, fresh], trend) == {"disabled": 1}


def test_what_is_gone_has_its_student() -> None:
    """By code and name where there is one; an entry of nobody's is only named by what it was."""
    keys = (FindingKey("disabled", "S1"), FindingKey("orphan-in-directory", "#0123456789abcdef"))
    trend = Trend((AlignmentRecord(NOON, AS_OF, 1, 1, 1, {}),), gone=keys)
    assert gone(trend, {"S1": "Zoë García"}) == [
        ("Login is disabled", "S1", "Zoë García"),
        ("Login without a student", "", ""),
    ]
