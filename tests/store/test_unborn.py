"""A store that nobody has made yet."""

from datetime import date

import pytest

from connector.domain.errors import StoreError
from connector.domain.ports import AlignmentRecords
from connector.store.open import open_or_await_store, open_store
from tests.store.people import SYNC, TickingClock, by_name, create, run, student

QUESTIONS = {
    "known_digests": (date(2026, 3, 2),),
    "students_by_code": (["s1"],),
    "claimed_count": (["7"],),
    "claimed_students": (),
    "holders": (["asmith"],),
    "retired_names": (1,),
    "accounts": (),
    "system_accounts": (),
    "accounts_with": ([1],),
    "account": (1,),
    "find": ("asmith",),
    "is_empty": (),
    "baseline_size": (),
    "student_emails": (),
    "baseline_codes": (),
    "state": ("scope",),
}


@pytest.fixture
def path(tmp_path):
    """Where the store will be."""
    return tmp_path / "trackone.db"


@pytest.fixture
def awaited(path):
    """A store that is not there yet."""
    return open_or_await_store(f"sqlite:///{path}", TickingClock())


def answers(store):
    """What a store's view answers to every question it can be asked."""
    with store.view() as accounts:
        found = {name: getattr(accounts, name)(*asked) for name, asked in QUESTIONS.items()}
        return {
            name: list(value) if hasattr(value, "__next__") or isinstance(value, map) else value
            for name, value in found.items()
        }


def test_it_answers_as_a_new_store_would_and_makes_no_file(awaited, path, tmp_path):
    """Every question of the port has the answer that an empty store gives, and nothing is on disk afterwards."""
    found = answers(awaited)
    assert (awaited.runs(), awaited.history(1), awaited.applied_as("x")) == ([], [], None)
    assert list(tmp_path.iterdir()) == []
    assert found == answers(open_store(f"sqlite:///{path}", TickingClock()))


def test_every_question_of_the_port_is_asked(awaited):
    """A question added to the port is added here."""
    with awaited.view() as accounts:
        assert {name for name in dir(accounts) if not name.startswith("_")} == set(QUESTIONS)


def test_there_is_no_run_in_it(awaited):
    """Asking for a run is refused as in a real store."""
    with pytest.raises(StoreError, match="there is no run 3"):
        awaited.outcomes(3)


def test_its_key_is_the_one_the_store_will_have(awaited, path):
    """A plan signed before there is a store is applied to it later."""
    key = awaited.plan_key()
    assert not path.exists()
    assert open_store(f"sqlite:///{path}", TickingClock()).plan_key() == key


def test_the_first_run_makes_it(awaited, path):
    """A run writes as always, and the same store is read from then on."""
    run(awaited, create(student("a")))
    assert path.exists()
    assert list(by_name(awaited)) == ["a"]
    assert [one.number for one in awaited.runs()] == [1]


def test_a_store_that_another_process_made_is_seen(awaited, path):
    """A service that began before the store was made does not stay with an empty one."""
    assert list(by_name(awaited)) == []
    run(open_store(f"sqlite:///{path}", TickingClock()), create(student("a")))
    assert list(by_name(awaited)) == ["a"]


def test_alignments_are_kept_once_there_is_a_store(awaited):
    """It records alignments like a store, and has none before."""
    assert isinstance(awaited, AlignmentRecords)
    assert awaited.alignments("scope", 5) == []
    assert awaited.last_findings("scope") == set()
    with awaited.run(SYNC):
        pass
    assert awaited.alignments("scope", 5) == []
