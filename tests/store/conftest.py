"""The stores that the contract is held against: every implementation joins by one more parameter."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.servers.postgres import Postgres
from tests.servers.scim2 import Scim2Server
from tests.servers.unruly import Unruly
from tests.store.elsewhere import Behind, Elsewhere
from tests.store.people import Address, OpenStore, TickingClock

_SCHEMAS = count(1)
_SCHOOLS = count(1)


@pytest.fixture
def clock():
    """A clock of ours."""
    return TickingClock()


@pytest.fixture
def many() -> int:
    """More accounts than any batch inside a store has."""
    return 6001


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


@pytest.fixture(scope="session")
def scim2() -> Iterator[Scim2Server]:
    """A SCIM service that is not ours."""
    with Scim2Server() as server:
        yield server


@pytest.fixture
def elsewhere(scim2: Scim2Server, tmp_path: Path) -> Elsewhere:
    """A service of this test's own, and the file of its state."""
    return Elsewhere(scim2.url_of(f"school{next(_SCHOOLS)}"), scim2.token, tmp_path / "state.db")


@pytest.fixture(params=["bulk", "singly"])
def behind(request, elsewhere: Elsewhere, clock: TickingClock) -> Iterator[Behind]:
    """The same service behind a relay that can misbehave, with bulk and without."""
    with Unruly(elsewhere.service, lambda _number, _method: "", bulk=request.param == "bulk") as relay:
        yield Behind(relay, elsewhere, clock)
