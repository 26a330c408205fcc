"""Entries of a directory, one after the other, become a DirectoryRead."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from connector.directory.attributes import Attributes, RawAttributes
from connector.directory.lockout import Lock, lock_duration, lock_of, still_locked
from connector.directory.person import (
    ACTIVE_DIRECTORY,
    OPENLDAP,
    attributes_for,
    is_person,
    lowered,
    person,
    recognise,
    resolve,
)
from connector.directory.scope import scope_of
from connector.domain.entry import Completeness, DirectoryEntry, DirectoryRead
from connector.mapping.dn import Dn, dn_parser
from connector.settings.values import DirectorySettings


class Gathering:
    """Takes every entry a directory shows and keeps the people its scope admits.

    `now` judges whether locks still hold. Raises ConfigError for a base, exclusion or filter that cannot be
    understood.
    """

    def __init__(self, settings: DirectorySettings, now: datetime) -> None:
        self._settings = settings
        self._now = now
        self._scope = scope_of(settings)
        self._parse = dn_parser()
        self._kind = ""
        self._names = lowered(settings.attributes)
        self._never_seen: set[str] = set()
        if settings.type != "auto":
            self._settle(settings.type)
        self._seen: set[str] = set()
        self._entries: list[DirectoryEntry] = []
        self._locks: dict[int, Lock] = {}
        self._durations: dict[Dn, timedelta] = {}
        self._unreadable: Counter[str] = Counter()
        self._excluded = 0
        self._fault = ""

    @property
    def wanted(self) -> frozenset[str]:
        """The attributes, in lower case, that entries must be given with."""
        return attributes_for(self._settings.attributes, self._kind) | self._scope.names

    def add(self, dn: str, raw: RawAttributes) -> None:
        """Take one entry; one that was given before counts once."""
        if not self._kind:
            self._recognise(raw)
        found = Attributes(raw, self._unreadable)
        if not self._kind or not is_person(raw, self._names):
            self._learn_policy(dn, found)
            return
        name = dn.lower()
        if name in self._seen:
            return
        self._seen.add(name)
        if not self._admits(dn, raw, found):
            self._excluded += 1
            return
        if "memberof;cut" in raw:
            self._fault = f"only a part of the groups of {dn} was given"
        if self._never_seen:
            self._never_seen.difference_update(raw)
        lock = lock_of(found, self._kind)
        if lock is not None:
            self._locks[len(self._entries)] = lock
        self._entries.append(person(dn, found, self._names, self._kind))

    def count_unreadable(self, attribute: str) -> None:
        """Take note of a value that the adapter itself could not read."""
        self._unreadable[attribute] += 1

    def read(self, proof: Completeness) -> DirectoryRead:
        """Everything taken; to the proof the adapter has is added what was noticed here."""
        for position, lock in self._locks.items():
            entry = self._entries[position]
            policy = self._place(lock.policy)
            locked = still_locked(lock, self._place(entry.dn), policy, self._durations, self._now)
            self._entries[position] = entry._replace(locked=entry.locked or locked)
        reason = proof.reason or self._fault or ("" if self._entries else "no person was found")
        proof = replace(
            proof,
            complete=proof.complete and not reason,
            reason=reason,
            kind=self._kind,
            bases=self._settings.bases,
            filter=self._settings.filter,
            entries=len(self._entries),
            excluded=self._excluded,
            unreadable=self._complaints(),
        )
        return DirectoryRead(tuple(self._entries), proof)

    def _recognise(self, raw: RawAttributes) -> None:
        """Let the first person tell the kind of directory; a service account before may have another's marks."""
        kind = recognise(raw) or (OPENLDAP if self._names.login in raw else "")
        if kind and is_person(raw, lowered(resolve(self._settings.attributes, kind))):
            self._settle(kind)

    def _settle(self, kind: str) -> None:
        """Take the directory for one of that kind from here on."""
        self._kind = kind
        self._names = lowered(resolve(self._settings.attributes, kind))
        self._never_seen = {self._names.login, self._names.key}
        if kind == ACTIVE_DIRECTORY:
            self._never_seen.add("useraccountcontrol")

    def _learn_policy(self, dn: str, found: Attributes) -> None:
        """Keep how long locks last, where this entry is a domain or a password policy that says so."""
        duration = lock_duration(found)
        if duration is not None:
            self._durations[self._place(dn)] = duration

    def _admits(self, dn: str, raw: RawAttributes, found: Attributes) -> bool:
        """Whether the scope takes the entry; a deleted one counts as being where it was deleted from."""
        if not self._scope.asks_where:
            return self._scope.admits((), raw)
        parent = found.text("lastknownparent") if "isdeleted" in found else ""
        return self._scope.admits(("", *self._place(parent)) if parent else self._place(dn), raw)

    def _place(self, dn: str) -> Dn:
        try:
            return self._parse(dn)
        except ValueError as error:
            self._fault = f"{dn!r} is not a DN: {error}"
            return ()

    def _complaints(self) -> tuple[str, ...]:
        """The attributes that could not be read in full, as people should hear of them."""
        values = (f"{name} ({count} values)" for name, count in sorted(self._unreadable.items()))
        return (*(f"{name} (on no entry)" for name in sorted(self._never_seen)), *values)
