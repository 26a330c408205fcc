"""The audit record: what was done to the user store, when, by whom and from where."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.domain.plan import Change

SCRUBBED = "scrubbed"
"""The key of a run's summary under which it stands when what the run did to whom was removed."""

CREDENTIAL_SET = "accounts set-password"
ERASE = "accounts erase"
"""The commands whose runs do what leaves no image: nobody can read it from their changes."""


@dataclass(frozen=True, slots=True)
class Run:
    """One execution against the store; `number` counts from 1 and is the run's only name.

    `command` is what was run (sync, apply, undo, rename, accounts ...), `origin` from where (cli, console,
    scim:CLIENT), `actor` who. `accepted` lists the guard codes a person accepted. `plan` is the fingerprint.
    """

    number: int
    started_at: datetime
    finished_at: datetime | None
    command: str
    origin: str
    actor: str
    counts: dict[str, int] = field(default_factory=dict)
    accepted: tuple[str, ...] = ()
    plan: str = ""
    undoes: int | None = None
    summary: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One change of a run as it was done: the images before and after, in the order of doing."""

    run: int
    sequence: int
    change: Change
