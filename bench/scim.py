"""How many SCIM requests a second, as shares of a bare Flask view's: `python -m bench.scim [--users N ...]`.

Server and driver are two processes; the floor, the endpoint and scim2-server run on the same server settings, one
worker with one thread, and take turns.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from bench.scim_setup import PREFIX, School, free_port, new_user, patch

LIMITS = {"get": 0.6, "filter": 0.4, "page": 0.35, "deep page": 0.35, "patch": 0.25, "post": 0.15}
WORDS = {
    "get": "GET by id",
    "filter": "filter=userName eq",
    "page": "a page of 100",
    "deep page": "a page of 100, by cursor, deep",
    "patch": "PATCH active",
    "post": "POST",
}
COUNTS = {"get": 6_000, "filter": 4_000, "page": 2_000, "deep page": 2_000, "patch": 2_500, "post": 1_500}
GROUP_LIMIT = 2.0
GROUP_SIZES = (10, 10_000)
GROUP_ADDS = 300
PEER_UP_TO = 10_000
FLOOR_REQUESTS = 4_000
ROUNDS = 3
LINE = "{:<32}{:>10}{:>9}{:>8}{:>7}{:>14}{:>8}"

Asked = list[tuple[str, str, str | None]]


class Driven(NamedTuple):
    """What a server is driven with: its port and token, and the folder for requests."""

    port: int
    token: str
    folder: Path

    def per_second(self, asked: Asked, connections: int = 4) -> float:
        """Requests a second, sent by a process of its own. Stops where one is refused."""
        file = self.folder / "requests.jsonl"
        file.write_text("\n".join(json.dumps(one) for one in asked), "utf-8")
        command = [sys.executable, "-m", "bench.scim_driver", str(self.port), str(file), str(connections)]
        done = subprocess.run(command, capture_output=True, check=True, env={**os.environ, "TOKEN": self.token})
        told = json.loads(done.stdout)
        refused = {status: count for status, count in told["statuses"].items() if not status.startswith("2")}
        if refused:
            raise SystemExit(f"answers that were refused: {refused} of {asked[0][:2]}")
        return len(asked) / float(told["seconds"])

    def ask(self, method: str, path: str, body: str | None = None) -> str:
        """One request."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/scim+json"}
        data = body.encode() if body is not None else None
        request = Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=method)
        with urlopen(request) as answer:  # noqa: S310 - loopback
            text: str = answer.read().decode()
        return text


@contextmanager
def serving(app: str, config: str, token: str, folder: Path) -> Iterator[Driven]:
    """An application of bench.scim_apps on one worker with one thread."""
    port = free_port()
    start = (
        "import sys; from connector.cli.listen import listen; from bench import scim_apps; "
        "listen(getattr(scim_apps, sys.argv[1]), sys.argv[2], '127.0.0.1', int(sys.argv[3]), 1)"
    )
    server = subprocess.Popen([sys.executable, "-c", start, app, config, str(port)])
    try:
        driven = Driven(port, token, folder)
        _wait(driven)
        yield driven
    finally:
        server.terminate()
        server.wait(30)


def _wait(driven: Driven) -> None:
    for _ in range(600):
        try:
            driven.ask("GET", f"{PREFIX}/Users?count=0")
        except HTTPError:
            return
        except (URLError, ConnectionError):
            time.sleep(0.05)
        else:
            return
    raise SystemExit("a server did not come up in 30 s")


class Population(NamedTuple):
    """Who is there: ids and names, cursors to deep pages where the server has them, and who is disabled."""

    ids: Sequence[str]
    names: Sequence[str]
    cursors: Sequence[str]
    disabled: set[str]

    def switched(self, one: str) -> tuple[str, str, str | None]:
        """A PATCH of `active` that changes it."""
        self.disabled.symmetric_difference_update({one})
        value = one not in self.disabled
        return "PATCH", f"{PREFIX}/Users/{one}", patch({"op": "Replace", "path": "active", "value": value})


def requests_of(kind: str, people: Population, count: int, dice: random.Random, mark: str) -> Asked:
    """So many requests of a kind, on people taken by chance."""
    makers: dict[str, Callable[[int], tuple[str, str, str | None]]] = {
        "get": lambda _: ("GET", f"{PREFIX}/Users/{dice.choice(people.ids)}", None),
        "filter": lambda _: (
            "GET",
            f"{PREFIX}/Users?filter=" + quote(f'userName eq "{dice.choice(people.names)}"'),
            None,
        ),
        "page": lambda _: ("GET", f"{PREFIX}/Users?startIndex=1&count=100", None),
        "deep page": lambda _: ("GET", f"{PREFIX}/Users?count=100&cursor={dice.choice(people.cursors)}", None),
        "patch": lambda _: people.switched(dice.choice(people.ids)),
        "post": lambda number: ("POST", f"{PREFIX}/Users", new_user(f"{mark}.{number}")),
    }
    return [makers[kind](number) for number in range(count)]


def warm(driven: Driven) -> tuple[float, list[str]]:
    """Page through everybody once, so that every text is stored; the seconds, and the cursor of each page of 100."""
    begun, cursor = time.perf_counter(), ""
    cursors: list[str] = []
    while True:
        told = json.loads(driven.ask("GET", f"{PREFIX}/Users?count=100&cursor={cursor}"))
        cursor = told.get("nextCursor", "")
        if not cursor:
            return time.perf_counter() - begun, cursors
        if len(told["Resources"]) == 100:
            cursors.append(cursor)


def per_member(driven: Driven, ids: Sequence[str], size: int, mark: str) -> float:
    """Seconds to add one member to a group that has `size`, one after the other on one connection."""
    members = [{"value": one} for one in ids[:size]]
    body = json.dumps({"schemas": [], "displayName": f"{mark} {size}"})
    group = json.loads(driven.ask("POST", f"{PREFIX}/Groups", body))["id"]
    path = f"{PREFIX}/Groups/{group}"
    driven.ask("PATCH", path, patch({"op": "add", "path": "members", "value": members}))
    more = [{"op": "add", "path": "members", "value": [{"value": one}]} for one in ids[size : size + GROUP_ADDS]]
    return 1 / driven.per_second([("PATCH", path, patch(one)) for one in more], connections=1)


class Record(NamedTuple):
    """What was measured of each kind of request, a number a round; `shares` are of the floor around it."""

    floors: list[float]
    speeds: dict[str, list[float]]
    shares: dict[str, list[float]]
    peers: dict[str, list[float]]
    groups: list[float]


def measure(users: int, rounds: int) -> list[bool]:
    """Print the table of one size; what is within its limit."""
    record = Record([], _of_kinds(), _of_kinds(), _of_kinds(), [])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        school = School(folder, users)
        with (
            serving("floor", "", "", folder) as floor,
            serving("ours", str(school.config), school.token, folder) as ours,
        ):
            first, cursors = warm(ours)
            print(f"\n{users:,} users, median of {rounds}; first paged through in {first:.1f} s")
            people = Population(school.ids, school.names, cursors[len(cursors) // 2 :] or [""], set())
            for turn in range(rounds):
                _measure_ours(ours, floor, people, turn, record)
            if len(people.ids) > GROUP_SIZES[-1] + GROUP_ADDS:  # last: the texts of all members are to be made anew
                for turn in range(rounds):
                    small, large = (per_member(ours, people.ids, size, f"turn {turn}") for size in GROUP_SIZES)
                    record.groups.append(large / small)
        if users <= PEER_UP_TO:
            with serving("peer", "", "", folder) as peer:
                _measure_peer(peer, school, rounds, record)
    return _told(record)


def _of_kinds() -> dict[str, list[float]]:
    return {kind: [] for kind in LIMITS}


def _measure_ours(ours: Driven, floor: Driven, people: Population, turn: int, record: Record) -> None:
    """One round: each kind between two measurements of the floor, since the machine is not always as quick."""
    stored: Asked = [("GET", f"{PREFIX}/Users/1", None)] * FLOOR_REQUESTS
    before = floor.per_second(stored)
    for kind in LIMITS:
        speed = ours.per_second(requests_of(kind, people, COUNTS[kind], random.Random(turn), f"post{turn}"))
        after = floor.per_second(stored)
        record.floors.append(after)
        record.speeds[kind].append(speed)
        record.shares[kind].append(speed / ((before + after) / 2))
        before = after


def _measure_peer(peer: Driven, school: School, rounds: int, record: Record) -> None:
    peer.per_second([("POST", f"{PREFIX}/Users", new_user(name)) for name in school.names])
    ids: list[str] = []
    while len(ids) < len(school.names):
        told = json.loads(peer.ask("GET", f"{PREFIX}/Users?count=1000&startIndex={len(ids) + 1}"))
        ids += [one["id"] for one in told["Resources"]]
    people = Population(ids, school.names, (), set())
    for turn in range(rounds):
        for kind in LIMITS:
            if kind == "deep page":
                continue
            count = 20 if kind == "page" else COUNTS[kind] // 10
            asked = requests_of(kind, people, count, random.Random(turn), f"peer{turn}")
            record.peers[kind].append(peer.per_second(asked))


def _told(record: Record) -> list[bool]:
    """Print the lines; what is within its limit."""
    print(LINE.format("", "requests/s", "of floor", "limit", "", "scim2-server", ""))
    print(
        LINE.format("bare Flask view, stored text", f"{median(record.floors):,.0f}", "1.00", "", "", "", "").rstrip()
    )
    verdicts = []
    for kind, limit in LIMITS.items():
        share, speed, peers = median(record.shares[kind]), median(record.speeds[kind]), record.peers[kind]
        ahead = not peers or speed > median(peers)
        told = (f"{median(peers):,.0f}", "ahead" if ahead else "behind") if peers else ("", "")
        shown = (f"{speed:,.0f}", f"{share:.2f}", limit, _word(within=share >= limit))
        print(LINE.format(WORDS[kind], *shown, *told).rstrip())
        verdicts += [share >= limit, ahead]
    if record.groups:
        ratio = median(record.groups)
        small, large = GROUP_SIZES
        shares = (f"{ratio:.2f}", GROUP_LIMIT, _word(within=ratio <= GROUP_LIMIT), "", "")
        print(LINE.format(f"one member more, {large:,} : {small}", "", *shares).rstrip())
        verdicts.append(ratio <= GROUP_LIMIT)
    return verdicts


def _word(*, within: bool) -> str:
    return "pass" if within else "over"


def main() -> int:
    """Measure every size asked for; 1 when a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, nargs="+", default=[1_000, 10_000, 20_000, 100_000])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    verdicts = [verdict for users in asked.users for verdict in measure(users, asked.rounds)]
    print("\nAll within limits." if all(verdicts) else "\nA limit was passed.")
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
