"""The stores that the contract is held against: every implementation joins by one more parameter."""

import pytest

from connector.store.open import open_store
from tests.store.people import OpenStore, TickingClock


@pytest.fixture
def clock():
    """A clock of ours."""
    return TickingClock()


@pytest.fixture(params=["sqlite"])
def opener(request, tmp_path, clock) -> OpenStore:
    """Opens the same store, again each time."""
    assert request.param == "sqlite"
    return lambda: open_store(f"sqlite:///{tmp_path / 'trackone.db'}", clock)


@pytest.fixture
def store(opener):
    """A new, empty store."""
    return opener()
