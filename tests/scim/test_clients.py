"""Real clients with the endpoint: the scim2-client library and the scim2-cli command."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import (
    BulkOperation,
    BulkRequest,
    PatchOp,
    PatchOperation,
    SCIMException,
    SearchRequest,
)

from tests.scim.served import CORE, PATCH_OP, Served

SCIM = Path(sys.executable).with_name("scim")
TRACKONE = "urn:ietf:params:scim:schemas:extension:trackone:2.0:User"


@pytest.fixture(scope="module")
def library(endpoint: Served) -> Iterator[SyncSCIMClient]:
    """scim2-client, which has read what the endpoint announces and holds every answer to it."""
    with Client(base_url=endpoint.url, headers=endpoint.bearing(endpoint.new_token("library"))) as http:
        client = SyncSCIMClient(http)
        client.discover()
        yield client


def test_the_library_creates_reads_patches_and_deletes(library: SyncSCIMClient) -> None:
    """A user with the TrackOne extension goes through its whole life; each answer fits the announced schemas."""
    user_model = library.get_resource_model("User")
    assert user_model is not None
    extension = next(one for name, one in user_model.get_extension_models().items() if name == TRACKONE)
    wanted = user_model(user_name="library.one", display_name="Library One", active=True)
    wanted[extension] = extension(sis_code="L1", year_level="7")
    made = library.create(wanted)
    assert made[extension].sis_code == "L1"
    made.display_name = "Library Uno"
    assert library.replace(made).display_name == "Library Uno"
    change = PatchOp[user_model](
        operations=[
            PatchOperation(op=PatchOperation.Op.replace_, path=f"{TRACKONE}:campus", value="North"),
            PatchOperation(op=PatchOperation.Op.replace_, path="active", value=False),
        ]
    )
    patched = library.modify(user_model, made.id, change)
    assert (patched[extension].campus, patched.active) == ("North", False)
    found = library.query(user_model, query_parameters=SearchRequest(filter=f'{TRACKONE}:sisCode eq "L1"'))
    assert [one.id for one in found.resources] == [made.id]
    library.delete(user_model, made.id)
    with pytest.raises(SCIMException):
        library.query(user_model, made.id)


def test_the_library_makes_a_group_in_bulk_of_users_in_the_same_bulk(library: SyncSCIMClient) -> None:
    """Members are named by bulkId, the group even before them; both users are in the group afterwards."""
    user_model, group_model = library.get_resource_model("User"), library.get_resource_model("Group")
    post = BulkOperation.Method.post
    users = [
        BulkOperation[user_model](
            method=post, path="/Users", bulk_id=f"u{number}", data=user_model(user_name=f"bulk.{number}")
        )
        for number in range(2)
    ]
    members = [{"value": f"bulkId:u{number}"} for number in range(2)]
    group = group_model.model_validate({"displayName": "Bulk group", "members": members})
    operations = [BulkOperation[group_model](method=post, path="/Groups", bulk_id="g", data=group), *users]
    answer = library.bulk(BulkRequest[user_model | group_model](operations=operations, fail_on_errors=1))
    assert {str(one.status) for one in answer.operations} == {"201"}
    found = library.query(group_model, query_parameters=SearchRequest(filter='displayName eq "Bulk group"'))
    assert len(found.resources[0].members) == 2


def test_the_library_pages_through_everybody(library: SyncSCIMClient) -> None:
    """Pages of three hold everybody once, whatever the order asked for."""
    user_model = library.get_resource_model("User")
    for number in range(8):
        library.create(user_model(user_name=f"page.{number}"))
    names: list[str] = []
    while True:
        asked = SearchRequest(
            filter='userName sw "page."',
            start_index=len(names) + 1,
            count=3,
            sort_by="userName",
            sort_order="descending",
        )
        page = library.query(user_model, query_parameters=asked)
        if not page.resources:
            break
        names += [one.user_name for one in page.resources]
        assert page.total_results == 8
    assert names == [f"page.{number}" for number in reversed(range(8))]


def command(endpoint: Served, *words: str, stdin: Any = None) -> Any:
    """scim2-cli; what it prints as JSON."""
    environ = {
        **os.environ,
        "SCIM_CLI_URL": endpoint.url,
        "SCIM_CLI_HEADERS": f"Authorization: Bearer {endpoint.token}",
    }
    given = None if stdin is None else json.dumps(stdin)
    done = subprocess.run([SCIM, *words], env=environ, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout) if done.stdout.strip() else None


@pytest.mark.slow
def test_the_command_does_the_same(endpoint: Served) -> None:
    """scim2-cli creates, queries, modifies, replaces, bulks and deletes."""
    made = command(endpoint, "create", "user", stdin={"schemas": [f"{CORE}:User"], "userName": "cli.one"})
    change = {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "value": {"displayName": "Cli"}}]}
    assert command(endpoint, "modify", "user", made["id"], stdin=change)["displayName"] == "Cli"
    found = command(endpoint, "query", "user", made["id"])
    assert found["displayName"] == "Cli"
    found["nickName"] = "C"
    assert command(endpoint, "replace", "user", stdin=found)["nickName"] == "C"
    bulk = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{"method": "DELETE", "path": f"/Users/{made['id']}"}],
    }
    assert str(command(endpoint, "bulk", stdin=bulk)["Operations"][0]["status"]) == "204"
    again = command(endpoint, "create", "user", stdin={"schemas": [f"{CORE}:User"], "userName": "cli.one"})
    assert command(endpoint, "delete", "user", again["id"]) is None
