"""The record of alignments: counts of every one, the findings of the last."""

from datetime import UTC, date, datetime, timedelta

import pytest

from connector.domain.alignment import AlignmentRecord, FindingKey
from tests.store.people import SYNC, create, run, student

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DISABLED, ORPHAN = FindingKey("disabled", "S1"), FindingKey("orphan-in-directory", "#0123456789abcdef")


def record(number: int) -> AlignmentRecord:
    """One of several alignments."""
    at = NOON + timedelta(days=number)
    return AlignmentRecord(at, date(2026, 3, 2 + number), 100, 90 + number, 120, {"matched": 88, "case-differs": 2})


def test_a_store_without_alignments(store):
    """There is none, and nothing was found."""
    assert store.alignments("all", 30) == []
    assert store.last_findings("all") == set()


def test_the_newest_records_come_back_the_oldest_first(opener):
    """What was kept is there when the store is opened again; of many only the newest are given."""
    for number in range(4):
        opener().keep_alignment("all", record(number), {DISABLED})
    assert opener().alignments("all", 30) == [record(number) for number in range(4)]
    assert opener().alignments("all", 2) == [record(2), record(3)]


@pytest.mark.parametrize("last", [set(), {ORPHAN}, {DISABLED, ORPHAN}])
def test_the_findings_are_those_of_the_last_alignment(store, last):
    """Each alignment's findings take the place of those before, also where it has none."""
    store.keep_alignment("all", record(0), [DISABLED, DISABLED])
    assert store.last_findings("all") == {DISABLED}
    store.keep_alignment("all", record(1), last)
    assert store.last_findings("all") == last


def test_populations_are_kept_apart(store):
    """What was found of some year levels is no ground to compare all of them with."""
    store.keep_alignment("all", record(0), {DISABLED})
    store.keep_alignment("7-12", record(1), {ORPHAN})
    assert store.alignments("all", 30) == [record(0)]
    assert store.last_findings("all") == {DISABLED}
    assert store.last_findings("7-12") == {ORPHAN}


def test_whoever_is_erased_is_forgotten_here_too(store):
    """The findings about an erased account go with it; those about others stay."""
    run(store, create(student("ann", "S1")))
    store.keep_alignment("all", record(0), {DISABLED, ORPHAN})
    with store.view() as view:
        account = next(view.accounts())
    with store.run(SYNC) as writer:
        writer.erase(account.id)
    assert store.last_findings("all") == {ORPHAN}
