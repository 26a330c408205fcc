"""Everything of a store moves to another one, there and back."""

from pathlib import Path

import pytest
from sqlalchemy import insert, inspect, select

from connector.credentials import activation_credentials
from connector.domain.account import Sighting
from connector.domain.errors import LockedError, StoreError
from connector.domain.ports import SightingNote
from connector.store.move import StoreMove
from connector.store.open import Reach, found, opened
from connector.store.schema import metadata, state
from connector.store.shared_key import NOTED
from tests.servers.postgres import Postgres
from tests.store.people import SYNC, Address, archive, by_name, create, names, rename, run, student, undo

ANY = {int: 1, float: 1.5}
KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)]


def reach(address: Address) -> Reach:
    """What the URL does not say."""
    return Reach(address.schema, key_file=Path(address.key_file))


@pytest.fixture
def target(request, tmp_path) -> Address:
    """Where the store is to go: a file or schema that is not there yet."""
    if request.param == "sqlite":
        return Address(f"sqlite:///{tmp_path / 'new.db'}")
    server: Postgres = request.getfixturevalue("postgres")
    return Address(server.url, f"new_{tmp_path.name.lower()}"[:60], str(tmp_path / "new.key"))


def move(address: Address, target: Address, clock) -> StoreMove:
    """The move from one to the other."""
    return StoreMove(opened(address.url, clock, reach(address)), target.url, reach(target), clock)


def fill(store, address: Address) -> None:
    """A store in which every table has rows: those of a school's life, and one in each table that it left empty."""
    key = store.plan_key()
    with store.run(SYNC._replace(plan="ab12")) as writer:
        reference = writer.share_verifier("$argon2id$shared")
        people = [
            student(f"u{number:04}", f"É{number:04}", external_ids=(("entra", f"x{number}"),))
            for number in range(300)
        ]
        ids = writer.write([create(one) for one in people], activation_credentials(key, bytes))
        writer.remember(SightingNote(number, Sighting(number * 7 - 1000, 1, baseline=True)) for number in ids)
        writer.remember_baseline(["s1", "s2"])
        writer.set_state("mapping", reference)
    found_ = by_name(store)
    run(store, rename(found_["u0001"], "Zoë.O'Brien"), archive(found_["u0002"]))
    with found(address.url, reach(address)).engine().begin() as connection:
        for table in metadata.sorted_tables:
            if connection.execute(select(table).limit(1)).first() is None:
                row = {column.name: ANY.get(column.type.python_type, "x") for column in table.columns}
                connection.execute(insert(table).values(row))


def contents(address: Address) -> dict[str, list[tuple]]:
    """Every row of every table, but for what each store notes of its own key."""
    with found(address.url, reach(address)).engine().begin() as connection:
        assert {table.name for table in metadata.sorted_tables} <= set(inspect(connection).get_table_names())
        rows = {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
        }
    rows[state.name] = [row for row in rows[state.name] if row[0] != NOTED]
    return rows


@pytest.mark.parametrize("target", KINDS, indirect=True)
def test_everything_moves(store, address, target, clock):
    """Every row of every table is in the new store, with the key; the old one is as it was, and life goes on."""
    fill(store, address)
    before, key = contents(address), store.plan_key()
    assert [name for name, rows in before.items() if not rows] == []
    work = move(address, target, clock)
    assert work.look() == {name: len(rows) for name, rows in before.items()}
    assert not found(target.url, reach(target)).exists()
    assert work.do() == work.look()
    assert contents(target) == contents(address) == before
    new = target.opened(clock)
    assert (new.plan_key(), new.applied_as("ab12"), len(new.runs())) == (key, 1, 2)
    assert names(new)["Zoë.O'Brien"] == ["u0001"]
    undo(new, 2)
    assert names(new)["u0001"] == []
    with pytest.raises(StoreError, match="SIS code e0005 is held by u0005"):
        run(new, create(student("twin", "E0005")))


@pytest.mark.parametrize("target", KINDS, indirect=True)
def test_there_and_back_again_is_the_same(store, address, target, clock, tmp_path):
    """A store that moved there and back is what it was."""
    fill(store, address)
    before = contents(address)
    move(address, target, clock).do()
    home = address._replace(url=f"sqlite:///{tmp_path / 'home.db'}", schema="")
    move(target, home, clock).do()
    assert contents(home) == before
    assert home.opened(clock).plan_key() == store.plan_key()


@pytest.mark.parametrize("target", KINDS, indirect=True)
def test_a_store_in_use_is_never_overwritten(store, address, target, clock):
    """A target that has anything in it is refused, when it is shown and when it is done, and stays as it is."""
    run(store, create(student("asmith")))
    other = target.opened(clock)
    run(other, create(student("bjones")))
    before = contents(target)
    for step in (move(address, target, clock).target, move(address, target, clock).do):
        with pytest.raises(StoreError, match="is not empty: it has rows in accounts; nothing was moved"):
            step()
    assert contents(target) == before


def test_a_store_is_not_moved_to_itself(store, address, clock):
    """The same place is refused."""
    run(store, create(student("asmith")))
    with pytest.raises(StoreError, match="cannot be moved to itself"):
        move(address, address, clock).target()


@pytest.mark.parametrize("target", ["sqlite"], indirect=True)
def test_nothing_moves_while_a_run_goes_on(store, address, target, clock):
    """A run in progress keeps the store where it is; the new one stays empty."""
    with store.run(SYNC) as writer:
        writer.write([create(student("asmith"))])
        with pytest.raises(LockedError, match="run lock held by pid"):
            move(address, target, clock).do()
    assert target.opened(clock).runs() == []


@pytest.mark.parametrize("target", KINDS, indirect=True)
def test_another_key_is_not_overwritten(store, address, target, clock):
    """Where another key lies already the move is refused whole."""
    run(store, create(student("asmith")))
    path = Path(target.key_file if target.schema else target.url.removeprefix("sqlite:///") + ".key")
    path.write_text("ab" * 32)
    with pytest.raises(StoreError, match="there is another plan key in "):
        move(address, target, clock).do()
    assert path.read_text() == "ab" * 32
    assert target.opened(clock).runs() == []


@pytest.mark.servers
@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
@pytest.mark.parametrize("target", ["postgresql"], indirect=True)
def test_a_move_that_fails_leaves_nothing(store, address, target, clock):
    """What one database cannot hold ends the move whole: no table has a row of it."""
    run(store, *(create(student(f"u{number}")) for number in range(20)), create(student("last", campus="a\0b")))
    with pytest.raises(StoreError, match="NUL"):
        move(address, target, clock).do()
    assert all(rows == [] for rows in contents(target).values())
