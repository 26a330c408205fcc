"""What stands in the record of runs behind SCIM writes, whichever of several workers did them."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from connector.domain.plan import Action
from connector.domain.run import SCRUBBED
from connector.domain.scim import Caller
from connector.store.open import open_desk, open_journal
from scim_server.users import document_of, unchanged
from tests.scim_server.conftest import School
from tests.scim_server.talk import made, patch, student, user

OFF, ON = (patch({"op": "replace", "path": "active", "value": value}) for value in (False, True))


@pytest.fixture
def workers(school, tmp_path):
    """Two workers of one server: each has its own connections to the store, and its own memory."""
    return school, School(tmp_path, url=school.url)


def rows(school, statement):
    """What a statement finds in the store."""
    with closing(sqlite3.connect(school.url.removeprefix("sqlite:///"))) as connection:
        return connection.execute(statement).fetchall()


def changes(school):
    """Every change on record, by run, in order."""
    return [[one.change for one in school.store.outcomes(run.number)] for run in school.store.runs()]


def test_workers_that_take_turns_go_on_with_one_run(workers):
    """Each sees what the others wrote: no number of a change or an account comes twice, and all are counted."""
    ids = [made(workers[which], f"user{number}") for number, which in enumerate((0, 0, 1, 0, 1, 1))]
    for worker in (*workers, *reversed(workers)):
        for one in ids[:3]:
            flag = worker("GET", f"/Users/{one}").told["active"]
            assert worker("PATCH", f"/Users/{one}", OFF if flag else ON).status_code == 200
    [run] = workers[0].store.runs()
    [done] = changes(workers[0])
    assert len(set(ids)) == len(ids)
    assert [str(one.action) for one in done] == ["create"] * len(ids) + ["update"] * 12
    assert run.counts == {"create": len(ids), "update": 12}


def test_clients_that_take_turns_have_a_run_each(school):
    """New accounts are counted for all of them together, changes for each."""
    ids = [made(school, f"user{number}", client=client) for number, client in enumerate(("entra", "okta") * 3)]
    assert ids == [str(number) for number in range(1, 7)]
    assert [(run.actor, run.counts) for run in school.store.runs()] == [
        ("okta", {"create": 3}),
        ("entra", {"create": 3}),
    ]
    sequences = [[one.sequence for one in school.store.outcomes(number)] for number in (1, 2)]
    assert sequences == [[1, 2, 3], [1, 2, 3]]


def test_a_write_that_failed_leaves_no_trace_in_the_next(school):
    """The next change has the number that the failed one would have had."""
    one = made(school)
    assert school("POST", "/Users", user("amelia")).status_code == 409
    assert school("PATCH", "/Users/77", OFF).status_code == 404
    assert school("PATCH", f"/Users/{one}", OFF).status_code == 200
    assert made(school, "ben") == str(int(one) + 1)
    [run] = school.store.runs()
    assert [one.sequence for one in school.store.outcomes(run.number)] == [1, 2, 3]


def test_writes_of_one_moment_are_all_counted(school):
    """The record of a run is brought up to date once a second; whoever reads it counts what was done since."""
    one = made(school)
    caller, now = Caller("entra", "token-1", frozenset({"write"})), school.clock()
    still = replace(school.provision, clock=lambda: now, desk=open_desk(school.url, lambda: now))
    for active in (False, True, False):
        with still.act(caller) as writer:
            wanted = unchanged(writer.person(int(one)))._replace(active=active)
            still.change(writer, caller, int(one), lambda _person, wanted=wanted: wanted, document_of)
    [run] = school.store.runs()
    assert (run.counts, run.finished_at) == ({"create": 1, "update": 3}, now)
    [noted] = [row[0] for row in rows(school, "SELECT counts FROM runs")]
    assert noted == '{"create":1,"update":1}'
    assert school("PATCH", f"/Users/{one}", ON).status_code == 200
    assert [run.counts for run in school.store.runs()] == [{"create": 1, "update": 4}]


@pytest.mark.parametrize("writes", [[OFF], [OFF, ON], [patch({"op": "add", "value": {"title": "x"}}), OFF]])
def test_the_record_knows_an_account_as_it_was_made(school, writes):
    """Also behind changes over SCIM, which do not write it down a second time."""
    [one] = school.make(student("asmith", "S1"))
    as_made = school.accounts()["asmith"]
    for body in writes:
        assert school("PATCH", f"/Users/{one}", body).status_code == 200
    *_, [creation] = changes(school)
    assert (creation.action, creation.after) == (Action.CREATE, as_made)
    history = [change.change for change in school.store.history(int(one))]
    assert history[-1] == creation
    assert [change.after.version for change in history] == list(range(len(writes) + 1, 0, -1))


def test_an_account_is_scrubbed_from_the_record_whatever_goes_first(school):
    """A creation whose first change has lost what it did shows nobody, rather than the account as it is now."""
    one = made(school, "ben")
    assert school("PATCH", f"/Users/{one}", OFF, Client="okta").status_code == 200
    change, creation = school.store.runs()
    made(school, "zoe")  # the run that made the account goes on
    journal = open_journal(school.url, school.clock)
    assert journal.scrub(change.finished_at.replace(microsecond=1), school.clock()) == [change.number]
    first, _zoe = school.store.outcomes(creation.number)
    assert (first.change.action, first.change.after.username, first.change.after.id) == (
        Action.CREATE,
        "(removed)",
        int(one),
    )


def test_a_run_that_was_scrubbed_does_not_go_on(school):
    """What is done in the same hour is a run of its own, and the scrubbed one goes on saying that it was."""
    made(school, "ben")
    [scrubbed] = school.store.runs()
    journal = open_journal(school.url, school.clock)
    assert journal.scrub(school.clock(), school.clock()) == [scrubbed.number]
    made(school, "zoe")
    later, still = school.store.runs()
    assert (still.number, SCRUBBED in still.summary, still.counts) == (scrubbed.number, True, {"create": 1})
    assert [one.change.after.username for one in school.store.outcomes(later.number)] == ["zoe"]
