"""The rows of some changes, made ready for the statements that write them."""

from dataclasses import dataclass, field

from connector.domain.account import Account, Sighting
from connector.domain.plan import Change
from connector.domain.ports import Credential
from connector.store.codec import Keys, Row, account_facts, account_row, credential_row, image, listed, sighting_row


@dataclass(slots=True)
class Batch:
    """Rows in the order of the changes; `sequence` is the number of the next outcome of `run`."""

    run: int
    sequence: int
    inserts: list[Row] = field(default_factory=list)
    updates: list[Row] = field(default_factory=list)
    removed: list[Row] = field(default_factory=list)
    outcomes: list[Row] = field(default_factory=list)
    first_sightings: list[Row] = field(default_factory=list)
    sightings: list[Row] = field(default_factory=list)
    unseen: list[Row] = field(default_factory=list)

    def create(
        self, change: Change, account_id: int, keys: Keys, credential: Credential, sighting: Sighting | None
    ) -> None:
        """A new account, with its password."""
        account = change.subject
        self.inserts.append(account_row(account, keys, account_id, 1) + credential_row(credential))
        if sighting is not None:
            held = sighting if account.live else sighting._replace(digest=None)
            self.first_sightings.append(sighting_row(account_id, 1, held))
        self._record(change, account_id, "", image(account, account_id, 1))

    def alter(self, change: Change, before: Account, after: Account, sighting: Sighting | None) -> None:
        """Another state of an account; its version moves on."""
        version = before.version + 1
        self.updates.append((*account_facts(after, version), before.id))
        if sighting is None:
            self.unseen.append((before.id,))
        else:
            held = sighting if after.live else sighting._replace(digest=None)
            self.sightings.append(sighting_row(before.id, version, held))
        self._record(change, before.id, _image(before), image(after, before.id, version))

    def remove(self, change: Change, before: Account) -> None:
        """The end of an account."""
        self.removed.append((before.id,))
        self._record(change, before.id, _image(before), "")

    def _record(self, change: Change, account_id: int, before: str, after: str) -> None:
        changed, reasons = listed(change.changed), listed(change.reasons)
        action = str(change.action)
        self.outcomes.append((self.run, self.sequence, account_id, action, changed, reasons, before, after))
        self.sequence += 1


def _image(account: Account) -> str:
    return image(account, account.id, account.version)
