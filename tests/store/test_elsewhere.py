"""A store elsewhere keeps the contract of every store; and what happens when its service does not keep up."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
import requests

from connector.domain.errors import StoreError
from tests.servers.scim2 import Scim2Server
from tests.servers.unruly import Unruly
from tests.store.elsewhere import Elsewhere
from tests.store.people import TickingClock, archive, by_name, create, remove, rename, run, student, update
from tests.store.test_accounts import *  # noqa: F403 - the contract itself
from tests.store.test_names import *  # noqa: F403 - the same
from tests.store.test_runs import *  # noqa: F403 - the same
from tests.store.test_sightings import *  # noqa: F403 - the same

# Thousands of accounts in one call try the batches of SQL, and take minutes over HTTP.
del test_students_are_found_by_code, test_many_changes_fit_one_call  # noqa: F821 - they came with the contract
del test_a_refusal_late_in_a_large_call_leaves_nothing_of_it, test_notes_are_many  # noqa: F821 - the same

_SCHOOLS = count(1)
PEOPLE = [student(f"user{n}", f"S{n:03}", family_name=f"Family{n}") for n in range(12)]


@pytest.fixture(scope="module")
def scim2() -> Iterator[Scim2Server]:
    """A SCIM service that is not ours."""
    with Scim2Server() as server:
        yield server


@pytest.fixture
def address(scim2: Scim2Server, tmp_path: Path) -> Elsewhere:
    """A service of this test's own, and the file of its state."""
    return Elsewhere(scim2.url_of(f"school{next(_SCHOOLS)}"), scim2.token, tmp_path / "state.db")


@pytest.fixture
def unruly(address: Elsewhere, clock: TickingClock) -> Iterator[tuple[Unruly, Callable[[], object]]]:
    """The same service behind a relay that can misbehave, and what opens the store through it."""
    with Unruly(address.service, lambda _number, _method: "") as relay:
        yield relay, lambda: address._replace(service=relay.url).opened(clock)


def there(address: Elsewhere) -> dict[str, dict]:
    """The users of the service by username."""
    headers = {"Authorization": f"Bearer {address.token}"}
    answer = requests.get(f"{address.service}/Users?count=500", headers=headers, timeout=9)
    return {user["userName"]: user for user in answer.json()["Resources"]}


def patch(address: Elsewhere, username: str, path: str, value: object) -> None:
    """Somebody else changes a user at the service."""
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": path, "value": value}],
    }
    url = f"{address.service}/Users/{there(address)[username]['id']}"
    requests.patch(url, json=body, headers={"Authorization": f"Bearer {address.token}"}, timeout=9).raise_for_status()


def post(address: Elsewhere, username: str) -> None:
    """Somebody else makes a user at the service."""
    body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": username}
    headers = {"Authorization": f"Bearer {address.token}"}
    requests.post(f"{address.service}/Users", json=body, headers=headers, timeout=9).raise_for_status()


def test_what_is_decided_here_is_done_there(store, address):
    """Creates, updates, renames, archives and removals of runs reach the service, each attribute where it belongs."""
    run(store, *map(create, PEOPLE[:4]))
    assert there(address)["user1"]["externalId"] == "S001"
    assert there(address)["user1"]["name"] == {"familyName": "Family1"}
    known = by_name(store)
    run(store, update(known["user0"], email="a@b.edu", roles=(), grants=()), rename(known["user1"], "other"))
    run(store, archive(known["user2"]), remove(known["user3"]))
    users = there(address)
    assert set(users) == {"user0", "other", "user2"}
    assert users["user0"]["emails"] == [{"value": "a@b.edu", "type": "work", "primary": True}]
    assert "roles" not in users["user0"]
    assert users["other"]["externalId"] == "S001"
    assert [name for name, user in users.items() if not user["active"]] == ["user2"]


def test_names_move_in_chains_and_circles(store, address):
    """A name that another gives up in the same run is free in time, also where three wait in a circle."""
    run(store, *map(create, PEOPLE[:5]))
    a, b, c, d, e = (by_name(store)[f"user{n}"] for n in range(5))
    changes = [rename(a, "user1"), rename(b, "user2"), rename(c, "user0"), rename(d, "user4"), rename(e, "free")]
    run(store, *changes)
    assert {name: user["externalId"] for name, user in there(address).items()} == {
        "user1": "S000",
        "user2": "S001",
        "user0": "S002",
        "user4": "S003",
        "free": "S004",
    }


FAULTS = ("drop", "lose", "500", "502")


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("at", range(1, 9))
def test_a_fault_at_every_request(unruly, address, fault, at):
    """Whichever request fails once, in the end every account is there exactly once and equal to what was decided."""
    relay, opened = unruly
    relay.mood = lambda number, _method: fault if number == at else ""
    try:
        run(opened(), *map(create, PEOPLE[:3]))
        known = by_name(opened())
        run(opened(), archive(known["user0"]), rename(known["user1"], "renamed"))
    except StoreError:
        assert fault == "500"
        relay.mood = lambda _number, _method: ""
        store = opened()
        known = by_name(store)
        run(store, *(create(one) for one in PEOPLE[:3] if one.username not in known and one.sis_code != "S001"))
        return
    users = there(address)
    assert sorted(users) == ["renamed", "user0", "user2"]
    assert sorted(user["externalId"] for user in users.values()) == ["S000", "S001", "S002"]


@pytest.mark.parametrize("at", range(3, 15, 2))
def test_an_outage_in_the_middle_is_gone_on_from(unruly, address, at):
    """When the service goes away in a run the rest is done by the next one, and nobody is made twice."""
    relay, opened = unruly
    relay.mood = lambda number, _method: "503" if number >= at else ""
    with pytest.raises(StoreError, match="it answers 503, tried 3 times"):
        run(opened(), *map(create, PEOPLE))
    assert len(there(address)) < len(PEOPLE)
    relay.mood = lambda _number, _method: ""
    assert {name: one.sis_code for name, one in by_name(opened()).items()} == {
        one.username: one.sis_code for one in PEOPLE
    }
    users = there(address)
    assert sorted(user["externalId"] for user in users.values()) == [one.sis_code for one in PEOPLE]
    assert [one.command for one in opened().runs()] == ["sync"]


def test_after_an_outage_nothing_more_is_asked(unruly):
    """Once the service is given up the command asks it nothing more."""
    relay, opened = unruly
    store = opened()
    by_name(store)
    relay.mood = lambda _number, _method: "503"
    relay.asked.clear()
    for _ in range(3):
        with pytest.raises(StoreError, match="it answers 503"):
            run(store, create(PEOPLE[0]))
    assert len(relay.asked) == 3


def test_what_others_change_there_is_known_here(store, address, clock):
    """Before a decision the accounts are what the service holds by then, taken over as a run of its own."""
    run(store, *map(create, PEOPLE[:3]))
    patch(address, "user0", "name.familyName", "Changed")
    patch(address, "user1", "active", value=False)
    post(address, "stranger")
    assert "stranger" not in by_name(store)
    clock.now += timedelta(minutes=2)
    found = by_name(store)
    assert found["user0"].family_name == "Changed"
    assert (found["user1"].approved, found["user1"].disabled_by) == (False, "person")
    assert found["stranger"].sis_code == ""
    assert [one.command for one in store.runs()] == ["look", "sync"]
    clock.now += timedelta(minutes=2)
    by_name(store)
    assert len(store.runs()) == 2


def test_a_user_removed_there_is_archived_here(store, address, clock):
    """Who was removed at the service is archived by a person; many at once are not believed."""
    run(store, *map(create, PEOPLE))
    headers = {"Authorization": f"Bearer {address.token}"}
    users = there(address)
    requests.delete(f"{address.service}/Users/{users['user0']['id']}", headers=headers, timeout=9).raise_for_status()
    clock.now += timedelta(minutes=2)
    assert (by_name(store)["user0"].archived, by_name(store)["user0"].archived_by) == (True, "person")
    for number in range(1, 9):
        requests.delete(f"{address.service}/Users/{users[f'user{number}']['id']}", headers=headers, timeout=9)
    clock.now += timedelta(minutes=2)
    with pytest.raises(StoreError, match="shows 3 of 11 users, fewer than can be true"):
        by_name(store)


def test_a_change_that_is_refused_is_taken_back(store, address):
    """What the service will not do is named and not kept here either; the other changes are done."""
    run(store, create(PEOPLE[0]))
    post(address, "user1")
    with pytest.raises(StoreError, match=r"refused 1 of the changes of run 2, the first: S001: 409 uniqueness"):
        run(store, create(PEOPLE[1]), create(PEOPLE[2]))
    assert sorted(there(address)) == ["user0", "user1", "user2"]
    assert sorted(by_name(store)) == ["user0", "user2"]


def test_a_user_changed_meanwhile_is_looked_at_again(store, address):
    """An ETag that no longer holds leads to another look, and what others changed stays."""
    run(store, create(PEOPLE[0]))
    account = by_name(store)["user0"]
    patch(address, "user0", "title", "Prefect")
    run(store, update(account, email="a@b.edu"))
    user = there(address)["user0"]
    assert (user["title"], user["emails"][0]["value"]) == ("Prefect", "a@b.edu")


def test_a_token_that_is_not_accepted(address, clock):
    """A wrong token is told once, and never shown."""
    with pytest.raises(StoreError, match="401, the token is not accepted") as refused:
        by_name(address._replace(token="wr0ng").opened(clock))
    assert "wr0ng" not in str(refused.value)
