"""The user store of a TrackOne elsewhere, reached over SCIM; what runs remember is in a database here."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from connector.domain.alignment import AlignmentRecord, FindingKey
from connector.domain.errors import LockedError, StoreError
from connector.domain.plan import Action, Change
from connector.domain.ports import AccountReader, Clock, Credential, RunRequest, RunWriter
from connector.domain.run import Outcome, Run
from connector.store.lock import run_lock
from connector.store.remote_client import ScimClient
from connector.store.remote_drift import Known, drift, drifted
from connector.store.remote_journal import RemoteJournal
from connector.store.remote_push import Refusal, push
from connector.store.remote_service import Announced, announced_by
from connector.store.remote_target import Target
from connector.store.remote_user import RemoteUser, user_of
from connector.store.sql import SqlStore

FRESH = timedelta(seconds=60)
"""How long what the service showed counts as what it holds."""

_LEAST_LOST = 5
_MOST_LOST = 0.1
"""How many users may have vanished since the last look before a look is not believed; and as a share."""


@dataclass
class RemoteStore:
    """What `Store` and `AlignmentRecords` promise, over `local`: a mirror of the service's users, and all records.

    A run is decided and recorded here, then done at the service; the journal at `journal_file` says how far. What an
    interrupted run left is done first by the next one, and what others changed there is taken over before a
    decision, as a run of its own.
    """

    local: SqlStore
    client: ScimClient
    journal_file: Path
    clock: Clock
    _target: Target | None = field(default=None, init=False)
    _seen: datetime | None = field(default=None, init=False)

    @contextmanager
    def view(self) -> Iterator[AccountReader]:
        """A view of the accounts as the service showed them last, at most a minute ago."""
        with suppress(LockedError), self._locked("look"):  # who holds the lock keeps the mirror true
            self._catch_up()
        with self.local.view() as accounts:
            yield accounts

    @contextmanager
    def run(self, request: RunRequest) -> Iterator[RunWriter]:
        """Begin a run; when the context ends well it is recorded here, then done at the service.

        Raises LockedError, and StoreError where the service cannot be used, or refused changes: those are taken
        back here and named; the others are done.
        """
        with self._locked(request.command):
            self._catch_up()
            with self.local.run(request) as writer:
                yield writer
                number = writer.number
            self._do(number)

    def runs(self) -> list[Run]:
        """All runs, the newest first; one that has not reached the service whole has no end yet."""
        journal = RemoteJournal(self.journal_file)
        if not self.journal_file.exists():
            return self.local.runs()
        return [run if run.number <= journal.through else replace(run, finished_at=None) for run in self.local.runs()]

    def outcomes(self, number: int, after: int = 0) -> Iterator[Outcome]:
        """The changes of a run in the order they were decided."""
        return self.local.outcomes(number, after)

    def history(self, account_id: int) -> list[Outcome]:
        """Every recorded change of one account, the newest first."""
        return self.local.history(account_id)

    def plan_key(self) -> bytes:
        """The key that signs plan files, kept beside the state."""
        return self.local.plan_key()

    def applied_as(self, fingerprint: str) -> int | None:
        """The number of the run that applied this plan, or None."""
        return self.local.applied_as(fingerprint)

    def alignments(self, scope: str, most: int) -> list[AlignmentRecord]:
        """The newest records of alignments, at most `most`, the oldest of them first."""
        return self.local.alignments(scope, most)

    def last_findings(self, scope: str) -> set[FindingKey]:
        """The findings of the newest alignment."""
        return self.local.last_findings(scope)

    def keep_alignment(self, scope: str, record: AlignmentRecord, findings: Collection[FindingKey]) -> None:
        """Remember an alignment, and its findings in the place of those of the last. Raises StoreError."""
        self.local.keep_alignment(scope, record, findings)

    @contextmanager
    def _locked(self, command: str) -> Iterator[None]:
        with run_lock(self.journal_file, command, self.clock()):
            yield

    def _catch_up(self) -> None:
        """See what the service holds, finish what was left to do there, and take over what others did."""
        journal = RemoteJournal(self.journal_file)
        left = journal.left(run.number for run in self.local.runs())
        if not left and self._seen is not None and self.clock() - self._seen < FRESH:
            return
        looked = self._look()
        if left:
            refusals = [refusal for number in left for refusal in self._push(looked.target, journal, number)]
            journal.finish(self._take_back(looked.target, refusals) or left[-1])
            looked = self._look()
        self._take_over(looked, journal)
        self._target, self._seen = looked.target, self.clock()

    def _look(self) -> "_Look":
        """The users of the service, by the account each belongs to; then those that belong to none."""
        target = Target(self.client, self._announced())
        documents = self.client.users(target.announced.page)
        users = [user_of(document, extended=target.extended) for document in documents]
        with self.local.view() as accounts:
            known = Known.over(accounts)
        strangers = []
        for user in sorted(users, key=lambda one: (not known.names(one.facts), one.facts.username)):
            account = known.of(user.facts)
            if account is None or account.id in target.users:
                strangers.append(user)
                target.keep_stranger(user)
            else:
                target.keep(account.id, user)
        return _Look(target, strangers)

    def _announced(self) -> Announced:
        return self._target.announced if self._target is not None else announced_by(self.client)

    def _do(self, number: int) -> None:
        target = self._target
        assert target is not None  # noqa: S101 - `run` has caught up
        journal = RemoteJournal(self.journal_file)
        refusals = self._push(target, journal, number)
        journal.finish(self._take_back(target, refusals) or number)
        if refusals:
            first = refusals[0]
            raise StoreError(
                f"{self.client.host} refused {len(refusals)} of the changes of run {number}, the first: "
                f"{first.change.sis_code or first.change.username}: {first.words}",
                hint="The other changes are done. Correct the cause there, and run again.",
            )

    def _push(self, target: Target, journal: RemoteJournal, number: int) -> list[Refusal]:
        left = (
            outcome
            for outcome in self.local.outcomes(number)
            if not (journal.run == number and outcome.sequence in journal.done)
        )
        return push(target, left, lambda done: journal.note(number, [one.sequence for one in done]))

    def _take_over(self, looked: "_Look", journal: RemoteJournal) -> None:
        """Make the accounts here what the users there are, in a run of its own, if anything differs."""
        target, strangers = looked
        with self.local.view() as accounts:
            live = sum(one.live for one in accounts.accounts())
            changes = drift(accounts, target, strangers)
        lost = sum(change.action is Action.ARCHIVE for change in changes)
        if lost > max(_LEAST_LOST, live * _MOST_LOST):
            raise StoreError(
                f"{self.client.host} shows {live - lost:,} of {live:,} users, fewer than can be true",
                hint="Look there; to begin afresh with what it holds, move the state file away.",
            )
        number = self._record(target, changes, {user.facts.username: user for user in strangers})
        if number:
            journal.finish(number)

    def _take_back(self, target: Target, refusals: list[Refusal]) -> int:
        """What the service refused is not so here either; gives the number of the run that says so, 0 for none."""
        new = {refusal.account_id: refusal.change.before is None for refusal in refusals}
        with self.local.view() as accounts:
            found = [one for account_id in new if (one := accounts.account(account_id)) is not None]
        changes = []
        for account in found:
            if new[account.id] and account.id not in target.users:
                changes.append(Change(Action.REMOVE, account, None, (), ("refused by the service",)))
            elif (change := drifted(account, target)) is not None:
                changes.append(change)
        return self._record(target, changes, {})

    def _record(self, target: Target, changes: list[Change], strangers: Mapping[str, RemoteUser]) -> int:
        if not changes:
            return 0
        with self.local.run(RunRequest("look", "scim", self.client.host)) as writer:
            ids = writer.write(changes, Credential)
            counts: dict[str, int] = {}
            for change in changes:
                counts[change.action] = counts.get(change.action, 0) + 1
            writer.close(counts, {}, ())
        for account_id, change in zip(ids, changes, strict=True):
            if change.action is Action.CREATE:
                target.keep(account_id, strangers[change.username])
        return writer.number


class _Look(NamedTuple):
    """What the service holds: the users of accounts here, and those of nobody here."""

    target: Target
    strangers: list[RemoteUser]
