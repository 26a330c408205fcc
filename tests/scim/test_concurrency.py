"""Many clients at once, on an endpoint of several processes."""

import json
import sqlite3
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.scim.served import CORE, Served, patch, user

CLIENTS = 32


def at_once(number: int, ask: Any) -> list[Any]:
    """What `number` threads get that all start at the same moment."""
    start = threading.Barrier(number)

    def one(mine: int) -> Any:
        start.wait()
        return ask(mine)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def made(endpoint: Served, path: str, body: dict[str, Any]) -> str:
    """The id of a new resource."""
    answer = endpoint("POST", path, body)
    assert answer.status == 201, answer.told
    return str(answer.told["id"])


def test_one_of_many_who_create_the_same_user_succeeds(endpoint: Served) -> None:
    """32 clients post one userName in different letter case: one 201, 31 times 409, one user."""
    names = ["Race.One@school.example", "race.one@school.example"]
    answers = at_once(CLIENTS, lambda mine: endpoint("POST", "/Users", user(names[mine % 2])))
    assert Counter(answer.status for answer in answers) == {201: 1, 409: CLIENTS - 1}
    assert endpoint("GET", '/Users?filter=userName eq "race.one@school.example"').told["totalResults"] == 1


def test_one_of_many_who_create_the_same_group_succeeds(endpoint: Served) -> None:
    """A group's name is one too."""
    body = {"schemas": [f"{CORE}:Group"], "displayName": "Race group"}
    answers = at_once(CLIENTS, lambda _mine: endpoint("POST", "/Groups", body))
    assert Counter(answer.status for answer in answers) == {201: 1, 409: CLIENTS - 1}


def test_no_member_is_lost_when_many_are_added_at_once(endpoint: Served) -> None:
    """32 clients add a member each to one group: all 32 are in it, and in the users' own groups."""
    ids = [made(endpoint, "/Users", user(f"member.{number}")) for number in range(CLIENTS)]
    group = made(endpoint, "/Groups", {"schemas": [f"{CORE}:Group"], "displayName": "All members"})
    path = f"/Groups/{group}"
    answers = at_once(
        CLIENTS,
        lambda mine: endpoint(
            "PATCH", path, patch({"op": "Add", "path": "members", "value": [{"value": ids[mine]}]})
        ),
    )
    assert {answer.status for answer in answers} <= {200, 204}
    assert {one["value"] for one in endpoint("GET", path).told["members"]} == set(ids)
    assert {one["value"] for one in endpoint("GET", f"/Users/{ids[7]}").told["groups"]} == {group}
    removed = at_once(
        CLIENTS,
        lambda mine: endpoint("PATCH", path, patch({"op": "remove", "path": f'members[value eq "{ids[mine]}"]'})),
    )
    assert {answer.status for answer in removed} <= {200, 204}
    assert "members" not in endpoint("GET", path).told


def test_of_two_writes_on_one_version_one_is_refused(endpoint: Served) -> None:
    """With If-Match no update is lost: 16 clients who read the same version get one 200 and fifteen 412."""
    one = made(endpoint, "/Users", user("etag.race"))
    etag = endpoint("GET", f"/Users/{one}").headers["ETag"]
    answers = at_once(
        16,
        lambda mine: endpoint(
            "PATCH",
            f"/Users/{one}",
            patch({"op": "replace", "path": "displayName", "value": f"Winner {mine}"}),
            If_Match=etag,
        ),
    )
    assert Counter(answer.status for answer in answers) == {200: 1, 412: 15}


def test_changes_to_different_attributes_of_one_user_all_stand(endpoint: Served) -> None:
    """Writes without a condition follow each other: none takes another's back."""
    one = made(endpoint, "/Users", user("merge.race"))
    names = ["title", "nickName", "displayName", "locale", "timezone", "preferredLanguage"]
    answers = at_once(
        len(names),
        lambda mine: endpoint(
            "PATCH", f"/Users/{one}", patch({"op": "replace", "path": names[mine], "value": f"v{mine}"})
        ),
    )
    assert {answer.status for answer in answers} == {200}
    told = endpoint("GET", f"/Users/{one}").told
    assert [told[name] for name in names] == [f"v{number}" for number in range(len(names))]


@pytest.mark.slow
def test_a_sync_and_a_storm_of_requests_leave_a_store_that_both_explain(fresh: Served) -> None:
    """While clients create, change and delete, syncs run: nobody fails, names are one, and runs account for all."""
    rows = [f"S{number},Given{number},Family{number},7,active" for number in range(200)]
    header = "sis_code,given_names,family_name,year_level,status"
    (fresh.folder / "students.csv").write_text("\n".join([header, *rows]) + "\n", "utf-8")
    fresh.start()

    def storm(mine: int) -> list[int]:
        if mine == 0:
            for _ in range(2):
                fresh.trackone("sync")
            return []
        statuses = []
        for number in range(15):
            name = f"g{number}family{number}" if number % 5 == 0 else f"storm.{mine}.{number}"
            answer = fresh("POST", "/Users", user(name, externalId=f"{mine}-{number}"))
            statuses.append(answer.status)
            if answer.status == 201:
                path = f"/Users/{answer.told['id']}"
                body = patch({"op": "replace", "path": "active", "value": number % 2 == 0})
                statuses.append(fresh("PATCH", path, body).status)
                if number % 3 == 0:
                    statuses.append(fresh("DELETE", path).status)
        return statuses

    statuses = Counter(status for some in at_once(6, storm) for status in some)
    assert set(statuses) <= {200, 201, 204, 409, 503}, statuses
    assert statuses[201] > 50
    fresh.trackone("sync")
    accounts = fresh.accounts()
    names = [one["username"].casefold() for one in accounts]
    assert len(names) == len(set(names))
    codes = [one["sis_code"] for one in accounts if one["sis_code"]]
    assert len(codes) == len(set(codes))
    told = json.loads(fresh.trackone("plan", "--format", "json"))
    assert told["changes"] == []
    runs = json.loads(fresh.trackone("runs", "list", "--format", "json"))
    assert {run["command"] for run in runs} == {"sync", "scim"}
    created = sum(run["counts"].get("create", 0) for run in runs)
    assert created == len(accounts)


@pytest.mark.slow
def test_requests_go_on_while_a_long_run_holds_the_store(fresh: Served) -> None:
    """Reads are answered during a sync; a write waits, or is told by 503 and Retry-After to come again."""
    fresh.start()
    one = made(fresh, "/Users", user("reader"))
    held = sqlite3.connect(fresh.folder / "trackone.db", isolation_level=None, check_same_thread=False)
    held.execute("BEGIN IMMEDIATE")
    try:
        assert fresh("GET", f"/Users/{one}").status == 200
        assert fresh("GET", "/Users?count=10").told["totalResults"] == 1
        answer = fresh("POST", "/Users", user("writer"))
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) > 0
    finally:
        held.execute("ROLLBACK")
        held.close()
    assert fresh("POST", "/Users", user("writer")).status == 201
