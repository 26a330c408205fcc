"""Lay what clients sign in with."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the keys of SCIM clients."""
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text, primary_key=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in (
                "client",
                "kind",
                "digest",
                "scope",
                "made",
                "made_by",
                "expires",
                "revoked",
                "last_used",
            )
        ),
    )
    op.create_index("tokens_client", "tokens", ["client"])
