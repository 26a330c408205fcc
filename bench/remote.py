"""Whether a store elsewhere keeps its service busy: its share of what a bare client does, `python -m bench.remote`.

Both services run in processes of their own: scim2-server, and the project's own endpoint.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import requests

from bench.scim import serving
from bench.scim_setup import PREFIX, School
from connector.store.remote_client import Document, ScimClient
from connector.store.remote_push import LANES
from connector.wire import PromptWire

if TYPE_CHECKING:
    from connector.domain.account import Account
    from connector.domain.plan import Change
    from connector.store.remote import RemoteStore

LIMIT = 0.8
KIND = "application/scim+json"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
LINE = "{:<34}{:>10}{:>10}{:>8}{:>8}{:>7}"
NOW = datetime(2026, 3, 2, tzinfo=UTC)

Request = tuple[str, str, bytes]


class Service(NamedTuple):
    """A service to be written to: each call of `fresh` gives the address of one that nothing is compared with yet."""

    words: str
    fresh: Callable[[], str]
    token: str


class Singly(ScimClient):
    """A client to which a service announces nothing."""

    def get(self, path: str) -> Document:
        """One document; none that announces."""
        return {} if path == "ServiceProviderConfig" else super().get(path)


def bare(url: str, token: str, wanted: Sequence[Request]) -> float:
    """Seconds in which as many threads as the store has, with a bare session each, get these requests answered."""
    work: SimpleQueue[Request] = SimpleQueue()
    for one in wanted:
        work.put(one)
    refused: list[int] = []

    def send() -> None:
        with requests.Session() as session:
            session.headers.update({"Authorization": f"Bearer {token}", "Accept": KIND, "Content-Type": KIND})
            while True:
                try:
                    method, path, body = work.get_nowait()
                except Empty:
                    return
                answer = session.request(method, f"{url}/{path}", data=body, timeout=60)
                if not answer.ok:
                    refused.append(answer.status_code)

    threads = [threading.Thread(target=send) for _ in range(LANES)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    if refused:
        sys.exit(f"{url} refused {len(refused)} requests of the bare client, the first with {refused[0]}")
    return seconds


def store_at(url: str, token: str, state: Path, *, bulk: bool) -> "RemoteStore":
    """A store whose accounts are at the service."""
    from connector.store.open import opened  # noqa: PLC0415 - paid before anything is timed
    from connector.store.remote import RemoteStore  # noqa: PLC0415 - the same
    from connector.store.remote_circuit import Circuit  # noqa: PLC0415 - the same
    from connector.store.sql import SqlStore  # noqa: PLC0415 - the same

    client = (ScimClient if bulk else Singly)(url, token, PromptWire(), Circuit(time.monotonic))
    local = SqlStore(opened(f"sqlite:///{state}", lambda: NOW), lambda: NOW)
    return RemoteStore(local, client, Path(f"{state}.pushed"), lambda: NOW)


def pushed(store: "RemoteStore", changes: "Sequence[Change]") -> float:
    """Seconds from the decision of a run to its end: recorded here, done there, every outcome written down."""
    from connector.domain.ports import RunRequest  # noqa: PLC0415 - paid before anything is timed

    with store.run(RunRequest("bench", "bench", "bench")) as writer:
        writer.write(changes)
        writer.close({}, {}, ())
        started = time.perf_counter()
    return time.perf_counter() - started


def people(mark: str, number: int) -> "list[Account]":
    """Invented students."""
    from connector.domain.account import Account, Grant  # noqa: PLC0415 - paid before anything is timed

    grants = (Grant("Student Security", "rule:default"),)
    return [
        Account(
            f"{mark}given{one}.family{one}",
            f"{mark}{one:05}",
            family_name=f"Family{one}",
            given_names=f"Given{one}",
            email=f"{mark}{one}@school.example",
            roles=("Student Security",),
            grants=grants,
        )
        for one in range(number)
    ]


def creations(url: str, token: str, accounts: "Sequence[Account]", state: Path) -> list[tuple[str, str, Document]]:
    """What the store sends to create the accounts."""
    from connector.store.remote_user import document_of, facts_of  # noqa: PLC0415 - paid before anything is timed

    extended = store_at(url, token, state, bulk=True)._announced().extended  # noqa: SLF001 - the same question
    return [("POST", "Users", document_of(facts_of(one, extended=extended), extended=extended)) for one in accounts]


def changes_of(url: str, token: str, mark: str, state: Path) -> list[tuple[str, str, Document]]:
    """What the store sends to change the e-mail of these accounts."""
    from connector.store.remote_user import patch_of, user_of  # noqa: PLC0415 - paid before anything is timed

    store = store_at(url, token, state, bulk=True)
    users = [user_of(one, extended=False) for one in store.client.users(500)]
    return [
        ("PATCH", f"Users/{one.id}", patch_of(one.facts, one.facts._replace(email="new@school.example")) or {})
        for one in users
        if one.facts.external_id.startswith(mark)
    ]


def packed(operations: Sequence[tuple[str, str, Document]], most: int) -> list[Request]:
    """The operations singly (0), or so many to a bulk."""
    if not most:
        return [(method, path, json.dumps(data).encode()) for method, path, data in operations]
    told = [
        {"method": method, "path": f"/{path}", "bulkId": str(number), "data": data}
        for number, (method, path, data) in enumerate(operations)
    ]
    parts = [told[start : start + most] for start in range(0, len(told), most)]
    return [("POST", "Bulk", json.dumps({"schemas": [BULK], "Operations": part}).encode()) for part in parts]


def floor_of(service: Service, folder: Path, mark: str, number: int, *, bulk: bool) -> dict[str, float]:
    """Operations a second of the bare client, for creations and for changes."""
    from connector.store.remote_service import announced_by  # noqa: PLC0415 - paid before anything is timed

    url, state, token = service.fresh(), folder / f"{mark}bare.db", service.token
    most = announced_by(store_at(url, token, state, bulk=bulk).client).operations
    made = creations(url, token, people(f"{mark}bare", number), state)
    create = bare(url, token, packed(made, most))
    patches = changes_of(url, token, f"{mark}bare", state)
    return {"create": number / create, "change": number / bare(url, token, packed(patches, most))}


def share_of(service: Service, folder: Path, mark: str, number: int, *, bulk: bool) -> dict[str, float]:
    """The same of the store."""
    from connector.domain.plan import Action, Change  # noqa: PLC0415 - paid before anything is timed

    store = store_at(service.fresh(), service.token, folder / f"{mark}ours.db", bulk=bulk)
    create = pushed(store, [Change(Action.CREATE, None, one) for one in people(f"{mark}ours", number)])
    with store.view() as view:
        there = [one for one in view.accounts() if one.sis_code.startswith(f"{mark}ours")]
    changed = [Change(Action.UPDATE, one, one._replace(email="new@school.example"), ("email",)) for one in there]
    return {"create": number / create, "change": number / pushed(store, changed)}


def round_of(service: Service, folder: Path, turn: int, number: int, *, bulk: bool) -> dict[str, tuple[float, float]]:
    """Operations a second of the bare client and of the store; who goes first changes from round to round."""
    mark = f"{service.words[0]}{'b' if bulk else 's'}{turn}"
    first = share_of(service, folder, mark, number, bulk=bulk) if turn % 2 else None
    floor = floor_of(service, folder, mark, number, bulk=bulk)
    ours = first or share_of(service, folder, mark, number, bulk=bulk)
    return {kind: (floor[kind], ours[kind]) for kind in floor}


def measure(service: Service, folder: Path, number: int, rounds: int) -> list[bool]:
    """Print one service; whether each share is within the limit."""
    print(f"\n{service.words}\n{LINE.format('', 'bare', 'store', 'share', 'limit', '')}")
    verdicts = []
    for bulk in (True, False):
        turns = [round_of(service, folder, turn, number, bulk=bulk) for turn in range(rounds)]
        for kind in turns[0]:
            share = median(turn[kind][1] / turn[kind][0] for turn in turns)
            floor, ours = (median(turn[kind][place] for turn in turns) for place in (0, 1))
            verdicts.append(share >= LIMIT)
            words = f"{kind}, {'in bulk' if bulk else 'singly'}"
            verdict = "pass" if share >= LIMIT else "under"
            print(LINE.format(words, f"{floor:,.0f}", f"{ours:,.0f}", f"{share:.2f}", f"{LIMIT:.2f}", verdict))
    return verdicts


@contextmanager
def not_ours() -> Iterator[Service]:
    """scim2-server, with a new service in it for every measure."""
    from tests.servers.scim2 import Scim2Server  # noqa: PLC0415 - only where it is measured

    numbers = count(1)
    with Scim2Server() as server:
        yield Service("scim2-server", lambda: server.url_of(f"school{next(numbers)}"), server.token)


@contextmanager
def our_own(folder: Path) -> Iterator[Service]:
    """The project's own endpoint as it is served."""
    school = School(folder, 10)
    with serving("ours", str(school.config), school.token, folder) as driven:
        url = f"http://127.0.0.1:{driven.port}{PREFIX}"
        yield Service("trackone serve scim", lambda: url, school.token)


def main() -> int:
    """Measure and print the tables; 1 when a limit is not reached."""
    parser = argparse.ArgumentParser(prog="python -m bench.remote", description=__doc__)
    parser.add_argument("--accounts", type=int, default=500, metavar="N")
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    print(f"Operations a second, {chosen.accounts:,} at a time over {LANES} connections, median of {chosen.rounds}")
    with tempfile.TemporaryDirectory(prefix="bench-remote-") as made:
        folder = Path(made)
        with not_ours() as service:
            verdicts = measure(service, folder, chosen.accounts, chosen.rounds)
        with our_own(folder) as service:
            verdicts += measure(service, folder, chosen.accounts, chosen.rounds)
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
