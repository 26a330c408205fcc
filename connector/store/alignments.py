"""The record of alignments: counts of every one, the findings of the last, nobody's name."""

from collections.abc import Collection
from datetime import date
from json import loads

from sqlalchemy import Connection, delete, func, insert, select

from connector.domain.alignment import AlignmentRecord, FindingKey
from connector.store.codec import encode, moment_of, moment_text
from connector.store.schema import alignment_findings, alignments


def read_alignments(connection: Connection, scope: str, most: int) -> list[AlignmentRecord]:
    """The newest records of that scope, the oldest of them first."""
    newest = select(alignments).where(alignments.c.scope == scope).order_by(alignments.c.number.desc()).limit(most)
    return [
        AlignmentRecord(
            moment, date.fromisoformat(row.as_of), row.students, row.matched, row.entries, loads(row.by_code)
        )
        for row in reversed(connection.execute(newest).all())
        if (moment := moment_of(row.moment)) is not None
    ]


def read_findings(connection: Connection, scope: str) -> set[FindingKey]:
    """The findings of the newest alignment of that scope."""
    columns = alignment_findings.c
    rows = connection.execute(select(columns.code, columns.subject).where(columns.scope == scope))
    return {FindingKey(code, subject) for code, subject in rows}


def write_alignment(
    connection: Connection, scope: str, record: AlignmentRecord, findings: Collection[FindingKey]
) -> None:
    """Add the record; its findings replace those of the last."""
    number = (connection.scalar(select(func.max(alignments.c.number))) or 0) + 1
    facts = {"moment": moment_text(record.at), "as_of": record.as_of.isoformat(), "by_code": encode(record.by_code)}
    counts = {"students": record.students, "matched": record.matched, "entries": record.entries}
    connection.execute(insert(alignments).values(number=number, scope=scope, **facts, **counts))
    connection.execute(delete(alignment_findings).where(alignment_findings.c.scope == scope))
    rows = [{"scope": scope, "code": key.code, "subject": key.subject} for key in sorted(set(findings))]
    if rows:
        connection.execute(insert(alignment_findings), rows)
