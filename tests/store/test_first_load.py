"""A store's first accounts by the thousand: quicker to load, and no different afterwards."""

import pytest
from sqlalchemy import create_engine, text

from connector.domain.errors import StoreError
from connector.store.first_load import MANY
from tests.store.people import SYNC, create, student, update

pytestmark = pytest.mark.parametrize("address", ["sqlite"], indirect=True)
"""A server keeps its indexes, so that nobody is locked out."""


def newcomers(count=MANY, **changes):
    """So many new accounts, all different but for `changes`."""
    return [create(student(f"u{number:05d}", f"S{number:05d}", **changes)) for number in range(count)]


def load(store, parts):
    """One run that writes the parts one after the other."""
    with store.run(SYNC) as writer:
        for part in parts:
            writer.write(part)


def schema(address):
    """Every table and index of the store, as SQLite was told to make it."""
    engine = create_engine(address.url)
    with engine.connect() as connection:
        found = set(connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all())
    engine.dispose()
    return {(name, " ".join(sql.split())) for name, sql in found}


def test_the_indexes_are_those_of_any_store(store, address):
    """After a first load the schema is what it was before, also when several calls brought it in."""
    before, people = schema(address), newcomers(2 * MANY)
    load(store, [people[:MANY], people[MANY:]])
    assert before == schema(address)
    with store.view() as accounts:
        assert len(list(accounts.accounts())) == 2 * MANY


def test_a_run_that_fails_leaves_the_indexes(store, address):
    """A first load that is left by an error leaves the store as it was, indexes included."""
    before = schema(address)
    with pytest.raises(ZeroDivisionError):
        load(store, (newcomers(MANY // divisor) for divisor in (1, 0)))
    assert before == schema(address)
    with store.view() as accounts:
        assert accounts.is_empty()


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (student("U00007", "other"), "want the username u00007"),
        (student("other", "s00007"), "want the SIS code s00007"),
    ],
    ids=["username", "code"],
)
def test_what_is_wanted_twice_is_refused(store, second, said):
    """Two accounts of a first load with one username or code are refused by name, and nothing is kept."""
    with pytest.raises(StoreError, match=said):
        load(store, [newcomers(), [create(second)]])
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
