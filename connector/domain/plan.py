"""What is to happen to the user store, and what will not and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from connector.domain.account import Account
from connector.domain.finding import Finding


class Action(StrEnum):
    """The kinds of Change; REMOVE exists only in undo plans (rules.md 25)."""

    CREATE = "create"
    UPDATE = "update"
    RENAME = "rename"
    ARCHIVE = "archive"
    RESTORE = "restore"
    REMOVE = "remove"


WITHOUT_COLUMN = "scim"
"""Stands in `changed` for what SCIM clients gave that no column holds, and no image either."""


class Change(NamedTuple):
    """One change to one account, with whole images before and after.

    `changed` lists the export keys that differ, `reasons` says why in a reader's words. `before.version` is
    what the row must still be when the change is applied (rules.md 24).
    """

    action: Action
    before: Account | None
    after: Account | None
    changed: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def subject(self) -> Account:
        """The account as it will be; as it is, where the change archives or removes it."""
        gone = self.action in (Action.ARCHIVE, Action.REMOVE)
        account = self.before if gone or self.after is None else self.after
        assert account is not None  # noqa: S101 - a Change has at least one image
        return account

    @property
    def sis_code(self) -> str:
        """The SIS code of the account."""
        return self.subject.sis_code

    @property
    def username(self) -> str:
        """The username after the change; the current one for an archive."""
        return self.subject.username


SKIP_REASONS = (
    "rejected-row",
    "duplicate-sis-code",
    "status-unknown",
    "not-active",
    "year-level-out-of-scope",
    "empty-username",
    "non-latin-name",
    "confusable-name",
    "username-invalid",
    "username-reserved",
    "username-taken",
    "held-by-directory-policy",
)
"""Why a row gives no account, in the order in which the first that holds is named (rules.md 23)."""


class Skip(NamedTuple):
    """A row of the SIS that leads to no account now, and why."""

    sis_code: str
    reason: str
    detail: str = ""
    suggestion: str = ""


GUARD_CODES = (
    "max-archives",
    "max-renames",
    "max-shrink",
    "max-rejects",
    "empty-read",
    "incomplete-directory",
    "mapping-changed",
    "key-changed",
)


class GuardLine(NamedTuple):
    """What one rule of the guard measured: `value` against `limit` in a `population`; refused unless accepted."""

    code: str
    value: int
    limit: int
    population: int
    refused: bool
    accepted: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of each, over everybody the run looked at."""

    create: int = 0
    update: int = 0
    rename: int = 0
    archive: int = 0
    restore: int = 0
    unchanged: int = 0
    skip: int = 0
    remove: int = 0


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """What an applied plan must remember of the SIS read behind it, since apply never reads the SIS again.

    `mapping` and `scope` are fingerprints, `active` the code keys shown as active and in scope, `missing`
    those of claimed accounts absent from a complete read. `code_kind` is the OneRoster key field, or empty;
    `bookmark` is where the next read may go on, or empty. `whole` is False for a read of everybody that was not
    complete, so that who is absent from it may be there all the same. `linked` are the directory's durable ids,
    by code key, of accounts that do not change and of which none was known yet.
    """

    mapping: str
    scope: str
    as_of: str
    code_kind: str = ""
    active: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    delta: bool = False
    bookmark: str = ""
    whole: bool = True
    linked: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one run would do, decided and not yet done.

    `inputs` describes what was read (sis, directory, store), `fingerprint` identifies the plan, created_at
    included. `kind` is "sync", "undo", "rename", "import" or "accounts". `names` are the names, by SIS code, of
    those a skip or finding speaks of: for showing, never part of the plan file.
    """

    created_at: datetime
    changes: tuple[Change, ...] = ()
    skips: tuple[Skip, ...] = ()
    findings: tuple[Finding, ...] = ()
    guard: tuple[GuardLine, ...] = ()
    counts: Counts = field(default_factory=Counts)
    inputs: dict[str, Any] = field(default_factory=dict)
    fingerprint: str = ""
    kind: str = "sync"
    read: ReadRecord | None = None
    undoes: int | None = None
    names: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def refused(self) -> tuple[GuardLine, ...]:
        """The guard's refusals that nobody accepted."""
        return tuple(line for line in self.guard if line.refused and not line.accepted)
