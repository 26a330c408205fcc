"""A store's first accounts by the thousand: written while the next are decided, and no different afterwards."""

import pytest

from connector.domain.errors import StoreError
from connector.domain.ports import Credential, Sighting
from connector.store.first_load import MANY, ROWS
from tests.store.people import SYNC, create, student, update


def newcomers(count=MANY, **changes):
    """So many new accounts, all different but for `changes`."""
    return [create(student(f"u{number:05d}", f"S{number:05d}", **changes)) for number in range(count)]


def load(store, parts):
    """One run that writes the parts one after the other."""
    with store.run(SYNC) as writer:
        for part in parts:
            writer.write(part)


def test_many_calls_load_as_one_account_after_the_other(store, opener):
    """Accounts of all kinds, loaded in uneven parts, are there with their ids, sightings and ids of clients."""
    people = newcomers(2 * ROWS + 7)
    people[3] = create(student("ÅSE.Straße", "S00003", external_ids=(("okta", "00u1"),)))
    people[4] = create(student("u00004", "", external_ids=(("okta", "00u2"),), approved=False))
    with store.run(SYNC) as writer:
        ids = writer.write(
            people[:MANY], lambda: Credential("$secret", must_change=True), [Sighting(5, baseline=True)] * MANY
        )
        for start, end in ((MANY, MANY + 3), (MANY + 3, 2 * ROWS), (2 * ROWS, 2 * ROWS + 7)):
            ids += writer.write(people[start:end])
    assert ids == list(range(1, 2 * ROWS + 8))
    with opener().view() as accounts:
        found = {account.id: account for account in accounts.accounts()}
        (known,) = accounts.students_by_code(["s00000"])
        assert known.sighting == Sighting(5, 1, baseline=True)
    expected = [
        change.after._replace(id=number, version=1)
        for number, change in zip(ids, people, strict=True)
        if change.after
    ]
    assert [found[number] for number in ids] == expected
    (run,) = store.runs()
    assert run.counts == {"create": len(ids)}
    made = list(store.outcomes(run.number))
    assert [outcome.change.after for outcome in made] == expected


def test_a_run_that_fails_keeps_nothing(store):
    """A first load that is left by an error, with a part still being written, leaves the store empty and usable."""
    with pytest.raises(ZeroDivisionError):
        load(store, (newcomers(10 * MANY // divisor) for divisor in (1, 0)))
    with store.view() as accounts:
        assert accounts.is_empty()
    load(store, [newcomers(3)])


@pytest.mark.parametrize(
    ("second", "said"),
    [(student("U00007", "other"), "username U00007"), (student("other", "s00007"), "SIS code s00007")],
    ids=["username", "code"],
)
@pytest.mark.parametrize("more", [0, ROWS], ids=["last", "followed"])
def test_what_is_wanted_twice_is_refused(store, second, said, more):
    """Two accounts of a first load with one username or code are refused by name, and nothing is kept."""
    people = newcomers(MANY + more)
    with pytest.raises(StoreError, match=f"two changes of one run want the {said}; nothing was written"):
        load(store, [people[:MANY], [create(second)], people[MANY:]])
    with store.view() as accounts:
        assert accounts.is_empty()


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (
            student("U00007", "other"),
            r"the username u00007 is held by u00007 \(SIS code S00007\); nothing was written",
        ),
        (student("other", "s00007"), r"the SIS code s00007 is held by u00007 \(SIS code S00007\)"),
    ],
    ids=["username", "code"],
)
def test_what_is_there_already_is_refused(store, second, said):
    """Also where the other was written some thousands before."""
    with pytest.raises(StoreError, match=said):
        load(store, [newcomers(ROWS), [create(second)]])
    with store.view() as accounts:
        assert accounts.is_empty()


def test_the_same_run_can_go_on(store):
    """Whoever was loaded is found by code and by name in the same run, can be changed, and keeps the name."""
    with store.run(SYNC) as writer:
        writer.write(newcomers())
        (known,) = writer.students_by_code(["s00003"])
        assert writer.holders(["u00004"])["u00004"].sis_code == "S00004"
        writer.write([update(known.account, email="new@school.example")])
        with pytest.raises(StoreError, match=r"the username u00005 is held by u00005 \(SIS code S00005\)"):
            writer.write([create(student("u00005", "T1"))])
    with store.view() as accounts:
        assert accounts.find("S00003")[0].email == "new@school.example"
