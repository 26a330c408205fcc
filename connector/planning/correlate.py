"""Who in the directory is whom: by the SIS code an entry is keyed with, then by the directory's stable id."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace

from connector.domain.entry import Completeness, DirectoryEntry, DirectoryRead
from connector.mapping.keys import case_key, fold_key

IF_SMALLER = "If the directory really has fewer people now, say so once: trackone sync --accept incomplete-directory"
"""What to do about a read that `mistrust` holds for a part."""

Entries = tuple[DirectoryEntry, ...]


def code_key(text: str) -> str:
    """The key under which a SIS code and a directory's key attribute are one: fold_key of the trimmed text."""
    return text.strip().lower() if text.isascii() else fold_key(text.strip())


@dataclass(frozen=True, slots=True)
class Correlation:
    """The entries of one directory read, found by SIS code, login and stable id; made by `correlate`.

    Deleted entries are kept apart: they hold no login and are nobody's entry, but tell what became of one.
    Where several entries share a key or a login they stand in the order of their DN. `by_key` holds the live
    entries by the code_key of their key, `by_login` by the case_key of their login, `unkeyed` those without key.
    """

    by_key: Mapping[str, Entries]
    by_login: Mapping[str, Entries]
    unkeyed: Entries
    _known: Container[str]
    _by_stable_id: Mapping[str, DirectoryEntry]
    _deleted_by_key: Mapping[str, Entries]
    _deleted_unkeyed: Mapping[str, Entries]

    def entries_of(self, sis_code: str) -> Entries:
        """The live entries keyed to this SIS code."""
        return self.by_key.get(code_key(sis_code), ())

    def entry_of(self, sis_code: str, login: str = "", stable_id: str = "") -> DirectoryEntry | None:
        """The person's live entry: of those keyed to the code the one with that login, else the first by DN.

        Where none is keyed to the code, the unkeyed entry with the stable id the person was last linked by.
        """
        keyed = self.entries_of(sis_code)
        if len(keyed) > 1 and login:
            wanted = case_key(login)
            keyed = tuple(entry for entry in keyed if case_key(entry.login) == wanted) or keyed
        if keyed:
            return keyed[0]
        linked = self._unkeyed(stable_id)
        return linked if linked is not None and not linked.deleted else None

    def deleted_of(self, sis_code: str, stable_id: str = "") -> DirectoryEntry | None:
        """The deleted entry that was this person's, by code, then by stable id; told beside a live one too."""
        keyed = self._deleted_by_key.get(code_key(sis_code))
        if keyed:
            return keyed[0]
        linked = self._unkeyed(stable_id)
        return linked if linked is not None and linked.deleted else None

    def deleted_logins(self, name: str) -> Entries:
        """The deleted entries without a key that signed in under this name; most directories forget the key."""
        return self._deleted_unkeyed.get(case_key(name), ())

    def logins(self, name: str) -> Entries:
        """The live entries that sign in under this name (compared by case_key)."""
        return self.by_login.get(case_key(name), ())

    def login_owner(self, name: str) -> DirectoryEntry | None:
        """The live entry that signs in under this name; the first by DN where the directory has several."""
        owners = self.logins(name)
        return owners[0] if owners else None

    def keyed_to_other(self, login_key: str, sis_code: str) -> DirectoryEntry | None:
        """The entry that signs in under this case_key and is keyed to another known person, or None.

        Unkeyed entries, and those keyed to a code nobody has, stand in nobody's way.
        """
        for entry in self.by_login.get(login_key, ()):
            if entry.key == sis_code:
                continue
            key = code_key(entry.key)
            if key and key != code_key(sis_code) and key in self._known:
                return entry
        return None

    def _unkeyed(self, stable_id: str) -> DirectoryEntry | None:
        entry = self._by_stable_id.get(stable_id.lower()) if stable_id else None
        return entry if entry is not None and not entry.key.strip() else None


def correlate(read: DirectoryRead, known: Container[str]) -> Correlation:
    """Index a read of the directory.

    `known` holds the code_key of every SIS code that somebody has; it is asked at look-up, so it may still
    be filling.
    """
    live = [entry for entry in read.entries if not entry.deleted]
    deleted = [entry for entry in read.entries if entry.deleted]
    return Correlation(
        _grouped((code_key(entry.key), entry) for entry in live),
        _grouped((case_key(entry.login), entry) for entry in live),
        tuple(entry for entry in live if not entry.key.strip()),
        known,
        _by_stable_id(deleted) | _by_stable_id(live),
        _grouped((code_key(entry.key), entry) for entry in deleted),
        _grouped((case_key(entry.login), entry) for entry in deleted if not entry.key.strip()),
    )


def _by_stable_id(entries: Iterable[DirectoryEntry]) -> dict[str, DirectoryEntry]:
    """The entries by their durable id; the first by DN where a broken export gives two the same."""
    found: dict[str, DirectoryEntry] = {}
    for entry in entries:
        key = entry.stable_id.lower()
        if key and (key not in found or entry.dn < found[key].dn):
            found[key] = entry
    return found


def _grouped(pairs: Iterable[tuple[str, DirectoryEntry]]) -> dict[str, Entries]:
    """The entries by their key, in the order of their DN; an empty key groups nobody."""
    groups: dict[str, Entries] = {}
    shared: dict[str, list[DirectoryEntry]] = {}
    for key, entry in pairs:
        if key in groups:
            shared.setdefault(key, [*groups[key]]).append(entry)
        elif key:
            groups[key] = (entry,)
    for key, entries in shared.items():
        groups[key] = tuple(sorted(entries, key=lambda entry: (case_key(entry.dn), entry.dn)))
    return groups


def mistrust(read: Completeness, last_entries: int | None, max_shrink: float) -> Completeness:
    """The completeness of a read that shows far fewer people than the last complete one: not complete.

    An export cut between two entries looks whole; only its size tells. `last_entries` is None where no
    complete read was ever remembered, `max_shrink` is in per cent.
    """
    if not read.complete or not last_entries or read.entries >= last_entries * (100 - max_shrink) / 100:
        return read
    reason = (
        f"{read.entries} people where the last complete read had {last_entries} (more than {max_shrink:g} % fewer)"
    )
    return replace(read, complete=False, reason=reason)
