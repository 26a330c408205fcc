"""One row a person for the SCIM edge, and one key less for clients' ids: a write touches fewer pages."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Join what was kept of a person and their text, and make the table of clients' ids anew."""
    _people()
    _external_ids()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _account() -> sa.Column[int]:
    owner = sa.ForeignKey("accounts.id", ondelete="CASCADE")
    return sa.Column("account_id", _ID, owner, primary_key=True, autoincrement=False)


def _people() -> None:
    """A text that goes with no facts is made again when it is asked for."""
    op.create_table(
        "scim_people",
        _account(),
        _number("version"),
        _text("created"),
        _text("modified"),
        _text("kept"),
        _text("etag"),
        _text("document"),
    )
    op.execute(
        """
        INSERT INTO scim_people (account_id, version, created, modified, kept, etag, document)
        SELECT facts.account_id, CASE WHEN texts.version IS NULL THEN -facts.version ELSE facts.version END,
          facts.created, facts.modified, facts.kept,
          coalesce(texts.etag, ''), coalesce(texts.document, '')
        FROM scim_facts AS facts LEFT JOIN scim_documents AS texts
          ON texts.account_id = facts.account_id AND texts.version = facts.version
        ORDER BY facts.account_id"""
    )
    op.drop_table("scim_facts")
    op.drop_table("scim_documents")


def _external_ids() -> None:
    """The accounts' own column says the same."""
    op.drop_table("external_ids")
    op.create_table(
        "external_ids",
        _account(),
        sa.Column("client", sa.Text, primary_key=True),
        _text("external_id"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO external_ids (account_id, client, external_id) "
        "SELECT accounts.id, json_extract(pair.value, '$[0]'), json_extract(pair.value, '$[1]') "
        "FROM accounts, json_each(accounts.external_ids) AS pair WHERE accounts.external_ids <> ''"
        if op.get_bind().dialect.name == "sqlite"
        else "INSERT INTO external_ids (account_id, client, external_id) SELECT accounts.id, pair->>0, pair->>1 "
        "FROM accounts, jsonb_array_elements(NULLIF(accounts.external_ids, '')::jsonb) AS pair"
    )
    op.create_index("external_ids_value", "external_ids", ["external_id", "client"])
