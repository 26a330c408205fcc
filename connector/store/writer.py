"""One run in progress on the store."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from itertools import groupby, islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from connector.domain.account import Account, Sighting
from connector.domain.errors import StoreError
from connector.domain.plan import Action, Change
from connector.domain.ports import Clock, Credential, RunRequest, SightingNote
from connector.store import statements
from connector.store.batch import Batch, Pair
from connector.store.claims import claim, refuse_taken
from connector.store.codec import Row, account_of, moment_text, sighting_row, stored
from connector.store.dialect import savepoint
from connector.store.first_load import MANY, ROWS, FirstLoad, insert_at_once
from connector.store.reader import SqlReader
from connector.store.record import SoFar, begin_run, finish_run
from connector.store.reservations import Reservations
from connector.store.schema import (
    accounts,
    alignment_findings,
    baseline_codes,
    outcomes,
    reservation_outcomes,
    state,
    verifiers,
)
from connector.store.statements import fetch, fetch_by_key, run_many

_BATCH = 5000
"""How many rows are made ready at a time, so that a call of any size needs little memory."""

_ERASED = Account("(erased)")


class _Waiting(NamedTuple):
    """New accounts that are still to be written, and the changes that make them."""

    batch: Batch
    changes: Sequence[Change]


class SqlRun(SqlReader):
    """What `RunWriter` promises, in one connection's open transaction."""

    def __init__(
        self, connection: Connection, request: RunRequest, clock: Clock, goes_on: SoFar | None = None
    ) -> None:
        """Begin a run, or go on with one."""
        SqlReader.__init__(self, connection)
        self._first_load = FirstLoad(connection)
        self._waiting: _Waiting | None = None
        begun = goes_on or SoFar(begin_run(connection, request, clock()), 1, 0, {})
        self.number, self._sequence, at, done, self._fresh_id = begun
        self._clock = clock
        self._done = Counter(done)
        self._reservations = Reservations(connection, self.number, request.undoes, at)
        self._closed = False

    @property
    def _connection(self) -> Connection:
        """The connection, with everything written so far."""
        self._load()
        return self._first_load.connection

    def write(
        self,
        changes: Sequence[Change],
        credential: Callable[[], Credential] | None = None,
        sightings: Sequence[Sighting | None] | None = None,
    ) -> list[int]:
        """Do the changes and record them, in order; returns each account's id.

        Nothing is written when anything is refused: PlanError names every account whose version is no longer
        `before.version`, StoreError who holds or has reserved a wanted name or code. That two accounts of a store's
        first load want the same may be told only with the next look-up or `close`.
        """
        given = (credential or Credential, [None] * len(changes) if sightings is None else sightings)
        if all(change.before is None for change in changes):
            if self._first_load.begun:
                return self._take(changes, *given)
            if not self._reservations.any():
                return self._write_new(changes, *given)
        self._first_load.end()
        claims = claim(self._connection, changes, self._next_id if _makes_accounts(changes) else 0)
        own = refuse_taken(self._connection, claims)
        run_many(self._connection, statements.PARK_ACCOUNT, claims.parked())
        run_many(self._connection, statements.MOVE_ACCOUNT, claims.destinations)
        ids = self._write_rows(changes, *given)
        self._reservations.settle(claims, own, moment_text(self._clock()))
        return ids

    def set_credential(self, account_id: int, credential: Credential) -> None:
        """Replace the account's password; its version moves on. Raises StoreError for an unknown id."""
        self._keep_first_image(account_id)
        changed = self._connection.execute(
            update(accounts)
            .where(accounts.c.id == account_id)
            .values(
                verifier=credential.verifier,
                must_change=int(credential.must_change),
                expires=moment_text(credential.expires),
                version=accounts.c.version + 1,
            )
        )
        if not changed.rowcount:
            raise _no_account(account_id)
        run_many(self._connection, statements.FORGET_DIGEST, [(account_id,)])

    def share_verifier(self, verifier: str) -> str:
        """Keep one verifier for many accounts; returns the reference `shared:ID` for their credentials."""
        number = (self._connection.scalar(select(func.max(verifiers.c.id))) or 0) + 1
        self._connection.execute(insert(verifiers).values(id=number, verifier=verifier))
        return f"shared:{number}"

    def free_name(self, name_key: str) -> None:
        """End the reservation of a retired username. Raises StoreError where there is none."""
        rows = self._reservations.find([name_key])
        if not rows:
            raise StoreError(f"the username {name_key} is not reserved")
        self._reservations.end(rows)

    def erase(self, account_id: int) -> None:
        """Remove the account and its names; in the record of runs its images become an empty stub.

        What the last alignment found of it is forgotten.

        Raises StoreError for an account there never was.
        """
        mine = outcomes.c.account_id == account_id
        stub = stored(_ERASED, account_id, 0)[1]
        scrubbed = [
            update(outcomes).where(mine).values(changed="", reasons=""),
            update(outcomes).where(mine, outcomes.c.before_image != "").values(before_image=stub),
            update(outcomes)
            .where(mine, or_(outcomes.c.after_image != "", outcomes.c.action == Action.CREATE))
            .values(after_image=stub),
        ]
        if not sum(self._connection.execute(statement).rowcount for statement in scrubbed):
            raise _no_account(account_id)
        self._connection.execute(delete(reservation_outcomes).where(reservation_outcomes.c.account_id == account_id))
        code = select(accounts.c.sis_code).where(accounts.c.id == account_id).scalar_subquery()
        self._connection.execute(delete(alignment_findings).where(alignment_findings.c.subject == code))
        self._delete([(account_id,)])

    def remember(self, notes: Iterable[SightingNote]) -> None:
        """Keep the sightings; a digest taken from another version of its account is not kept.

        What a note says of `claimed` and `stable_id` is kept on the account, without a new version.
        """
        waiting = iter(notes)
        while part := list(islice(waiting, _BATCH)):
            run_many(self._connection, statements.NOTE_SIGHTING, [_note_row(note) for note in part])
            facts = [_fact_row(note) for note in part if note.claimed or note.stable_id]
            run_many(self._connection, statements.NOTE_FACTS, facts)

    def remember_baseline(self, codes: Collection[str]) -> None:
        """Keep these code keys instead of those of the last run."""
        self._connection.execute(delete(baseline_codes))
        if codes:
            self._connection.execute(insert(baseline_codes), [{"code_key": code} for code in codes])

    def set_state(self, key: str, value: str) -> None:
        """Remember a small fact."""
        self._connection.execute(delete(state).where(state.c.key == key))
        self._connection.execute(insert(state).values(key=key, value=value))

    def close(self, counts: dict[str, int], summary: dict[str, Any], accepted: Collection[str]) -> None:
        """Complete the run's record; the transaction commits when the `run` context ends. Raises StoreError."""
        finish_run(self._connection, self.number, self._clock(), counts, summary, accepted)
        self._closed = True

    def end(self) -> None:
        """Complete the record of a run that was left without `close`: it counts what was written."""
        if not self._closed:
            self.close(dict(self._done), {}, ())

    def leave(self) -> None:
        """Before the transaction ends, however it does: nothing more is written."""
        self._first_load.leave()

    def _write_new(
        self,
        changes: Sequence[Change],
        credential: Callable[[], Credential],
        sightings: Sequence[Sighting | None],
    ) -> list[int]:
        """Only new accounts, while no name is reserved: the unique indexes find what is taken.

        That spares a first load a look-up of every name and code; only a refusal pays for its message.
        """
        if self._next_id == 1 and len(changes) >= MANY:
            self._first_load.begin()
            return self._take(changes, credential, sightings)
        first, sequence = self._next_id, self._sequence
        try:
            with savepoint(self._connection):
                return self._write_rows(changes, credential, sightings)
        except IntegrityError:
            self._fresh_id = first
            self._sequence = sequence
            _refuse(self._connection, changes, first)
            raise

    def _take(
        self,
        changes: Sequence[Change],
        credential: Callable[[], Credential],
        sightings: Sequence[Sighting | None],
    ) -> list[int]:
        """New accounts, written while more are decided."""
        first = self._fresh_id
        for start in range(0, len(changes), ROWS):
            part = changes[start : start + ROWS]
            batch = self._waiting.batch if self._waiting else Batch(self.number, self._sequence, self._fresh_id)
            batch.create(list(zip(part, sightings[start : start + ROWS], strict=True)), credential)
            self._waiting = _Waiting(batch, [*self._waiting.changes, *part] if self._waiting else part)
            self._fresh_id, self._sequence = batch.next_id, batch.sequence
            self._done[str(Action.CREATE)] += len(part)
            if batch.made >= ROWS:
                self._load()
        return list(range(first, self._fresh_id))

    def _load(self) -> None:
        """Begin to write the new accounts that wait for it."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self._first_load.write(partial(_load, batch=waiting.batch, changes=waiting.changes))

    def _write_rows(
        self,
        changes: Sequence[Change],
        credential: Callable[[], Credential],
        sightings: Sequence[Sighting | None],
    ) -> list[int]:
        ids: list[int] = []
        for start in range(0, len(changes), _BATCH):
            part = changes[start : start + _BATCH]
            found = self._stored(change.before.id for change in part if change.before is not None)
            batch = Batch(self.number, self._sequence, self._next_id if _makes_accounts(part) else self._fresh_id)
            for is_new, some in groupby(zip(part, sightings[start : start + _BATCH], strict=True), key=_is_new):
                if is_new:
                    batch.create(list(some), credential)
                else:
                    batch.alter(some, found)
            self._store(batch)
            self._fresh_id, self._sequence = batch.next_id, batch.sequence
            self._done.update(batch.actions())
            ids += batch.ids
        return ids

    @property
    def _next_id(self) -> int:
        """The id of the next account, asked for when the first is made: never one that another had."""
        if not self._fresh_id:
            self._fresh_id = _last_id(self._connection) + 1
        return self._fresh_id

    def _stored(self, ids: Iterable[int]) -> dict[int, Account]:
        rows = fetch_by_key(self._connection, statements.ACCOUNTS_BY_ID, ids)
        return {account.id: account for account in map(account_of, rows)}

    def _keep_first_image(self, account_id: int) -> None:
        """Write down how an account was created, before it is no longer so."""
        account = self.account(account_id)
        if account is not None and account.version == 1:
            image = stored(account, account_id, 1)[1]
            run_many(self._connection, statements.KEEP_FIRST_IMAGE, [(image, account_id)])

    def _store(self, batch: Batch) -> None:
        run_many(self._connection, statements.KEEP_FIRST_IMAGE, batch.first_images)
        self._delete(batch.removed)
        for statement, rows in (
            (statements.UPDATE_ACCOUNT, batch.updates),
            (statements.FORGET_DIGEST, batch.unseen),
            (statements.INSERT_NEW, batch.newcomers),
            (statements.INSERT_ACCOUNT, batch.inserts),
            (statements.INSERT_FIRST_SEEN, batch.first_seen),
            (statements.INSERT_SIGHTING, batch.first_sightings),
            (statements.REPLACE_SIGHTING, batch.sightings),
            (statements.INSERT_CREATION, batch.creations),
            (statements.INSERT_CREATIONS, batch.created),
            (statements.INSERT_OUTCOME, batch.outcomes),
            (statements.DELETE_EXTERNAL_IDS, batch.unknown),
            (statements.INSERT_EXTERNAL_ID, batch.known_as),
        ):
            run_many(self._connection, statement, rows)

    def _delete(self, ids: Sequence[Row]) -> None:
        for statement in (
            statements.DELETE_RESERVATIONS,
            statements.DELETE_SIGHTING,
            statements.DELETE_ACCOUNT,
        ):
            run_many(self._connection, statement, ids)


def _load(connection: Connection, batch: Batch, changes: Sequence[Change]) -> None:
    """Write new accounts. Raises StoreError where two want the same name or code."""
    try:
        with savepoint(connection):
            for statement, rows in (
                (statements.INSERT_NEW, batch.newcomers),
                (statements.INSERT_ACCOUNT, batch.inserts),
                (statements.INSERT_FIRST_SEEN, batch.first_seen),
                (statements.INSERT_SIGHTING, batch.first_sightings),
                (statements.INSERT_CREATION, batch.creations),
                (statements.INSERT_EXTERNAL_ID, batch.known_as),
            ):
                insert_at_once(connection, statement, rows)
            run_many(connection, statements.INSERT_CREATIONS, batch.created)
    except IntegrityError:
        _refuse(connection, changes, batch.ids[0])
        raise


def _refuse(connection: Connection, changes: Sequence[Change], first: int) -> None:
    """Take back what was written of new accounts from the id `first` on, and raise StoreError for what they want."""
    for statement in statements.TAKE_BACK:
        run_many(connection, statement, [(first,)])
    refuse_taken(connection, claim(connection, changes, first))


def _note_row(note: SightingNote) -> Row:
    account_id, digest, version, until, missing_reads, baseline = sighting_row(
        note.account_id, note.sighting.version, note.sighting
    )
    return (version, digest, version, until, missing_reads, baseline, account_id)


def _fact_row(note: SightingNote) -> Row:
    return (int(note.claimed), note.stable_id, note.stable_id, note.account_id)


def _last_id(connection: Connection) -> int:
    """The highest id an account ever had: one that was removed still stands in the record of runs."""
    return max(number or 0 for number in next(fetch(connection, statements.LAST_IDS)))


def _is_new(pair: Pair) -> bool:
    return pair[0].before is None


def _makes_accounts(changes: Sequence[Change]) -> bool:
    return any(change.before is None for change in changes)


def _no_account(account_id: int) -> StoreError:
    return StoreError(f"there is no account with the id {account_id}")
