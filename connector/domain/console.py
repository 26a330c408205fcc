"""What the admin console keeps of its own: who may sign in, who is, what they did, what they were shown."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from connector.domain.run import Run


class Role(StrEnum):
    """What a person may do in the console: an operator changes things, a viewer looks."""

    OPERATOR = "operator"
    VIEWER = "viewer"


class Administrator(NamedTuple):
    """A person who signs in to the console with a password of their own; `verifier` is its argon2id."""

    name: str
    role: Role
    verifier: str
    since: datetime


class Invitation(NamedTuple):
    """A one-time link by which somebody becomes an administrator; `key` is the SHA-256 of its secret."""

    key: str
    role: Role
    by: str
    expires: datetime


class Session(NamedTuple):
    """Somebody signed in; `key` is the SHA-256 of what their browser carries. `seen` is the last click."""

    key: str
    name: str
    role: Role
    started: datetime
    seen: datetime


class AuditLine(NamedTuple):
    """One thing done in the console, or refused: when, by whom (from which address), what, to what, with what end."""

    at: datetime
    who: str
    address: str
    action: str
    subject: str = ""
    result: str = ""


class Failures(NamedTuple):
    """How often signing in failed in a row, under a name or from an address, and when last."""

    times: int
    last: datetime


NOTHING: Mapping[str, int] = {}


class PreviewState(StrEnum):
    """Where a preview stands: still open, being applied, or done as a run."""

    OPEN = "open"
    TAKEN = "taken"
    DONE = "done"


class Preview(NamedTuple):
    """A plan that was shown: `plan` is the signed text of a plan file ("" where it was not asked for).

    `options` are the form's changes to the mapping file, `outcome` the alignment it would lead to: `matched` of
    `students`, and `entries` of the directory, where it is known; and how many examples of the mapping file are
    `broken` by the options, where any is.

    `command` is what the run will be called, `left_out` the places of changes that a person left out, `accepted`
    the guard codes they accepted. `back` leads to the page the preview came from. `fingerprint` is that of the
    plan without what was left out, from the moment it is taken; `run` is its run once done, `told` what became
    of the last attempt.
    """

    id: str
    owner: str
    made_at: datetime
    command: str
    plan: str
    options: Mapping[str, Any]
    back: str = "/"
    outcome: Mapping[str, int] = NOTHING
    left_out: frozenset[int] = frozenset()
    accepted: frozenset[str] = frozenset()
    state: PreviewState = PreviewState.OPEN
    fingerprint: str = ""
    run: int | None = None
    told: str = ""


class NetworkSignIn(Protocol):
    """Where people sign in with their network account."""

    def role_of(self, name: str, password: str) -> Role | None:
        """The role of the person with this login and password, or None. Raises DirectoryError."""


class ConsoleRecord(Protocol):
    """Where the console keeps these; every method is one short transaction. Raises StoreError."""

    def administrators(self) -> list[Administrator]:
        """Everybody, by name."""

    def administrator(self, name: str) -> Administrator | None:
        """The one of that name (case_key), or None."""

    def put_administrator(self, one: Administrator) -> bool:
        """Add an administrator, or replace the one of that name, whose sessions then end. False: was there."""

    def drop_administrator(self, name: str) -> None:
        """Remove an administrator with their sessions."""

    def invite(self, one: Invitation) -> None:
        """Keep an invitation."""

    def invitation(self, key: str, now: datetime) -> Invitation | None:
        """The invitation with that key, while it holds."""

    def join(self, key: str, one: Administrator) -> bool:
        """Use up an invitation and add its administrator, both or neither; False when it is used or expired."""

    def begin_session(self, one: Session) -> None:
        """Keep a session; those that ended are swept away."""

    def session(self, key: str) -> Session | None:
        """The session with that key, or None."""

    def touch_session(self, key: str, seen: datetime) -> None:
        """Move the last click on."""

    def end_session(self, key: str) -> None:
        """Forget a session."""

    def end_sessions_before(self, started: datetime, seen: datetime) -> None:
        """Forget every session that started before, or was last seen before."""

    def failures(self, keys: Collection[str]) -> dict[str, Failures]:
        """The failures under each of these keys; those without any are left out."""

    def count_failure(self, keys: Collection[str], now: datetime, forget_before: datetime) -> None:
        """One more under each key; a count whose last failure is older than `forget_before` begins anew."""

    def forget_failures(self, keys: Collection[str]) -> None:
        """No failure under these keys."""

    def audit(self, line: AuditLine) -> None:
        """Add a line to the audit, which is never changed."""

    def audit_lines(self, most: int, before: int | None = None) -> Sequence[tuple[int, AuditLine]]:
        """The newest lines with their numbers, those below `before` where given."""

    def latest_runs(self, most: int) -> tuple[tuple[int, str], ...]:
        """The numbers of the latest runs, each with when it last wrote: what tells that accounts have changed."""

    def run_total(self) -> int:
        """How many runs there are; they are numbered from 1."""

    def newest_runs(self, skip: int = 0) -> Iterator[Run]:
        """The runs behind the `skip` newest, the newest first, read as they are asked for."""

    def run(self, number: int) -> Run | None:
        """The run with that number, or None."""

    def undone_by(self, numbers: Collection[int]) -> dict[int, int]:
        """By which run each of these was undone; those that were not are left out."""

    def put_preview(self, one: Preview, forget_before: datetime) -> None:
        """Keep a preview; the plans of those made before that moment are forgotten."""

    def preview(self, preview_id: str) -> Preview | None:
        """The preview with that id, without the text of its plan; or None."""

    def preview_plan(self, preview_id: str) -> str:
        """The text of a preview's plan; "" where there is no such preview."""

    def leave_out(self, preview_id: str, left_out: Collection[int], accepted: Collection[str]) -> bool:
        """Keep the choices made in an open preview; False when it is not open any more."""

    def take_preview(self, preview_id: str, fingerprint: str) -> bool:
        """Begin to apply an open preview; True for exactly one caller."""

    def give_back_preview(self, preview_id: str, told: str) -> None:
        """A taken preview is open again: nothing was done, and why."""

    def finish_preview(self, preview_id: str, run: int | None, told: str) -> None:
        """A taken preview is done, as that run."""
