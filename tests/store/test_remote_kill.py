"""A process killed while it does a run at a service elsewhere leaves nothing that the next one does not finish."""

import itertools
import random
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.servers.scim2 import Scim2Server
from tests.servers.unruly import Change
from tests.store.elsewhere import Behind

PEOPLE = 200

WORKER = """
import sys
from pathlib import Path
from tests.store.elsewhere import Elsewhere
from tests.store.people import TickingClock, archive, by_name, create, rename, run, student, update
from tests.store.test_remote_kill import PEOPLE
store = Elsewhere(sys.argv[1], sys.argv[2], Path(sys.argv[3])).opened(TickingClock())
print("opened", flush=True)
found = by_name(store)
print("looked", flush=True)
syncs = [one for one in store.runs() if one.command == "sync"]
if not syncs:
    run(store, *(create(student(f"user{n}", f"S{n:03}")) for n in range(PEOPLE)))
    found, syncs = by_name(store), [1]
if len(syncs) == 1:
    known = [found[f"user{n}"] for n in range(PEOPLE)]
    swapped = [rename(known[n], f"user{n ^ 1}") for n in range(0, 40)]
    moved = [rename(known[n], f"user{n + 1}") for n in range(40, 60)] + [rename(known[60], "free")]
    gone = [archive(one) for one in known[61:150]]
    run(store, *swapped, *moved, *gone, *(update(one, email=f"{one.sis_code}@a.edu") for one in known[150:]))
print("ended", flush=True)
"""


def small_bulks(told: dict[str, Any]) -> dict[str, Any]:
    """What a service announces, but for a bulk so small that there are many moments between two of them."""
    return told | {"bulk": told["bulk"] | {"maxOperations": 7}}


def worked(behind: Behind, at: int | None, delay: float = 0) -> bool:
    """Let a process work, killed so long after its `at`-th write was asked for (None: never); whether it ended."""
    command = [sys.executable, "-c", WORKER, behind.relay.url, behind.there.token, str(behind.there.state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        writes = itertools.count(1)

        def mood(number: int, method: str) -> str | Change:
            if method != "GET" and next(writes) == at:
                threading.Timer(delay, process.kill).start()
            return small_bulks if behind.relay.asked[number - 1][1].endswith("ServiceProviderConfig") else ""

        behind.relay.mood = mood
        return process.stdout.read().split()[-1] == "ended"


def wanted() -> dict[str, tuple[str, bool, list[str]]]:
    """Username, whether active, and e-mails by SIS code, as the two runs leave them."""
    told = {}
    for n in range(PEOPLE):
        name = f"user{n ^ 1}" if n < 40 else f"user{n + 1}" if n < 60 else "free" if n == 60 else f"user{n}"
        told[f"S{n:03}"] = (name, not 61 <= n < 150, [f"S{n:03}@a.edu"] if n >= 150 else [])
    return told


def fresh(behind: Behind, scim2: Scim2Server, number: int) -> None:
    """Another service behind the same relay, with a state of its own."""
    state = behind.there.state
    behind.there = behind.there._replace(
        service=scim2.url_of(f"{state.parent.name}-{number}"), state=state.with_name(f"state-{number}.db")
    )
    behind.relay.aim(behind.there.service)


def as_wanted(behind: Behind) -> None:
    """The work is done exactly once, there and here, and nothing is left in the journal."""
    users = behind.there.users()
    told = {
        user["externalId"]: (name, user["active"], [one["value"] for one in user.get("emails", ())])
        for name, user in users.items()
    }
    assert len(users) == PEOPLE
    assert told == wanted()
    store = behind.opened()
    assert [one.command for one in store.runs()] == ["sync", "sync"]
    assert Path(f"{behind.there.state}.pushed").read_text() == '{"through": 2}\n'


@pytest.mark.slow
@pytest.mark.parametrize("kills", [5, pytest.param(100, marks=pytest.mark.long)])
def test_killed_at_random_moments(behind, scim2, kills):
    """Killed again and again while it creates, swaps names and archives, the work is in the end done exactly once."""
    dice = random.Random(kills)
    killed = 0
    for number in itertools.count():
        fresh(behind, scim2, number)
        while killed < kills and not worked(behind, dice.randrange(1, 9), dice.choice([0, 0.01, 0.05])):
            killed += 1
        assert worked(behind, None)
        as_wanted(behind)
        if killed == kills:
            break
