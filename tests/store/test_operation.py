"""What is kept of running unattended, on every store."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.domain.operation import Attempt, Ending, Totals
from connector.domain.plan import Action
from connector.store.open import Reach, open_journal
from tests.store.people import DAWN, by_name, create, rename, run, student

HOUR = timedelta(hours=1)
DONE = Attempt(
    DAWN, DAWN + timedelta(seconds=2), "cli", "root", Ending.DONE, 1, {"create": 3, "skip": 1}, {"info": 2}
)
REFUSED = Attempt(DAWN + HOUR, DAWN + HOUR, "schedule", "root", Ending.REFUSED, refused=("max-shrink", "max-rejects"))
FAILED = Attempt(
    DAWN + 2 * HOUR, DAWN + 2 * HOUR, "schedule", "root", Ending.FAILED, message="gone", hint="look", told=DAWN
)


@pytest.fixture
def journal(store, address, clock):  # noqa: ARG001 - the store is made first
    """The journal of the same store."""
    return open_journal(address.url, clock, Reach(address.schema, key_file=address.key_file))


def test_attempts_come_back_as_they_were(journal):
    """Every field, the newest first, and the newest of an ending."""
    assert (journal.attempts(9), journal.last(), journal.last(Ending.DONE)) == ([], None, None)
    for one in (DONE, REFUSED, FAILED):
        journal.note(one)
    assert journal.attempts(2) == [FAILED, REFUSED]
    assert (journal.last(), journal.last(Ending.DONE)) == (FAILED, DONE)


def test_totals_only_grow(journal):
    """By ending, guard code and action; forgetting old attempts takes nothing off them."""
    assert journal.totals() == Totals()
    for one in (DONE, DONE, REFUSED):
        journal.note(one)
    before = journal.totals()
    assert before.endings == {"done": 2, "refused": 1}
    assert before.seconds == {"done": 4, "refused": 0}
    assert before.refusals == {"max-shrink": 1, "max-rejects": 1}
    assert before.changes == {"create": 6}
    journal.scrub(DAWN + 1000 * HOUR, DAWN + 1000 * HOUR)
    assert journal.totals() == before


def test_old_attempts_are_forgotten_but_the_newest_of_each_ending(journal):
    """When it was last well stays known, however long ago that is."""
    for one in (DONE, DONE._replace(run=2), REFUSED, FAILED):
        journal.note(one)
    journal.scrub(DAWN + 1000 * HOUR, DAWN + 1000 * HOUR)
    assert journal.attempts(9) == [FAILED, REFUSED, DONE._replace(run=2)]


def test_a_scrubbed_run_keeps_its_numbers_and_nobody(store, journal):
    """Actions, order and counts stay; every image and reason is gone, the accounts and their names are as before."""
    run(store, create(student("aquill", "S1")), create(student("bodhi", "S2")))
    amelia, bodhi = by_name(store).values()
    run(store, rename(amelia, "amelia.q"))
    before = store.runs()
    assert journal.scrub(DAWN, DAWN + HOUR) == []
    assert journal.scrub(DAWN + HOUR, DAWN + HOUR) == [1, 2]
    assert journal.scrub(DAWN + HOUR, DAWN + HOUR) == []
    assert [replace(one, summary={}) for one in store.runs()] == [replace(one, summary={}) for one in before]
    told = [*store.outcomes(1), *store.outcomes(2)]
    assert [one.change.action for one in told] == [Action.CREATE, Action.CREATE, Action.RENAME]
    assert [word for word in ("aquill", "bodhi", "amelia.q", "S1") if word in str(told)] == []
    assert {one.change.reasons for one in told} == {("removed from the record",)}
    assert [len(store.history(one.id)) for one in (amelia, bodhi)] == [2, 1]
    with store.view() as accounts:
        assert [one.username for one in accounts.accounts()] == ["amelia.q", "bodhi"]
        assert accounts.retired_names(amelia.id) == ["aquill"]


def test_a_run_that_goes_on_is_not_scrubbed(store, journal):
    """A young run keeps its images, and can be undone."""
    run(store, create(student("aquill", "S1")))
    assert journal.scrub(DAWN - HOUR, DAWN + HOUR) == []
    assert [one.change.after.username for one in store.outcomes(1)] == ["aquill"]


def test_notes_are_kept_while_somebody_reads(store, journal):
    """A long look at the store holds no note up."""
    with store.view() as accounts:
        assert accounts.is_empty()
        journal.note(DONE)
    assert journal.last() == DONE


def test_notes_made_at_once_are_all_kept(address, store, clock):  # noqa: ARG001 - the store is made first
    """Schedule, command line and console may end at one moment: each attempt has its number and its count."""
    reach = Reach(address.schema, key_file=address.key_file)

    def note(_at):
        open_journal(address.url, clock, reach).note(DONE)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(note, range(24)))
    journal = open_journal(address.url, clock, reach)
    assert len(journal.attempts(99)) == 24
    assert journal.totals().endings == {"done": 24}
