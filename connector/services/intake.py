"""Taking in a SIS read: which rows were settled when last seen, and whose rows are to be decided now."""

from collections.abc import Iterator, Sequence
from hashlib import blake2b, sha256
from itertools import groupby, islice
from operator import lt
from string import digits
from struct import unpack

from connector.domain.ports import Progress, Reading
from connector.mapping.keys import fold_key, natural_key

TOLD_EVERY = 5_000
SEPARATOR = "\x1f"
"""What parts the cells of a packed row; the first cell is where the row stands."""


Person = tuple[str, list[str]]
"""A SIS code (as fold_key) and the packed rows that carry it; more than one is a fault of the SIS."""


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
        rows = iter(self._reading.rows())
        while part := list(islice(rows, TOLD_EVERY)):
            self.rows += len(part)
            self._pending += self._unsettled(part) if self.known else part
            progress("Reading the SIS", self.rows, None)
        progress("Reading the SIS", self.rows, self.rows)

    def _unsettled(self, rows: Sequence[str]) -> Iterator[str]:
        """The rows that are to be decided; the others are counted."""
        known = self.known
        for row, seen in zip(rows, self.digests(rows), strict=True):
            if seen in known:
                known.remove(seen)
                self.hits += 1
            else:
                yield row

    def digests(self, rows: Sequence[str]) -> Sequence[int]:
        """For each row a 64-bit digest of what decides about it, wherever it stands, as a signed integer."""
        begin = (self._begun or self._begin()).copy
        found = []
        for row in rows:
            hashed = begin()
            hashed.update(row[row.index(SEPARATOR) + 1 :].encode("utf-8", "surrogatepass"))
            found.append(hashed.digest())
        return unpack(f">{len(found)}q", b"".join(found))

    def _begin(self) -> blake2b:
        key = sha256((self._rules + self._reading.context).encode()).digest()
        self._begun = blake2b(digest_size=8, key=key)
        return self._begun

    def people(self) -> Iterator[Person]:
        """The pending rows by person, in the natural order of the codes; rows without a code come as ''.

        The rows are given away as they go, so that what is decided no longer costs memory.
        """
        pending, code = self._pending, self._reading.code
        keys = [fold_key(code(row)) for row in pending]
        if _in_order(keys):
            keys.reverse()
            pending.reverse()
            while pending:
                yield keys.pop(), [pending.pop()]
            return
        del keys
        pending.sort(key=lambda row: natural_key(fold_key(code(row))), reverse=True)

        def draining() -> Iterator[str]:
            while pending:
                yield pending.pop()

        for key, rows in groupby(draining(), key=lambda row: fold_key(code(row))):
            yield key, list(rows)


def _in_order(keys: Sequence[str]) -> bool:
    """Whether codes came in their natural order already, none twice, as most exports are written.

    That is so where they rise, and behind the same letters have the same number of digits.
    """
    if not keys:
        return True
    letters = keys[0].rstrip(digits)
    rising = all(map(lt, keys, islice(keys, 1, None)))
    alike = keys[-1].startswith(letters) and len(set(map(len, keys))) == 1
    at = len(letters)
    return rising and alike and "".join(key[at:] for key in keys).isdecimal()
