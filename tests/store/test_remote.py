"""What is decided here is done at the service, and what others did there is known here."""

from datetime import timedelta

import pytest

from connector.domain.errors import StoreError
from tests.store.elsewhere import Elsewhere
from tests.store.people import archive, by_name, create, remove, rename, run, student, update

PEOPLE = [student(f"user{n}", f"S{n:03}", family_name=f"Family{n}") for n in range(12)]


@pytest.fixture
def store(elsewhere, clock):
    """A store elsewhere, reached without a relay."""
    return elsewhere.opened(clock)


def codes(elsewhere: Elsewhere) -> dict[str, str]:
    """The SIS codes at the service by username."""
    return {name: user.get("externalId", "") for name, user in elsewhere.users().items()}


def test_what_is_decided_here_is_done_there(store, elsewhere):
    """Creates, updates, renames, archives and removals of runs reach the service, each attribute where it belongs."""
    run(store, *map(create, PEOPLE[:4]))
    assert elsewhere.users()["user1"]["externalId"] == "S001"
    assert elsewhere.users()["user1"]["name"] == {"familyName": "Family1"}
    known = by_name(store)
    run(store, update(known["user0"], email="a@b.edu", roles=(), grants=()), rename(known["user1"], "other"))
    run(store, archive(known["user2"]), remove(known["user3"]))
    users = elsewhere.users()
    assert set(users) == {"user0", "other", "user2"}
    assert users["user0"]["emails"] == [{"value": "a@b.edu", "type": "work", "primary": True}]
    assert "roles" not in users["user0"]
    assert users["other"]["externalId"] == "S001"
    assert [name for name, user in users.items() if not user["active"]] == ["user2"]


def test_names_move_in_chains_and_circles(store, elsewhere):
    """A name that another gives up in the same run is free in time, also where three wait in a circle."""
    run(store, *map(create, PEOPLE[:9]))
    found = [by_name(store)[f"user{n}"] for n in range(9)]
    wanted = ["user1", "user2", "user0", "user4", "user5", "free", "user7", "user6", "user8"]
    run(store, *(rename(one, name) for one, name in zip(found[:8], wanted[:8], strict=True)))
    assert codes(elsewhere) == {name: f"S{n:03}" for n, name in enumerate(wanted)}


def test_a_chain_that_ends_at_a_stranger_stays_as_it_was(store, elsewhere):
    """Who wants a name that a stranger has at the service keeps the old one, and so does who waits for that."""
    run(store, *map(create, PEOPLE[:2]))
    a, b = (by_name(store)[name] for name in ("user0", "user1"))
    elsewhere.post("wanted")
    with pytest.raises(StoreError, match=r"refused 2 of the changes of run 2, the first: S000: 409 uniqueness"):
        run(store, rename(b, "user0"), rename(a, "wanted"))
    assert codes(elsewhere) == {"user0": "S000", "user1": "S001", "wanted": ""}
    assert {name: one.sis_code for name, one in by_name(store).items()} == {"user0": "S000", "user1": "S001"}


def test_what_others_change_there_is_known_here(store, elsewhere, clock):
    """Before a decision the accounts are what the service holds by then, taken over as a run of its own."""
    run(store, *map(create, PEOPLE[:3]))
    elsewhere.patch("user0", "name.familyName", "Changed")
    elsewhere.patch("user1", "active", value=False)
    elsewhere.post("stranger")
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


def test_what_cannot_be_here_is_left_there(store, elsewhere, clock):
    """Names and codes that the accounts here cannot have together stop nobody: the others are taken over."""
    run(store, *map(create, PEOPLE[:4]))
    run(store, rename(by_name(store)["user3"], "moved"))
    elsewhere.post("again", externalId="S000")
    elsewhere.post("jos\u00e9")
    elsewhere.post("jose")
    elsewhere.post("user3")
    elsewhere.patch("user2", "name.familyName", "Changed")
    elsewhere.patch("user1", "userName", "USERD")
    elsewhere.patch("user2", "userName", "user\u1d48")
    clock.now += timedelta(minutes=2)
    found = by_name(store)
    assert {name: one.sis_code for name, one in found.items()} == {
        "user0": "S000",
        "USERD": "S001",
        "user2": "S002",
        "moved": "S003",
        "again": "",
        "jose": "",
    }
    assert found["user2"].family_name == "Changed"
    run(store, update(found["user0"], email="a@b.edu"), rename(found["moved"], "user9"))
    assert elsewhere.users()["user0"]["emails"][0]["value"] == "a@b.edu"
    assert elsewhere.users()["user9"]["externalId"] == "S003"
    clock.now += timedelta(minutes=2)
    by_name(store)
    assert len(store.runs()) == 4


def test_names_that_others_swapped_are_taken_over(store, elsewhere, clock):
    """Two users who got each other's names there have them here too."""
    run(store, *map(create, PEOPLE[:2]))
    for name, new in (("user0", "between"), ("user1", "user0"), ("between", "user1")):
        elsewhere.patch(name, "userName", new)
    clock.now += timedelta(minutes=2)
    assert {name: one.sis_code for name, one in by_name(store).items()} == {"user0": "S001", "user1": "S000"}


def test_a_user_removed_there_is_archived_here(store, elsewhere, clock):
    """Who was removed at the service is archived by a person; many at once are not believed."""
    run(store, *map(create, PEOPLE))
    elsewhere.delete("user0")
    clock.now += timedelta(minutes=2)
    assert (by_name(store)["user0"].archived, by_name(store)["user0"].archived_by) == (True, "person")
    for number in range(1, 9):
        elsewhere.delete(f"user{number}")
    clock.now += timedelta(minutes=2)
    with pytest.raises(StoreError, match="shows 3 of 11 users, fewer than can be true"):
        by_name(store)


def test_a_change_of_a_user_removed_meanwhile_is_told(store, elsewhere):
    """A user that somebody removed since the look is not made again; the account is archived as if seen so."""
    run(store, *map(create, PEOPLE[:3]))
    account = by_name(store)["user0"]
    elsewhere.delete("user0")
    with pytest.raises(StoreError, match=r"refused 1 of the changes of run 2, the first: S000: 404"):
        run(store, update(account, email="a@b.edu"))
    found = by_name(store)["user0"]
    assert (found.archived, found.archived_by) == (True, "person")
    assert sorted(elsewhere.users()) == ["user1", "user2"]


def test_a_change_that_is_refused_is_taken_back(store, elsewhere):
    """What the service will not do is named and not kept here either; the other changes are done."""
    run(store, create(PEOPLE[0]))
    elsewhere.post("user1")
    with pytest.raises(StoreError, match=r"refused 1 of the changes of run 2, the first: S001: 409 uniqueness"):
        run(store, create(PEOPLE[1]), create(PEOPLE[2]))
    assert sorted(elsewhere.users()) == ["user0", "user1", "user2"]
    assert sorted(by_name(store)) == ["user0", "user2"]


@pytest.mark.parametrize("several", [False, True], ids=["singly", "bulk"])
def test_a_user_changed_meanwhile_is_looked_at_again(store, elsewhere, several):
    """An ETag that no longer holds leads to another look, and what others changed stays."""
    run(store, *map(create, PEOPLE[:2]))
    changed = [by_name(store)[name] for name in (("user0", "user1") if several else ("user0",))]
    elsewhere.patch("user0", "title", "Prefect")
    run(store, *(update(account, email="a@b.edu") for account in changed))
    users = elsewhere.users()
    assert users["user0"]["title"] == "Prefect"
    assert [users[one.username]["emails"][0]["value"] for one in changed] == ["a@b.edu"] * len(changed)


def test_a_token_that_is_not_accepted(elsewhere, clock):
    """A wrong token is told once, and never shown."""
    with pytest.raises(StoreError, match="401, the token is not accepted") as refused:
        by_name(elsewhere._replace(token="wr0ng").opened(clock))
    assert "wr0ng" not in str(refused.value)
