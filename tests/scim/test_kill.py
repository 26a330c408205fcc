"""Power cuts: killed in the middle of a storm, what was answered is there and nothing is half done."""

import json
import random
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from tests.scim.served import CORE, MEDIA_TYPE, Served, patch, user

CLIENTS = 8
GONE = "gone"


@dataclass
class Subject:
    """One user as its client knows it: `states` are those it may be in now, the last answered one first."""

    name: str
    id: str = ""
    states: list[str] = field(default_factory=lambda: [GONE])

    def asked(self, state: str) -> None:
        """A write that would lead to `state` is on its way."""
        self.states.append(state)

    def answered(self, state: str) -> None:
        """It was answered: only that state is right."""
        self.states = [state]

    def refused(self) -> None:
        """It was refused: the state is as before."""
        self.states.pop()


class Client:
    """A client that goes on with its work when the endpoint comes back."""

    def __init__(self, endpoint: Served, number: int, up: threading.Event, count: Callable[[], None]) -> None:
        self.endpoint = endpoint
        self.number = number
        self.up = up
        self.count = count
        self.random = random.Random(number)
        self.session = requests.Session()
        self.session.headers.update(endpoint.bearing() | {"Content-Type": MEDIA_TYPE})
        self.subjects: list[Subject] = []

    def work(self, requests_to_send: int) -> list[Subject]:
        """Send so many requests, mixed."""
        with self.session:
            for number in range(requests_to_send):
                self.up.wait(60)
                try:
                    self._one(number)
                except requests.RequestException:
                    time.sleep(0.02)
                self.count()
        return self.subjects

    def _one(self, number: int) -> None:
        known = [one for one in self.subjects if one.id and one.states != [GONE]]
        dice = self.random.random()
        if not known or dice < 0.35:
            self._create(number)
        elif dice < 0.75:
            self._change(self.random.choice(known), f"v{number}")
        elif dice < 0.85:
            self._delete(self.random.choice(known))
        else:
            self._ask("GET", f"/Users/{self.random.choice(known).id}")

    def _create(self, number: int) -> None:
        one = Subject(f"storm.{self.number}.{number}")
        self.subjects.append(one)
        one.asked("v0")
        answer = self._ask("POST", "/Users", user(one.name, displayName="v0", title="v0", externalId=one.name))
        assert answer.status_code == 201, answer.text
        one.id = answer.json()["id"]
        one.answered("v0")

    def _change(self, one: Subject, state: str) -> None:
        one.asked(state)
        replace = [{"op": "replace", "path": name, "value": state} for name in ("displayName", "title")]
        answer = self._ask("PATCH", f"/Users/{one.id}", patch(*replace))
        if answer.status_code == 200:
            one.answered(state)
        else:
            assert GONE in one.states, (one, answer.text)
            one.refused()

    def _delete(self, one: Subject) -> None:
        one.asked(GONE)
        answer = self._ask("DELETE", f"/Users/{one.id}")
        assert answer.status_code in (204, 404), answer.text
        one.answered(GONE)

    def _ask(self, method: str, path: str, body: Any = None) -> requests.Response:
        data = None if body is None else json.dumps(body)
        return self.session.request(method, f"{self.endpoint.url}{path}", data=data, timeout=60)


def storm(endpoint: Served, total: int, kills: int) -> list[Subject]:
    """`total` requests of eight clients, the endpoint killed `kills` times on the way; what the clients know."""
    up, sent, lock = threading.Event(), [0], threading.Lock()

    def count() -> None:
        with lock:
            sent[0] += 1

    endpoint.start()
    up.set()
    clients = [Client(endpoint, number, up, count) for number in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        work = [pool.submit(client.work, total // CLIENTS) for client in clients]
        for kill in range(1, kills + 1):
            while sent[0] < total * kill // (kills + 1) and not all(one.done() for one in work):
                time.sleep(0.002)
            up.clear()
            endpoint.stop(signal.SIGKILL)
            endpoint.start()
            up.set()
        return [subject for one in work for subject in one.result()]


def seen(endpoint: Served) -> dict[str, tuple[str, str, str]]:
    """The users as the endpoint lists them: display name, title and id by name."""
    found: dict[str, tuple[str, str, str]] = {}
    cursor = ""
    while True:
        told = endpoint("GET", f"/Users?count=500&cursor={cursor}").told
        for one in told["Resources"]:
            found[one["userName"]] = (one.get("displayName", ""), one.get("title", ""), one["id"])
        cursor = told.get("nextCursor", "")
        if not cursor:
            return found


def check(endpoint: Served, subjects: list[Subject]) -> None:
    """Every answered write is there, none is half done, and the runs account for every account."""
    there = seen(endpoint)
    for one in subjects:
        shown, title, found_id = there.pop(one.name, (GONE, GONE, one.id))
        assert shown == title, one
        assert shown in one.states, one
        assert one.id in ("", found_id), one
    assert there == {}
    accounts = endpoint.accounts()
    runs = json.loads(endpoint.trackone("runs", "list", "--format", "json"))
    assert sum(run["counts"].get("create", 0) for run in runs) == len(accounts)
    assert len({one["username"].casefold() for one in accounts}) == len(accounts)


@pytest.mark.slow
def test_a_kill_in_a_storm_of_500_requests_loses_nothing(on_either: Served) -> None:
    """Killed by SIGKILL twice; the store says what the clients were told."""
    check(on_either, storm(on_either, 504, 2))


@pytest.mark.long
def test_a_kill_in_a_storm_of_10000_requests_loses_nothing(on_either: Served) -> None:
    """The same, twenty times as long and killed ten times."""
    check(on_either, storm(on_either, 10_000, 10))


@pytest.mark.slow
def test_requests_on_their_way_are_answered_when_it_is_told_to_stop(fresh: Served) -> None:
    """SIGTERM while clients work: every request that was taken is answered, and every answered one is there."""
    fresh.start()
    answered: list[str] = []

    def work(number: int) -> None:
        for turn in range(1_000):
            name = f"term.{number}.{turn}"
            try:
                answer = fresh("POST", "/Users", {"schemas": [f"{CORE}:User"], "userName": name})
            except requests.ConnectionError:
                return
            assert answer.status == 201
            answered.append(name)

    with ThreadPoolExecutor(4) as pool:
        work_done = [pool.submit(work, number) for number in range(4)]
        while len(answered) < 40:
            time.sleep(0.01)
        fresh.stop()
        for one in work_done:
            one.result()
    fresh.start()
    assert set(answered) <= set(seen(fresh))
