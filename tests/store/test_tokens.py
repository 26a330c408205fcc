"""The keys of SCIM clients in the store."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from connector.domain.client import ClientKey, Kind
from connector.domain.ports import RunRequest
from connector.store.open import Reach, opened
from connector.store.tokens import SqlClientKeys

NOW = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def keys(address, clock):
    """The keys of a new store."""
    key_file = {"key_file": address.key_file} if address.key_file else {}
    database = opened(address.url, clock, Reach(address.schema, **key_file))
    return SqlClientKeys(database.engine(), database.place)


def key(number, client="entra", kind=Kind.BEARER, made=NOW, life=timedelta(days=365)):
    """An invented key."""
    return ClientKey(f"id{number}", client, kind, f"digest{number}", "write", made, "root", made + life)


def test_a_key_comes_back_as_it_was_kept(keys) -> None:
    """What is added is found by its id and in the list; what is not there is None."""
    keys.add(key(1), 2)
    keys.add(key(2, kind=Kind.OAUTH), 2)
    assert keys.key("id1") == key(1)
    assert keys.key("nobody") is None
    assert keys.keys() == [key(1), key(2, kind=Kind.OAUTH)]


def test_a_client_has_so_many_live_keys_of_a_kind(keys) -> None:
    """Revoked and expired ones, another client's and another kind's do not count."""
    keys.add(key(1, life=timedelta(seconds=1)), 2)
    later = NOW + timedelta(minutes=1)
    assert [keys.add(key(number, made=later), 2) for number in (2, 3, 4)] == [True, True, False]
    assert keys.add(key(5, client="okta", made=later), 2)
    assert keys.add(key(6, kind=Kind.OAUTH, made=later), 2)
    keys.revoke("id2", later)
    assert keys.add(key(7, made=later), 2)
    assert keys.key("id4") is None


def test_a_key_ends_once(keys) -> None:
    """Revoking says whether it did anything, and does not move the moment on."""
    keys.add(key(1), 2)
    ends = [keys.revoke("id1", NOW), keys.revoke("id1", NOW + timedelta(days=1)), keys.revoke("nobody", NOW)]
    assert ends == [True, False, False]
    ended = keys.key("id1")
    assert ended.revoked == NOW
    assert not ended.live(NOW)


def test_two_who_add_at_once_do_not_pass_the_limit(keys) -> None:
    """Eight threads add a key each; two are kept."""
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda number: keys.add(key(number), 2), range(8)))
    assert sum(added) == 2
    assert len(keys.keys()) == 2


def test_noting_a_use_never_waits_for_a_run(keys, store) -> None:
    """While a sync writes, the note is left out on SQLite and goes through elsewhere; either way at once."""
    keys.add(key(1), 2)
    with store.run(RunRequest("sync", "test", "root")) as run:
        run.set_state("any", "thing")
        begun = datetime.now(UTC)  # noqa: TID251 - real time is what is measured
        keys.note_use("id1", NOW)
        assert datetime.now(UTC) - begun < timedelta(seconds=1)  # noqa: TID251 - the same
        run.close({}, {}, ())
    keys.note_use("id1", NOW + timedelta(minutes=2))
    assert keys.key("id1").last_used == NOW + timedelta(minutes=2)
