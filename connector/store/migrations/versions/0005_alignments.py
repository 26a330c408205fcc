"""Lay the record of alignments."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the counts of each alignment and the findings of the last."""
    op.create_table(
        "alignments",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        _text("scope"),
        _text("moment"),
        _text("as_of"),
        _number("students"),
        _number("matched"),
        _number("entries"),
        _text("by_code"),
    )
    op.create_index("alignments_scope", "alignments", ["scope", "number"])
    op.create_table(
        "alignment_findings",
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sqlite_with_rowid=False,
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)
