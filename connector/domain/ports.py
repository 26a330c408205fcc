"""What the services ask of the outside world, one small Protocol a capability."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol, runtime_checkable

from connector.domain.account import Account, Holder, Sighting, UserType
from connector.domain.alignment import AlignmentRecord, FindingKey
from connector.domain.entry import DirectoryRead
from connector.domain.finding import Finding
from connector.domain.plan import Change
from connector.domain.run import Outcome, Run
from connector.domain.student import Reject, Student

Clock = Callable[[], datetime]
"""The present moment, aware, in UTC."""

Progress = Callable[[str, int, int | None], None]
"""Told as long work goes on: the phase in words, how many are done, how many there are (None: unknown)."""


class Reading(Protocol):
    """One read of the SIS. `source` and `context` are true from the start; the other facts once `rows` has ended.

    A row is packed into one string, so that a million can wait in memory; `student` unpacks one. Its cells are
    parted by U+001F, the first says where the row stands. Rows that are equal but for that cell make equal
    Students under an equal `context`, but for their `place`.
    """

    source: str
    """Where the read comes from, in words, for the plan and the run (never a secret)."""

    def rows(self) -> Iterator[str]:
        """Every data row, packed, in the source's order. Raises SourceError when the read cannot go on."""

    def code(self, row: str) -> str:
        """The SIS code of a packed row, cleaned; empty where there is none or it cannot be read."""

    def student(self, row: str) -> Student | Reject:
        """The Student of a packed row, or why it cannot be one."""

    @property
    def context(self) -> str:
        """A digest of everything but the row that shapes a Student: columns, words, joined files, dates."""

    @property
    def complete(self) -> bool:
        """Whether absence from this read means anything: a whole, full read that ended as it should."""

    @property
    def delta(self) -> bool:
        """Whether the source says it tells only what changed."""

    @property
    def code_kind(self) -> str:
        """Which field the code came from (`identifier`, `sourcedId`), empty where there is only one."""

    @property
    def bookmark(self) -> str:
        """Once the run is applied, where the next read may go on (`IncrementalSource`); empty for nowhere."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What the reader noticed about the read as a whole (`incomplete-read` and the like)."""

    @property
    def warnings(self) -> Sequence[str]:
        """What `check` and the plan should say about the read in plain words: unknown columns, loose headers."""


class Source(Protocol):
    """A student information system that can be read."""

    def open(self, as_of: date, code_kind: str = "") -> Reading:
        """Begin one read. `code_kind` is the choice the store remembers for OneRoster (rules.md 2).

        Raises SourceError (1) for a file that cannot be read, ConfigError (2) for a column that is missing.
        """


@runtime_checkable
class IncrementalSource(Source, Protocol):
    """A student information system that can tell what changed since an earlier read."""

    def open_since(self, as_of: date, code_kind: str, bookmark: str) -> Reading:
        """Begin one read of what changed since the reading that left `bookmark`, or of everything.

        Everything is read where the bookmark is empty or too old, or was left under other settings.
        """


class Directory(Protocol):
    """A school directory that can be read; never written."""

    def read(self) -> DirectoryRead:
        """Every person under the configured bases. Raises DirectoryError when nothing could be read."""


class Known(NamedTuple):
    """An account with what the syncs remember of it."""

    account: Account
    sighting: Sighting


class AccountReader(Protocol):
    """The accounts as they are in one consistent view of the store. Keys are fold_key (rules.md 3)."""

    def known_digests(self, as_of: date) -> set[int]:
        """The digests that still hold: the account unchanged since, live, and `until` not reached on `as_of`."""

    def students_by_code(self, code_keys: Collection[str]) -> list[Known]:
        """The Student accounts with these SIS codes, live and archived."""

    def claimed_count(self, year_levels: Collection[str] | None = None) -> int:
        """How many live Student accounts a SIS row has claimed; of these stored year levels only, where given."""

    def claimed_students(self) -> Iterator[Known]:
        """Every Student account that a SIS row has claimed."""

    def holders(self, name_keys: Collection[str]) -> dict[str, Holder]:
        """Who holds or has reserved each of these names; free names are left out. Holding beats reserving."""

    def retired_names(self, account_id: int) -> list[str]:
        """The former usernames still reserved for the account, oldest first."""

    def accounts(self, user_type: UserType | None = None) -> Iterator[Account]:
        """Every account but System, ordered by sis_code, then username (one type where given)."""

    def system_accounts(self) -> list[Account]:
        """The System accounts, which nothing else lists, ordered by username."""

    def accounts_with(self, ids: Sequence[int]) -> list[Account]:
        """The accounts with these ids, in any order; ids that nobody has are left out."""

    def account(self, account_id: int) -> Account | None:
        """The account with that id, or None."""

    def find(self, code_or_username: str) -> list[Account]:
        """The accounts with that SIS code (fold_key), username or retired name (case_key)."""

    def is_empty(self) -> bool:
        """Whether the store holds no account and no reservation at all."""

    def baseline_size(self) -> int:
        """How many Student accounts the last applied read showed as active and in scope."""

    def student_emails(self) -> Iterator[tuple[str, str]]:
        """The e-mail (case_key) and SIS code of every live Student account that has both."""

    def baseline_codes(self) -> set[str]:
        """Code keys the last applied read showed as active and in scope but that have no account."""

    def state(self, key: str) -> str | None:
        """A small fact the runs remember: the mapping last applied, the scope of the baseline, the key choice."""


class Credential(NamedTuple):
    """What a password is checked against; `verifier` never holds the password itself.

    Empty means no usable password. `must_change` asks for a new one at the next sign-in.
    """

    verifier: str = ""
    must_change: bool = False
    expires: datetime | None = None


class SightingNote(NamedTuple):
    """What to remember of an account after this run, without touching the account."""

    account_id: int
    sighting: Sighting
    claimed: bool = False
    stable_id: str = ""


class RunWriter(AccountReader, Protocol):
    """One run in progress: everything it writes becomes true together, or not at all."""

    number: int

    def write(
        self,
        changes: Sequence[Change],
        credential: Callable[[], Credential] | None = None,
        sightings: Sequence[Sighting | None] | None = None,
    ) -> list[int]:
        """Do the changes and record them, in order; returns each account's id. Creates take a credential.

        All names the changes give up are free to the other changes of the same call, so swaps and chains
        work; a name given up stays reserved for its owner unless another change takes it. `sightings` goes
        with the changes one to one and is kept with the row as it then is (its `version` is ignored: the new
        version is meant); None keeps what was remembered. Raises PlanError that names the rows when an
        account's version is not `before.version`, and StoreError when a name or a code is held by another.
        """

    def set_credential(self, account_id: int, credential: Credential) -> None:
        """Replace the account's password; its version moves on, its images hold nothing of it."""

    def share_verifier(self, verifier: str) -> str:
        """Keep one verifier for many accounts; returns the reference their credentials carry."""

    def free_name(self, name_key: str) -> None:
        """End the reservation of a retired username."""

    def erase(self, account_id: int) -> None:
        """Remove the account, its names and every image of it in the record of runs."""

    def remember(self, notes: Iterable[SightingNote]) -> None:
        """Keep the sightings; an account's version and history are not touched.

        A note with `stable_id` or `claimed` also keeps those two facts on the account, without a new version.
        """

    def remember_baseline(self, codes: Collection[str]) -> None:
        """Keep the code keys this read showed as active and in scope but that have no account."""

    def set_state(self, key: str, value: str) -> None:
        """Remember a small fact."""

    def close(self, counts: dict[str, int], summary: dict[str, Any], accepted: Collection[str]) -> None:
        """Complete the run's record; the transaction commits when the `run` context ends."""


@runtime_checkable
class AlignmentRecords(Protocol):
    """The record of alignments, for the trend. `scope` identifies the population they were made of."""

    def alignments(self, scope: str, most: int) -> list[AlignmentRecord]:
        """The newest records, at most `most`, the oldest of them first."""

    def last_findings(self, scope: str) -> set[FindingKey]:
        """The findings of the newest alignment."""

    def keep_alignment(self, scope: str, record: AlignmentRecord, findings: Collection[FindingKey]) -> None:
        """Remember an alignment, and its findings in the place of those of the last. Raises StoreError."""


class RunRequest(NamedTuple):
    """Who starts a run, from where and with what."""

    command: str
    origin: str
    actor: str
    plan: str = ""
    undoes: int | None = None


class Store(Protocol):
    """The TrackOne user store with its record of runs."""

    def view(self) -> AbstractContextManager[AccountReader]:
        """A consistent view for reading."""

    def run(self, request: RunRequest) -> AbstractContextManager[RunWriter]:
        """Begin a run under the run lock, in one transaction. Raises LockedError naming who holds the lock."""

    def runs(self) -> list[Run]:
        """All runs, the newest first."""

    def outcomes(self, number: int, after: int = 0) -> Iterator[Outcome]:
        """The changes of a run in the order they were done, behind the `after`-th; StoreError for no such run."""

    def history(self, account_id: int) -> list[Outcome]:
        """Every recorded change of one account, the newest first."""

    def plan_key(self) -> bytes:
        """The key that signs plan files, kept beside the store with mode 0600; made on first use."""

    def applied_as(self, fingerprint: str) -> int | None:
        """The number of the run that applied this plan, or None."""
