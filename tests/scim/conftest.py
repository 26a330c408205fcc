"""The endpoint as a process: one for a module's tests, or one of a test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scim.served import Served
from tests.servers.postgres import Postgres


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


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def on_either(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The same on a file and on a schema of PostgreSQL."""
    if request.param == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        monkeypatch.setenv("TRACKONE__STORE__URL", postgres.new_database(f"scim_{tmp_path.name}"))
        monkeypatch.setenv("TRACKONE__STORE__SCHEMA_NAME", "riverside")
    served = Served(tmp_path)
    try:
        yield served
    finally:
        served.stop()
