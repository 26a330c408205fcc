"""Endpoints on several hosts over one PostgreSQL database are one endpoint."""

import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.scim.served import CORE, Served, patch, user
from tests.servers.postgres import Postgres

pytestmark = [pytest.mark.servers, pytest.mark.slow]
CLIENTS = 16


@pytest.fixture
def hosts(tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Served]]:
    """Two endpoints with a folder each, as on two machines, on one database."""
    monkeypatch.setenv("TRACKONE__STORE__URL", postgres.new_database(f"scim_{tmp_path.name}"))
    monkeypatch.setenv("TRACKONE__STORE__SCHEMA_NAME", "riverside")
    both = []
    for name in ("host-a", "host-b"):
        (tmp_path / name).mkdir()
        both.append(Served(tmp_path / name))
    try:
        both[0].start()
        shutil.copy(tmp_path / "host-a" / "trackone.key", tmp_path / "host-b")  # as docs/postgresql.md says
        both[1].start()
        yield both
    finally:
        for one in both:
            one.stop()


def on_both(hosts: list[Served], ask: Any, count: int = CLIENTS) -> list[Any]:
    """What so many clients get, spread over the hosts."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(lambda mine: ask(hosts[mine % len(hosts)], mine), range(count)))


def test_two_hosts_over_one_database_are_one_endpoint(hosts: list[Served]) -> None:
    """Users made on either have ids of their own and are seen on both; a name is given once; a token opens both."""
    made = on_both(hosts, lambda host, mine: host("POST", "/Users", user(f"pupil.{mine}")), 60)
    assert Counter(answer.status for answer in made) == {201: 60}
    ids = [answer.told["id"] for answer in made]
    assert len(set(ids)) == 60
    for host in hosts:
        assert host("GET", "/Users?count=1").told["totalResults"] == 60
        assert host("GET", f"/Users/{ids[3]}").told["userName"] == "pupil.3"
    raced = on_both(hosts, lambda host, mine: host("POST", "/Users", user(["Race.One", "race.one"][mine // 2 % 2])))
    assert Counter(answer.status for answer in raced) == {201: 1, 409: CLIENTS - 1}
    group = hosts[0]("POST", "/Groups", {"schemas": [f"{CORE}:Group"], "displayName": "Year 7"}).told["id"]
    added = on_both(
        hosts,
        lambda host, mine: host(
            "PATCH", f"/Groups/{group}", patch({"op": "add", "path": "members", "value": [{"value": ids[mine]}]})
        ),
    )
    assert {answer.status for answer in added} <= {200, 204}
    for host in hosts:
        members = host("GET", f"/Groups/{group}").told["members"]
        assert {one["value"] for one in members} == set(ids[:CLIENTS])
    assert len(hosts[1].accounts()) == 61
    assert hosts[1]("GET", "/Users", token=hosts[0].token).status == 200
