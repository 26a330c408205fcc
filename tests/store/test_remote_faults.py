"""What happens when the service of a store elsewhere does not keep up, loses answers, or does not tell the truth."""

import pytest

from connector.domain.errors import StoreError
from tests.store.elsewhere import Behind
from tests.store.people import archive, by_name, create, remove, rename, run, student

PEOPLE = [student(f"user{n}", f"S{n:03}", family_name=f"Family{n}") for n in range(12)]
BULK = pytest.mark.parametrize("behind", ["bulk"], indirect=True)
SINGLY = pytest.mark.parametrize("behind", ["singly"], indirect=True)


def once(at: int, fault):
    """One request only goes wrong."""
    return lambda number, _method: fault if number == at else ""


def whole_story(behind: Behind) -> None:
    """Three are made; then one is archived, one gets another name, one is removed: each in a process of its own."""
    run(behind.opened(), *map(create, PEOPLE[:4]))
    known = by_name(behind.opened())
    changes = [archive(known["user0"]), rename(known["user1"], "renamed"), remove(known["user3"])]
    run(behind.opened(), *changes)


def as_told(behind: Behind) -> bool:
    """Whether the service holds what the whole story leads to, each person once."""
    users = behind.there.users()
    told = {name: (user["externalId"], user["active"]) for name, user in users.items()}
    return told == {"renamed": ("S001", True), "user0": ("S000", False), "user2": ("S002", True)}


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["drop", "lose", "half", "500", "502", "429 0"])
@pytest.mark.parametrize("at", range(1, 17))
def test_a_fault_at_every_request(behind, fault, at):
    """Whichever request fails once, in the end every account is there exactly once and equal to what was decided."""
    behind.relay.mood = once(at, fault)
    whole_story(behind)
    assert as_told(behind)


@SINGLY
@pytest.mark.parametrize("at", range(4, 16, 2))
def test_an_outage_in_the_middle_is_gone_on_from(behind, at):
    """When the service goes away in a run the rest is done by the next one, and nobody is made twice."""
    behind.relay.mood = lambda number, _method: "503" if number >= at else ""
    with pytest.raises(StoreError, match="it answers 503, tried 3 times"):
        run(behind.opened(), *map(create, PEOPLE))
    assert len(behind.there.users()) < len(PEOPLE)
    behind.relay.mood = lambda _number, _method: ""
    wanted = {one.username: one.sis_code for one in PEOPLE}
    assert {name: one.sis_code for name, one in by_name(behind.opened()).items()} == wanted
    assert {name: user["externalId"] for name, user in behind.there.users().items()} == wanted
    assert [one.command for one in behind.opened().runs()] == ["sync"]


@SINGLY
def test_after_an_outage_nothing_more_is_asked(behind):
    """Once the service is given up the command asks it nothing more."""
    store = behind.opened()
    by_name(store)
    behind.relay.mood = lambda _number, _method: "503"
    behind.relay.asked.clear()
    for _ in range(3):
        with pytest.raises(StoreError, match="it answers 503"):
            run(store, create(PEOPLE[0]))
    assert len(behind.relay.asked) == 3
