"""Taking in a SIS read: which rows were settled when last seen, and whose rows are to be decided now."""

import string
from collections.abc import Iterator
from datetime import date
from hashlib import blake2b, sha256
from itertools import groupby
from struct import Struct

from connector.domain.account import Sighting
from connector.domain.ports import Progress, Reading
from connector.domain.student import Student
from connector.mapping.keys import fold_key, natural_key

TOLD_EVERY = 5_000
_SIGNED = Struct(">q")
SEPARATOR = "\x1f"
"""What parts the cells of a packed row; the first cell is where the row stands."""


Person = tuple[str, list[str]]
"""A SIS code (as fold_key) and the packed rows that carry it; more than one is a fault of the SIS."""

_ALIKE = str.maketrans(string.digits + string.ascii_lowercase, "0" * 10 + "a" * 26)


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
        self._begun: blake2b | None = None

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
        begun = self._begun or self._begin()
        hashed = begun.copy()
        hashed.update(row[row.index(SEPARATOR) + 1 :].encode("utf-8", "surrogatepass"))
        number: int = _SIGNED.unpack(hashed.digest())[0]
        return number

    def _begin(self) -> blake2b:
        key = sha256((self._rules + self._reading.context).encode()).digest()
        self._begun = blake2b(digest_size=8, key=key)
        return self._begun

    def people(self) -> Iterator[Person]:
        """The pending rows by person, in the natural order of the codes; rows without a code come as ''.

        The rows are given away as they go, so that what is decided no longer costs memory.
        """
        pending, code = self._pending, self._reading.code
        if self._in_order():
            pending.reverse()
            while pending:
                row = pending.pop()
                yield fold_key(code(row)), [row]
            return
        pending.sort(key=lambda row: natural_key(fold_key(code(row))), reverse=True)

        def draining() -> Iterator[str]:
            while pending:
                yield pending.pop()

        for key, rows in groupby(draining(), key=lambda row: fold_key(code(row))):
            yield key, list(rows)

    def _in_order(self) -> bool:
        """Whether the rows came in the natural order already, no code twice, as most exports are written.

        That is so where every code is made alike (letters and digits of ASCII at the same places) and they rise.
        """
        pattern, before = None, ""
        for row in self._pending:
            code = self._reading.code(row).lower()
            made = code.translate(_ALIKE)
            if pattern is None and code.isascii():
                pattern = made
            if code <= before or made != pattern:
                return False
            before = code
        return True


def sighting_of(student: Student, as_of: date, digest: int | None) -> Sighting:
    """What to remember of an active student in scope whose account has nothing left to do."""
    return tuple.__new__(Sighting, (digest, 0, student.settled_until(as_of), 0, True))
