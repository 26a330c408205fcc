"""The stored texts of SCIM users are made anew: what stands in them for address and client is another sign."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Forget the texts; each is made again when it is asked for."""
    op.execute("DELETE FROM scim_documents")
