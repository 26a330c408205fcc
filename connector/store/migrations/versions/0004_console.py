"""Lay what the console keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables of people, sessions, failed sign-ins, audit and previews."""
    _people()
    op.create_table(
        "console_audit",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        *map(_text, ("moment", "who", "address", "action", "subject", "result")),
    )
    op.create_table(
        "console_previews",
        sa.Column("id", sa.Text, primary_key=True),
        *map(
            _text,
            ("owner", "made_at", "command", "plan", "options", "back", "outcome", "left_out", "accepted", "state"),
        ),
        _text("fingerprint"),
        sa.Column("run", sa.Integer),
        _text("told"),
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _people() -> None:
    op.create_table(
        "console_administrators",
        sa.Column("name_key", sa.Text, primary_key=True),
        *map(_text, ("name", "role", "verifier", "since")),
    )
    op.create_table(
        "console_invitations", sa.Column("key", sa.Text, primary_key=True), *map(_text, ("role", "by", "expires"))
    )
    op.create_table(
        "console_sessions",
        sa.Column("key", sa.Text, primary_key=True),
        *map(_text, ("name_key", "name", "role", "started", "seen")),
    )
    op.create_table(
        "console_failures",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        _text("last"),
    )
