"""A store that nobody has made yet: empty to whoever reads, made by the first run that writes."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date

from connector.domain.account import Account, Holder, UserType
from connector.domain.alignment import AlignmentRecord, FindingKey
from connector.domain.errors import StoreError
from connector.domain.ports import AccountReader, Known, RunRequest, RunWriter
from connector.domain.run import Outcome, Run
from connector.store.database import Database
from connector.store.sql import SqlStore


class NoAccounts:
    """What `AccountReader` promises, of a store without anybody."""

    def known_digests(self, as_of: date) -> set[int]:  # noqa: ARG002 - the port's
        """None."""
        return set()

    def students_by_code(self, code_keys: Collection[str]) -> list[Known]:  # noqa: ARG002 - the port's
        """Nobody."""
        return []

    def claimed_count(self, year_levels: Collection[str] | None = None) -> int:  # noqa: ARG002 - the port's
        """Nobody."""
        return 0

    def claimed_students(self) -> Iterator[Known]:
        """Nobody."""
        return iter(())

    def holders(self, name_keys: Collection[str]) -> dict[str, Holder]:  # noqa: ARG002 - the port's
        """Every name is free."""
        return {}

    def retired_names(self, account_id: int) -> list[str]:  # noqa: ARG002 - the port's
        """None."""
        return []

    def accounts(self, user_type: UserType | None = None) -> Iterator[Account]:  # noqa: ARG002 - the port's
        """Nobody."""
        return iter(())

    def system_accounts(self) -> list[Account]:
        """Nobody."""
        return []

    def accounts_with(self, ids: Sequence[int]) -> list[Account]:  # noqa: ARG002 - the port's
        """Nobody."""
        return []

    def account(self, account_id: int) -> Account | None:  # noqa: ARG002 - the port's
        """Nobody."""
        return None

    def find(self, code_or_username: str) -> list[Account]:  # noqa: ARG002 - the port's
        """Nobody."""
        return []

    def is_empty(self) -> bool:
        """It is."""
        return True

    def baseline_size(self) -> int:
        """Nobody."""
        return 0

    def student_emails(self) -> Iterator[tuple[str, str]]:
        """None."""
        return iter(())

    def baseline_codes(self) -> set[str]:
        """None."""
        return set()

    def state(self, key: str) -> str | None:  # noqa: ARG002 - the port's
        """Nothing is remembered."""
        return None


class StoreToBe:
    """What `Store` and `AlignmentRecords` promise, on a database that may not be there yet.

    Reading makes nothing; `run` makes it with `make`. From then on, whoever made it, this is that store.
    """

    def __init__(self, database: Database, make: Callable[[], SqlStore]) -> None:
        self._database = database
        self._make = make
        self._made: SqlStore | None = None

    def view(self) -> AbstractContextManager[AccountReader]:
        """A consistent view."""
        store = self._there()
        return store.view() if store else self._nobody()

    def run(self, request: RunRequest) -> AbstractContextManager[RunWriter]:
        """Begin a run; the store is made first, where there is none."""
        self._made = self._made or self._make()
        return self._made.run(request)

    def runs(self) -> list[Run]:
        """All runs, the newest first."""
        store = self._there()
        return store.runs() if store else []

    def outcomes(self, number: int, after: int = 0) -> Iterator[Outcome]:
        """The changes of a run. Raises StoreError for a run there never was."""
        store = self._there()
        if store is None:
            raise StoreError(f"there is no run {number}", hint="`trackone runs list` shows the runs there are")
        return store.outcomes(number, after)

    def history(self, account_id: int) -> list[Outcome]:
        """Every recorded change of one account, the newest first."""
        store = self._there()
        return store.history(account_id) if store else []

    def plan_key(self) -> bytes:
        """The key that signs plan files, outside the database; made on first use, also before the store is."""
        return self._database.early_key()

    def applied_as(self, fingerprint: str) -> int | None:
        """The number of the run that applied this plan, or None."""
        store = self._there()
        return store.applied_as(fingerprint) if store else None

    def alignments(self, scope: str, most: int) -> list[AlignmentRecord]:
        """The newest records of alignments."""
        store = self._there()
        return store.alignments(scope, most) if store else []

    def last_findings(self, scope: str) -> set[FindingKey]:
        """The findings of the newest alignment."""
        store = self._there()
        return store.last_findings(scope) if store else set()

    def keep_alignment(self, scope: str, record: AlignmentRecord, findings: Collection[FindingKey]) -> None:
        """Remember an alignment, where there is a store to keep it in."""
        store = self._there()
        if store is not None:
            store.keep_alignment(scope, record, findings)

    def _there(self) -> SqlStore | None:
        if self._made is None and self._database.born():
            self._made = self._make()
        return self._made

    @contextmanager
    def _nobody(self) -> Iterator[AccountReader]:
        yield NoAccounts()
