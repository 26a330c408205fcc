"""The record of runs: what it keeps, and what becomes of a run that fails."""

from datetime import timedelta

import pytest

from connector.domain.account import UserType
from connector.domain.errors import StoreError
from connector.domain.ports import Credential, RunRequest
from connector.domain.run import Run
from tests.store.people import DAWN, SYNC, archive, by_name, create, remove, rename, run, student, update


def test_a_run_is_recorded_whole(store):
    """A closed run keeps who asked for what, its times, counts, accepted codes and summary."""
    request = RunRequest("apply", "console", "head", "fingerprint-1")
    with store.run(request) as writer:
        assert writer.number == 1
        writer.close({"create": 2}, {"inputs": {"sis": "students.csv"}}, ["max-archives"])
    [found] = store.runs()
    assert found == Run(
        number=1,
        started_at=found.started_at,
        finished_at=found.finished_at,
        command="apply",
        origin="console",
        actor="head",
        counts={"create": 2},
        accepted=("max-archives",),
        plan="fingerprint-1",
        undoes=None,
        summary={"inputs": {"sis": "students.csv"}},
    )
    assert DAWN < found.started_at < found.finished_at < DAWN + timedelta(minutes=1)


def test_a_run_left_unclosed_counts_what_it_wrote(store):
    """A run whose context ends well without close is kept and counted by action."""
    run(store, create(student("a")), create(student("b")))
    run(store, archive(by_name(store)["a"]), update(by_name(store)["b"], campus="N"))
    assert [one.counts for one in store.runs()] == [{"archive": 1, "update": 1}, {"create": 2}]
    assert all(one.finished_at for one in store.runs())


def fail_late(store, fault):
    """A run that has written all it wanted when it fails."""
    with store.run(SYNC) as writer:
        writer.write([create(student("b"))])
        writer.set_state("mapping", "new")
        writer.remember_baseline(["s1"])
        raise fault


@pytest.mark.parametrize("fault", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_a_failed_run_leaves_nothing(store, fault):
    """Whatever ends a run early, accounts, facts, record and run number are as before; the lock is free."""
    run(store, create(student("a")))
    with pytest.raises(fault):
        fail_late(store, fault)
    assert list(by_name(store)) == ["a"]
    with store.view() as view:
        assert (view.state("mapping"), view.baseline_codes()) == (None, set())
    run(store, create(student("c")))
    assert [one.number for one in store.runs()] == [2, 1]


def test_outcomes_are_numbered_over_all_calls_of_a_run(store):
    """The sequence of outcomes goes on from call to call, starting with 1."""
    with store.run(SYNC) as writer:
        writer.write([create(student("a")), create(student("b"))])
        writer.write([create(student("c"))])
    assert [(one.sequence, one.change.username) for one in store.outcomes(1)] == [(1, "a"), (2, "b"), (3, "c")]


def test_a_run_there_never_was_is_an_error(store):
    """outcomes() says so at once, and so does a run that would undo it."""
    with pytest.raises(StoreError, match="there is no run 7"):
        store.outcomes(7)
    with pytest.raises(StoreError, match="there is no run 7"):
        run(store, undoes=7)


def test_history_is_one_account_newest_first(store):
    """history() gives every recorded change of one account, over all runs."""
    [number, other] = run(store, create(student("a")), create(student("b")))
    run(store, update(by_name(store)["a"], campus="N"))
    run(store, rename(by_name(store)["a"], "c"), update(by_name(store)["b"], campus="S"))
    assert [(one.run, str(one.change.action)) for one in store.history(number)] == [
        (3, "rename"),
        (2, "update"),
        (1, "create"),
    ]
    assert len(store.history(other)) == 2
    assert store.history(99) == []


def test_an_undo_says_what_it_undoes(store):
    """The run that undoes another keeps its number."""
    run(store, create(student("a")))
    run(store, undoes=1)
    assert [one.undoes for one in store.runs()] == [1, None]


def test_a_plan_applied_is_known_by_its_fingerprint(store):
    """applied_as() gives the run that applied a plan; runs without a plan are never meant."""
    run(store)
    with store.run(SYNC._replace(plan="abc")):
        pass
    assert [store.applied_as(mark) for mark in ("abc", "abd", "")] == [2, None, None]


def test_a_view_stays_as_it_is(store):
    """A view opened before a run does not see what the run writes, even after it has ended."""
    run(store, create(student("a")))
    with store.view() as view:
        run(store, create(student("b")))
        assert [one.username for one in view.accounts()] == ["a"]
    assert list(by_name(store)) == ["a", "b"]


def test_a_run_sees_what_it_wrote(store):
    """Within a run its own writes are read back, while others see none of them yet."""
    with store.run(SYNC) as writer:
        writer.write([create(student("a"))])
        assert [one.username for one in writer.accounts()] == ["a"]
        assert by_name(store) == {}


def test_erasing_leaves_a_stub(store):
    """An erased account is gone with its names and images; the runs it was part of still count it."""
    [number, _] = run(store, create(student("asmith", "S1", family_name="Smith")), create(student("b")))
    run(store, rename(by_name(store)["asmith"], "amelia"))
    with store.run(SYNC) as writer:
        writer.erase(number)
    assert list(by_name(store)) == ["b"]
    with store.view() as view:
        assert view.holders(["asmith", "amelia"]) == {}
    stubs = [store.history(number)[1].change, store.history(number)[0].change]
    assert [(str(stub.action), stub.before is None, stub.subject[:4]) for stub in stubs] == [
        ("create", True, ("(erased)", "", "Student", "")),
        ("rename", False, ("(erased)", "", "Student", "")),
    ]
    assert all(stub.changed == stub.reasons == () for stub in stubs)
    assert len(list(store.outcomes(1))) == 2
    run(store, create(student("asmith", "S1")))


def test_an_account_already_removed_can_be_erased(store):
    """What the record still holds of a removed account is scrubbed too; an id there never was is an error."""
    [number] = run(store, create(student("asmith")))
    run(store, create(student("b")), undoes=None)
    with store.run(SYNC) as writer:
        writer.write([update(by_name(store)["asmith"], campus="N")])
        writer.erase(number)
        writer.erase(number)
        with pytest.raises(StoreError, match="no account with the id 99"):
            writer.erase(99)
    assert {one.change.username for one in store.history(number)} == {"(erased)"}


def test_facts_are_remembered(store):
    """State and baseline codes are replaced by what was said last."""
    for value in ("one", "two"):
        with store.run(SYNC) as writer:
            writer.set_state("mapping", value)
            writer.remember_baseline({value, "s1"})
    with store.view() as view:
        assert (view.state("mapping"), view.state("scope")) == ("two", None)
        assert view.baseline_codes() == {"two", "s1"}
    with store.run(SYNC) as writer:
        writer.remember_baseline([])
        assert writer.baseline_codes() == set()


def test_credentials_of_creates_stay_out_of_the_record(store):
    """No image holds a verifier."""
    run(store, create(student("a")), credential=lambda: Credential("hmac-sha512$x$y", must_change=True))
    assert "hmac" not in repr(list(store.outcomes(1)))


def test_the_plan_key_is_made_once(opener):
    """The key is 32 bytes and the same for everybody who opens the store."""
    key = opener().plan_key()
    assert len(key) == 32
    assert opener().plan_key() == key


def test_the_image_of_a_creation_outlives_the_account_as_it_was_created(store):
    """What a run created is told as it was, whatever became of the account since: changed, re-keyed, removed."""
    made = [student(name, f"S{name}", email=f"{name}@riverside.example") for name in "abcde"]
    run(store, *map(create, made))
    with store.run(SYNC) as writer:
        writer.set_credential(by_name(store)["e"].id, Credential("verifier"))
    run(
        store,
        update(by_name(store)["a"], email="other@riverside.example"),
        rename(by_name(store)["b"], "z"),
        update(by_name(store)["c"], user_type=UserType.STAFF),
        remove(by_name(store)["d"]),
    )
    created = [outcome.change.after for outcome in store.outcomes(1)]
    assert created == [one._replace(id=number, version=1) for number, one in enumerate(made, 1)]
    assert [outcome.change.before for outcome in store.outcomes(3)] == created[:4]


def test_an_erased_account_leaves_no_image_of_its_creation(store):
    """Erasing an account that nobody changed leaves the record of its creation without anything of it."""
    [number] = run(store, create(student("a", "S1", family_name="Smith")))
    with store.run(SYNC) as writer:
        writer.erase(number)
    [created] = [outcome.change.after for outcome in store.outcomes(1)]
    assert (created.username, created.sis_code, created.family_name) == ("(erased)", "", "")
