"""One school of a fleet: whatever stops it is told as its own failure."""

from datetime import UTC, datetime

import pytest

from connector.domain.operation import Ending
from connector.fleet.one_school import sync_school
from connector.fleet.schools import School
from connector.store.open import opened
from connector.store.turns import SqlTurns
from tests.fleet.district import district, runs


class Clock:
    """A clock that fails once, at the call of that number, as nothing foresees."""

    def __init__(self, fails_at: int) -> None:
        self.calls, self.fails_at = 0, fails_at

    def __call__(self) -> datetime:
        """The time, or the failure."""
        self.calls += 1
        if self.calls == self.fails_at:
            raise ValueError("Given Family 0001 is in this message")
        return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("fails_at", range(3, 7))
def test_what_nobody_foresaw_is_one_schools_failure(tmp_path, fails_at):
    """It becomes a failed attempt that says where, quotes nothing, and leaves nothing half done."""
    (place,) = district(tmp_path, ["lakeside"], students=5)
    clock = Clock(fails_at)
    done = sync_school(School("lakeside", place / "connector.toml"), "tests", clock)
    assert clock.calls > fails_at
    assert done.attempt is not None
    assert done.attempt.ending is Ending.FAILED
    assert "something unforeseen stopped the run: ValueError" in done.attempt.message
    assert "Given Family" not in str(done.attempt)
    assert runs(place) == []


def test_a_school_whose_turn_was_lost_is_asked_for_again(tmp_path):
    """Who took the turn over may have gone without writing, so the school is left for later, not counted as done."""
    (place,) = district(tmp_path, ["lakeside"], students=5)
    calls = []

    def clock() -> datetime:
        calls.append(1)
        if len(calls) == 4:  # the sync has begun
            database = opened(f"sqlite:///{place / 'trackone.db'}", clock)
            SqlTurns(database.engine(), database.place).take("monday")
        return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    school = School("lakeside", place / "connector.toml")
    done = sync_school(school, "asleep", clock, "monday")
    assert (done.attempt, done.again, runs(place)) == (None, True, [])
    done = sync_school(school, "awake", clock, "monday")
    assert (done.again, len(runs(place))) == (False, 1)
    assert sync_school(school, "late", clock, "monday") == ("lakeside", None, (), False)
