"""The rows of some changes, made ready for the statements that write them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connector.domain.account import Account, Sighting
from connector.domain.plan import Change
from connector.domain.ports import Credential
from connector.store.codec import FIELDS, Row, account_keys, credential_row, listed, plain, sighting_row, stored

_ACTION = 3
"""Where a row of `outcomes` has its action."""
_KIND = FIELDS.index("user_type")
_ID = FIELDS.index("id")
_ROLES = FIELDS.index("roles")
_STABLE_ID = FIELDS.index("stable_id")
_MANY = 8
"""So many new accounts are told together."""
_FIRST = Sighting(baseline=True)[1:]
"""What is remembered of a student seen for the first time, but for the digest."""

Pair = tuple[Change, Sighting | None]
"""A change, and what to remember of its account; None for nothing new."""


@dataclass(slots=True)
class Batch:
    """Rows in the order of the changes, and the ids of their accounts.

    `sequence` is the number of the next outcome of `run`, `next_id` the id of the next new account; `made` counts
    the new ones.
    """

    run: int
    sequence: int
    next_id: int
    made: int = 0
    ids: list[int] = field(default_factory=list)
    newcomers: list[Row] = field(default_factory=list)
    inserts: list[Row] = field(default_factory=list)
    updates: list[Row] = field(default_factory=list)
    removed: list[Row] = field(default_factory=list)
    outcomes: list[Row] = field(default_factory=list)
    created: list[Row] = field(default_factory=list)
    creations: list[Row] = field(default_factory=list)
    first_images: list[Row] = field(default_factory=list)
    first_seen: list[Row] = field(default_factory=list)
    first_sightings: list[Row] = field(default_factory=list)
    sightings: list[Row] = field(default_factory=list)
    unseen: list[Row] = field(default_factory=list)
    unknown: list[Row] = field(default_factory=list)
    known_as: list[Row] = field(default_factory=list)

    def create(self, pairs: Sequence[Pair], credential: Callable[[], Credential]) -> None:
        """New accounts under the next ids, each with a password.

        Of many, `created` says at once what is usual, and `creations` only who had other reasons than the first.
        """
        newcomer, seen = self.newcomers.append, self.first_seen.append
        first = number = self.next_id
        usual = pairs[0][0].reasons if len(pairs) >= _MANY else None
        for (_, _, account, _, reasons), sighting in pairs:
            assert account is not None  # noqa: S101 - a change without a before makes an account
            name_key, case_key, code_key = keys = account_keys(account)
            verifier, must_change, expires = password = credential()
            columns = None if case_key or expires else plain(account)
            if columns is None:
                row, _ = stored(account, number, 1)
                self.inserts.append(row + keys + credential_row(password))
            else:
                own = (account[_STABLE_ID], number, name_key, code_key, verifier, 1 if must_change else 0)
                newcomer(account[:_KIND] + account[_KIND + 1 : _ROLES] + columns + own)
            if sighting is not None:
                if columns is not None and sighting[1:] == _FIRST:
                    seen((number, sighting[0]))
                else:
                    self.first_sightings.append(sighting_row(number, 1, sighting, live=not account.archived))
            if account.external_ids:
                self.known_as += [(client, number, external_id) for client, external_id in account.external_ids]
            if reasons != usual:
                self.creations.append((self.run, self.sequence + number - first, number, listed(reasons)))
            number += 1
        if usual is not None:
            sequences = (self.sequence, self.sequence + number - 1 - first)
            self.created.append(
                (self.run, self.sequence - first, listed(usual), first, number - 1, self.run, *sequences)
            )
        self.next_id = number
        self.sequence += number - first
        self.ids += range(first, number)
        self.made += number - first

    def actions(self) -> Counter[str]:
        """How many changes of each kind there are."""
        done = Counter(row[_ACTION] for row in self.outcomes)
        if self.made:
            done["create"] += self.made
        return done

    def alter(self, pairs: Iterable[Pair], found: Mapping[int, Account]) -> None:
        """Other states of accounts, whose versions move on, or their ends; `found` are the accounts as stored."""
        for change, sighting in pairs:
            assert change.before is not None  # noqa: S101 - there is an account to alter
            self._alter(change, found[change.before.id], sighting)

    def _alter(self, change: Change, before: Account, sighting: Sighting | None) -> None:
        assert change.before is not None  # noqa: S101 - asked before
        # the keys have moved by now, and the type with them
        _, old = stored(before._replace(user_type=change.before.user_type), before.id, before.version)
        if before.version == 1:
            self.first_images.append((old, before.id))
        after = change.after
        if after is None:
            self.removed.append((before.id,))
            self._record(change, before.id, old, "")
            return
        if after.external_ids != before.external_ids:
            self.unknown.append((before.id,))
            self.known_as += [(client, before.id, external_id) for client, external_id in after.external_ids]
        row, new = stored(after, before.id, before.version + 1)
        self.updates.append((*row[:_KIND], *row[_KIND + 1 : _ID], *row[_ID + 1 :], before.id))
        if sighting is None:
            self.unseen.append((before.id,))
        else:
            self.sightings.append(sighting_row(before.id, before.version + 1, sighting, live=not after.archived))
        self._record(change, before.id, old, new)

    def _record(self, change: Change, account_id: int, before: str, after: str) -> None:
        action, _, _, changed, reasons = change
        self.outcomes.append(
            (self.run, self.sequence, account_id, str(action), listed(changed), listed(reasons), before, after)
        )
        self.sequence += 1
        self.ids.append(account_id)
