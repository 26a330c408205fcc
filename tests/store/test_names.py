"""Who holds which username, who has it reserved, and how names change hands."""

import pytest

from connector.domain.account import UserType
from connector.domain.errors import StoreError
from tests.store.people import SYNC, archive, by_name, create, names, remove, rename, run, student, undo, update


def people(store, *usernames):
    """These accounts in the store, with codes S0, S1, ..."""
    run(store, *(create(student(name, f"S{number}")) for number, name in enumerate(usernames)))
    return by_name(store)


def holders(store, *keys):
    """Who holds or has reserved each name, as (username now, retired)."""
    with store.view() as view:
        return {key: (one.username, one.retired) for key, one in view.holders(keys).items()}


def test_a_name_left_stays_reserved_for_its_owner(store):
    """After a rename nobody else can get the old name; the refusal names the owner and the code."""
    found = people(store, "asmith", "bjones")
    run(store, rename(found["asmith"], "amelia.smith"))
    assert names(store) == {"amelia.smith": ["asmith"], "bjones": []}
    assert holders(store, "asmith", "free") == {"asmith": ("amelia.smith", True)}
    for change in (create(student("ASmith")), rename(found["bjones"], "asmíth")):
        with pytest.raises(
            StoreError, match=r"asmith is reserved for amelia\.smith \(SIS code S0\), who had it before"
        ):
            run(store, change)


def test_an_owner_takes_an_old_name_back(store):
    """The owner of a retired name may have it again; then it is held, and the name left meanwhile is reserved."""
    run(store, rename(people(store, "asmith")["asmith"], "amelia"))
    run(store, rename(by_name(store)["amelia"], "asmith"))
    assert names(store) == {"asmith": ["amelia"]}
    assert holders(store, "asmith", "amelia") == {"asmith": ("asmith", False), "amelia": ("asmith", True)}


def test_retired_names_come_oldest_first(store):
    """An account keeps every name it ever left, the oldest first; each finds the account."""
    people(store, "zed")
    for old, new in (("zed", "mid"), ("mid", "able"), ("able", "last")):
        run(store, rename(by_name(store)[old], new))
    assert names(store) == {"last": ["zed", "mid", "able"]}
    with store.view() as view:
        assert [one.username for one in view.find("ZED")] == ["last"]


def test_another_spelling_of_the_same_name_reserves_nothing(store):
    """A rename that changes only case or diacritics keeps the name's key, so nothing is left."""
    run(store, rename(people(store, "jose")["jose"], "José"))
    assert names(store) == {"José": []}
    assert holders(store, "jose") == {"jose": ("José", False)}


def test_a_held_name_is_refused(store):
    """A name is unique over all user types and folded; archived accounts hold theirs."""
    run(store, create(student("Zoë", "S1", user_type=UserType.STAFF)))
    run(store, archive(by_name(store)["Zoë"]))
    with pytest.raises(StoreError, match=r"the username zoe is held by Zoë \(SIS code S1, archived\)"):
        run(store, create(student("zoe", "S2")))


def test_many_refusals_are_told_together(store):
    """One message names up to ten taken names and counts the others."""
    people(store, *(f"u{number:02}" for number in range(12)))
    with pytest.raises(StoreError) as refused:
        run(store, *(create(student(f"U{number:02}")) for number in range(12)))
    assert str(refused.value).count("is held by") == 10
    assert "and 2 more" in str(refused.value)


@pytest.mark.parametrize(
    ("moves", "reserved"),
    [
        ({"a": "b", "b": "a"}, {}),
        ({"a": "b", "b": "c", "c": "a"}, {}),
        ({"a": "b", "b": "c", "c": "d"}, {"b": ["a"]}),
        ({"c": "d", "b": "c", "a": "b"}, {"b": ["a"]}),
    ],
    ids=["swap", "circle", "chain", "chain the other way"],
)
def test_names_go_round_in_one_call(store, moves, reserved):
    """Swaps, circles and chains work in one call; only a name that nobody takes stays reserved."""
    found = people(store, "a", "b", "c")
    run(store, *(rename(found[old], new) for old, new in moves.items()))
    now = by_name(store)
    assert {one.id: one.username for one in now.values()} == {
        one.id: moves.get(one.username, one.username) for one in found.values()
    }
    assert {name: kept for name, kept in names(store).items() if kept} == reserved


def test_a_new_account_takes_a_name_left_in_the_same_call(store):
    """A name given up in a call may go to an account made in it, and is then not reserved."""
    found = people(store, "a")
    run(store, create(student("a", "S9")), rename(found["a"], "b"))
    assert names(store) == {"a": [], "b": []}


def test_half_a_swap_is_refused(store):
    """A name is free only when its holder really leaves it in the same call."""
    found = people(store, "a", "b")
    with pytest.raises(StoreError, match=r"the username b is held by b \(SIS code S1\)"):
        run(store, rename(found["a"], "b"), update(found["b"], campus="N"))
    assert by_name(store) == found


def test_two_cannot_take_the_name_one_leaves(store):
    """A name given up goes to one account only."""
    found = people(store, "a", "b")
    with pytest.raises(StoreError, match="two changes of one run want the username a"):
        run(store, rename(found["a"], "c"), rename(found["b"], "a"), create(student("a")))


def test_archiving_keeps_the_name(store):
    """An archived account holds its username."""
    found = people(store, "asmith")
    run(store, archive(found["asmith"]))
    assert holders(store, "asmith") == {"asmith": ("asmith", False)}
    with store.view() as view:
        assert view.holders(["asmith"])["asmith"].archived


def test_removing_frees_everything(store):
    """A removed account frees its name, its code and its reservations, also within the same call."""
    run(store, rename(people(store, "a")["a"], "b"))
    run(store, create(student("a", "S0")), create(student("b", "S8")), remove(by_name(store)["b"]))
    assert names(store) == {"a": [], "b": []}


def test_a_released_name_is_free(store):
    """free_name ends a reservation; a name that is not reserved is an error."""
    run(store, rename(people(store, "asmith")["asmith"], "amelia"))
    with store.run(SYNC) as writer:
        writer.free_name("asmith")
        with pytest.raises(StoreError, match="asmith is not reserved"):
            writer.free_name("asmith")
    assert holders(store, "asmith") == {}
    run(store, create(student("asmith", "S9")))


def test_a_store_with_a_reservation_only_is_not_empty_until_it_is_freed(store):
    """Reservations go with their account, so a store whose accounts are gone is empty."""
    run(store, rename(people(store, "a")["a"], "b"))
    run(store, remove(by_name(store)["b"]))
    with store.view() as view:
        assert view.is_empty()


@pytest.mark.parametrize(
    "moves",
    [{"a": "x"}, {"a": "b", "b": "a"}, {"a": "b", "b": "c", "c": "d"}, {"a": "old", "b": "a"}],
    ids=["rename", "swap", "chain", "back to an old name"],
)
def test_undo_puts_reservations_back(store, moves):
    """After the undo of a run, names and reservations are exactly those of before; an undo undone is the run."""
    run(store, rename(people(store, "old", "b", "c")["old"], "a"))
    before = names(store)
    found = by_name(store)
    run(store, *(rename(found[name], new) for name, new in moves.items()))
    after = names(store)
    undo(store, 3)
    assert names(store) == before
    undo(store, 4)
    assert names(store) == after
    undo(store, 5)
    assert names(store) == before


def test_undo_knows_every_step_of_a_run(store):
    """A run that renames one account twice is undone to the reservations it found."""
    account = people(store, "a")["a"]
    with store.run(SYNC) as writer:
        writer.write([rename(account, "b")])
        writer.write([rename(account._replace(username="b", version=2), "c")])
    assert names(store) == {"c": ["a", "b"]}
    run(store, rename(by_name(store)["c"], "a"), undoes=2)
    assert names(store) == {"a": []}


def test_undo_leaves_a_reservation_that_a_run_ended_and_made_again(store):
    """A name that was reserved before the run, taken back in it and left again is reserved after the undo too."""
    run(store, rename(people(store, "old")["old"], "a"))
    account = by_name(store)["a"]
    with store.run(SYNC) as writer:
        writer.write([rename(account, "old")])
        writer.write([rename(account._replace(username="old", version=3), "c")])
    assert names(store) == {"c": ["a", "old"]}
    run(store, rename(by_name(store)["c"], "a"), undoes=3)
    assert names(store) == {"a": ["old"]}


def test_undo_does_not_take_a_name_back_from_its_new_holder(store):
    """A reservation whose name was released and given away since is not put back."""
    run(store, rename(people(store, "old")["old"], "a"))
    run(store, rename(by_name(store)["a"], "old"))  # ends the reservation of "old", reserves "a"
    assert names(store) == {"old": ["a"]}
    run(store, rename(by_name(store)["old"], "b"), create(student("old", "S9")), undoes=3)
    assert names(store) == {"b": [], "old": []}


def test_an_ordinary_run_reserves_whatever_came_before(store):
    """Only a run that says which run it undoes reverses reservations."""
    found = people(store, "a")
    run(store, rename(found["a"], "b"))
    run(store, rename(by_name(store)["b"], "a"))
    assert names(store) == {"a": ["b"]}
