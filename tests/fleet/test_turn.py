"""The turn of a school in a round: the latest one taken is the only one that can write, and a round is done once."""

from dataclasses import replace

import pytest

from connector.domain.errors import BusyError
from connector.domain.turn import TurnLostError
from connector.services.decision import Request
from connector.services.sync import sync
from connector.store.open import Reach, opened
from connector.store.turns import SqlTurns
from tests.fleet.district import people
from tests.servers.postgres import Postgres
from tests.services.school import AS_OF, NOON, School, silent
from tests.store.people import SYNC

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)]


@pytest.fixture(params=KINDS)
def school(request, tmp_path):
    """A school of five with its store in either database; its turns."""
    more, url, reach = "", f"sqlite:///{tmp_path / 'trackone.db'}", Reach()
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        reach = Reach(f"turn_{tmp_path.name}"[:60].lower())
        url = server.url
        more = f'[store]\nurl = "{url}"\nschema_name = "{reach.schema}"\n'
    one = School(tmp_path, more=more)
    one.write(people(1, 5))
    database = opened(url, lambda: NOON, reach)
    return one, SqlTurns(database.engine(), database.place)


def done(school: School, turn) -> int | None:
    """The number of the run that this turn made."""
    parts = replace(school.built(), turn=turn)
    return sync(parts, Request(AS_OF, attended=False), "fleet", "worker", silent).run


def test_a_round_is_done_once(school):
    """Once the run is there the round cannot be taken again; the next round can."""
    one, turns = school
    assert done(one, turns.take("monday")) == 1
    assert turns.take("monday") is None
    assert done(one, turns.take("tuesday")) == 2
    assert len(one.built().store.runs()) == 2


def test_a_turn_taken_over_writes_nothing(school):
    """A worker that was asleep while another took its turn over is turned away inside its own transaction."""
    one, turns = school
    asleep = turns.take("monday")
    awake = turns.take("monday")
    with pytest.raises(TurnLostError, match="another worker has taken over this school's run; nothing was written"):
        done(one, asleep)
    assert one.built().store.runs() == []
    assert done(one, awake) == 1
    with pytest.raises(TurnLostError):
        done(one, asleep)
    assert len(one.built().store.runs()) == 1


def test_a_refused_run_does_not_end_the_round(school):
    """What the guard refused is not done: the school can have another turn in the same round."""
    one, turns = school
    one.write([])
    assert done(one, turns.take("monday")) is None
    one.write(people(1, 5))
    assert done(one, turns.take("monday")) == 1


def test_a_turn_is_not_taken_over_in_the_middle_of_a_run(school):
    """While the run is being written nobody else gets the turn; whoever waits is told that the store is busy."""
    one, turns = school
    turns.take("monday")
    with one.built().store.run(SYNC), pytest.raises(BusyError):
        turns.take("monday")


def test_a_run_by_hand_is_no_turn(school):
    """A sync outside the fleet neither needs a turn nor ends a round."""
    one, turns = school
    turns.take("monday")
    assert done(one, None) == 1
    assert turns.take("monday") is not None
