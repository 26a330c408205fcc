"""How an alignment stands to the one before it."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from connector.domain.alignment import Alignment, AlignmentRecord, FindingKey, Trend, finding_key
from connector.mapping.keys import natural_key


def record_of(alignment: Alignment, at: datetime, as_of: date) -> AlignmentRecord:
    """What is to be remembered of the alignment, beside the keys of its findings."""
    counts = alignment.students, alignment.matched, alignment.directory_entries
    return AlignmentRecord(at, as_of, *counts, dict(alignment.by_code))


def trend_of(alignment: Alignment, records: Sequence[AlignmentRecord], last: Collection[FindingKey]) -> Trend | None:
    """What is new and gone since the last of the earlier alignments, whose findings `last` are; None without any."""
    if not records:
        return None
    now, before = set(map(finding_key, alignment.findings)), set(last)
    gone = sorted(before - now, key=lambda key: (key.code, natural_key(key.subject)))
    return Trend(tuple(records), frozenset(now - before), tuple(gone))
