"""The endpoint as a process: one for a module's tests, or one of a test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scim.served import Served


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An endpoint that is served while the tests run; each uses names of its own."""
    served = Served(tmp_path_factory.mktemp("scim"))
    try:
        yield served.start()
    finally:
        served.stop()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Served]:
    """An endpoint of the test's own, empty; started by the test."""
    served = Served(tmp_path)
    try:
        yield served
    finally:
        served.stop()
