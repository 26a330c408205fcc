"""scim2-tester, which plays the RFCs against an endpoint: https://scim2-tester.readthedocs.io."""

from collections.abc import Iterator

import pytest
from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import CheckResult, Status, check_server

from tests.scim.served import Served

FINE = (Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE)


@pytest.fixture(scope="module")
def results(endpoint: Served) -> Iterator[list[CheckResult]]:
    """What it says of every check."""
    with Client(base_url=endpoint.url, headers=endpoint.bearing(endpoint.new_token("tester"))) as http:
        client = SyncSCIMClient(http)
        client.discover()
        yield check_server(client)


def test_scim2_tester_finds_no_error_and_no_deviation(results: list[CheckResult]) -> None:
    """Every check succeeds; none is skipped for something that is not announced."""
    wrong = [f"{one.status.name} {one.title}: {one.reason}" for one in results if one.status not in FINE]
    assert wrong == []
    assert len(results) > 140
