"""Taking in a SIS read: which rows were settled when last seen, and whose rows are to be decided now."""

from collections.abc import Iterator
from datetime import date
from hashlib import blake2b, sha256
from itertools import groupby
from typing import NamedTuple

from connector.domain.account import Sighting
from connector.domain.ports import Progress, Reading
from connector.domain.student import Student
from connector.mapping.keys import fold_key, natural_key

TOLD_EVERY = 5_000
SEPARATOR = "\x1f"
"""What parts the cells of a packed row; the first cell is where the row stands."""


class Person(NamedTuple):
    """The packed rows that carry one SIS code (as fold_key); more than one is a fault of the SIS."""

    key: str
    rows: list[str]


class Intake:
    """One read, taken in row by row.

    A row's digest covers the row, everything that shapes a Student of it, the mapping and the product's
    version; so an equal digest means an equal decision, as long as nobody touched the account. `known` are
    the digests that still hold; what is left in `known` afterwards was not seen.
    """

    def __init__(self, reading: Reading, rules_fingerprint: str, version: str, known: set[int]) -> None:
        self.known = known
        self.used = bool(known)
        self.hits = 0
        self.rows = 0
        self._reading = reading
        self._rules = f"{version}\n{rules_fingerprint}\n"
        self._pending: list[str] = []
        self._key = b""

    def take(self, progress: Progress) -> None:
        """Read every row; settled ones are counted, the others kept."""
        keep, known, digest = self._pending.append, self.known, self.digest
        for row in self._reading.rows():
            self.rows += 1
            if self.rows % TOLD_EVERY == 0:
                progress("Reading the SIS", self.rows, None)
            if known:
                seen = digest(row)
                if seen in known:
                    known.remove(seen)
                    self.hits += 1
                    continue
            keep(row)
        progress("Reading the SIS", self.rows, self.rows)

    def digest(self, row: str) -> int:
        """A 64-bit digest of what decides about this row, wherever it stands, as a signed integer."""
        key = self._key or self._make_key()
        told = row.partition(SEPARATOR)[2].encode("utf-8", "surrogatepass")
        return int.from_bytes(blake2b(told, digest_size=8, key=key).digest(), "big", signed=True)

    def _make_key(self) -> bytes:
        self._key = sha256((self._rules + self._reading.context).encode()).digest()
        return self._key

    def people(self) -> Iterator[Person]:
        """The pending rows by person, in the natural order of the codes; rows without a code come as ''.

        The rows are given away as they go, so that what is decided no longer costs memory.
        """
        pending, code = self._pending, self._reading.code
        pending.sort(key=lambda row: natural_key(fold_key(code(row))), reverse=True)

        def draining() -> Iterator[str]:
            while pending:
                yield pending.pop()

        for key, rows in groupby(draining(), key=lambda row: fold_key(code(row))):
            yield Person(key, list(rows))


def sighting_of(student: Student, as_of: date, digest: int | None) -> Sighting:
    """What to remember of an active student in scope whose account has nothing left to do."""
    return Sighting(digest=digest, until=student.settled_until(as_of), baseline=True)
