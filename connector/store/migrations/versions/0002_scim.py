"""Lay what the SCIM edge keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables of people, groups and what clients call them."""
    _people()
    _groups()
    op.create_table(
        "scim_deactivations",
        sa.Column("client", sa.Text, primary_key=True),
        sa.Column("account_id", _ID, primary_key=True, autoincrement=False),
        sa.Column("moment", sa.Text, primary_key=True),
    )
    op.execute(
        "INSERT INTO external_ids (client, account_id, external_id) "
        "SELECT json_extract(pair.value, '$[0]'), accounts.id, json_extract(pair.value, '$[1]') "
        "FROM accounts, json_each(accounts.external_ids) AS pair WHERE accounts.external_ids <> ''"
        if op.get_bind().dialect.name == "sqlite"
        else "INSERT INTO external_ids (client, account_id, external_id) SELECT pair->>0, accounts.id, pair->>1 "
        "FROM accounts, jsonb_array_elements(NULLIF(accounts.external_ids, '')::jsonb) AS pair"
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _account() -> sa.Column[int]:
    owner = sa.ForeignKey("accounts.id", ondelete="CASCADE")
    return sa.Column("account_id", _ID, owner, primary_key=True, autoincrement=False)


def _group() -> sa.Column[str]:
    owner = sa.ForeignKey("scim_groups.id", ondelete="CASCADE")
    return sa.Column("group_id", sa.Text, owner, primary_key=True)


def _people() -> None:
    op.create_table("external_ids", sa.Column("client", sa.Text, primary_key=True), _account(), _text("external_id"))
    op.create_index("external_ids_value", "external_ids", ["client", "external_id"])
    op.create_index("external_ids_account", "external_ids", ["account_id"])
    op.create_table("scim_facts", _account(), _number("version"), _text("created"), _text("modified"), _text("kept"))
    op.create_table(
        "scim_values",
        _account(),
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("item", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sub", sa.Text, primary_key=True),
        sa.Column("value", sa.Text),
        sa.Column("value_key", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_index("scim_values_key", "scim_values", ["path", "sub", "value_key"])
    op.create_table("scim_documents", _account(), _number("version"), _text("etag"), _text("document"))


def _groups() -> None:
    op.create_table(
        "scim_groups",
        sa.Column("id", sa.Text, primary_key=True),
        _text("display_name"),
        _text("name_key"),
        _number("version"),
        _text("created"),
        _text("modified"),
    )
    op.create_index("scim_groups_name_key", "scim_groups", ["name_key"], unique=True)
    op.create_table("scim_group_ids", sa.Column("client", sa.Text, primary_key=True), _group(), _text("external_id"))
    op.create_index("scim_group_ids_value", "scim_group_ids", ["client", "external_id"])
    op.create_table("scim_members", _group(), _account(), sqlite_with_rowid=False)
    op.create_index("scim_members_account", "scim_members", ["account_id"])
