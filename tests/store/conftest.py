"""The stores that the contract is held against: every implementation joins by one more parameter."""

from itertools import count

import pytest

from tests.servers.postgres import Postgres
from tests.store.people import Address, OpenStore, TickingClock

_SCHEMAS = count(1)


@pytest.fixture
def clock():
    """A clock of ours."""
    return TickingClock()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def address(request, tmp_path) -> Address:
    """Where a store of this test's own is: a file, or a schema of the private server."""
    if request.param == "sqlite":
        return Address(f"sqlite:///{tmp_path / 'trackone.db'}")
    server: Postgres = request.getfixturevalue("postgres")
    return Address(server.url, f"school_{next(_SCHEMAS)}", str(tmp_path / "trackone.key"))


@pytest.fixture
def opener(address, clock) -> OpenStore:
    """Opens the same store, again each time."""
    return lambda: address.opened(clock)


@pytest.fixture
def store(opener):
    """A new, empty store."""
    return opener()
