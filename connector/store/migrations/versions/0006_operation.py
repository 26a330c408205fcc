"""Lay what unattended operation keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables of what was tried and of what it comes to."""
    op.create_table(
        "attempts",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        *map(_text, ("started_at", "finished_at", "origin", "actor", "ending")),
        sa.Column("run", sa.Integer),
        *map(_text, ("counts", "findings", "refused", "message", "hint", "told")),
    )
    op.create_table(
        "attempt_totals",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("label", sa.Text, primary_key=True),
        sa.Column("value", sa.Float, nullable=False),
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)
