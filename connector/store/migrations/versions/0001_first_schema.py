"""Lay the first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make every table and index."""
    _accounts()
    _beside_accounts()
    _record()
    _memory()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _partial_index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", _ID, primary_key=True, autoincrement=False),
        _number("version"),
        _text("username"),
        _text("sis_code"),
        _text("user_type"),
        _text("family_name"),
        _text("given_names"),
        _text("email"),
        _text("roles"),
        _number("approved"),
        _number("locked_out"),
        _number("override_network_authentication"),
        _number("archived"),
        _text("year_level"),
        _text("campus"),
        _text("external_ids"),
        _text("grants"),
        _text("denies"),
        _text("archived_by"),
        _text("disabled_by"),
        _text("email_by"),
        _number("claimed"),
        _text("stable_id"),
        _text("last_sign_in"),
        _text("name_key"),
        _text("case_key"),
        sa.Column("code_key", sa.Text),
        _text("verifier"),
        _number("must_change"),
        _text("expires"),
    )
    op.create_index("accounts_name_key", "accounts", ["name_key"], unique=True)
    _partial_index("accounts_code_key", "accounts", ["user_type", "code_key"], "code_key IS NOT NULL", unique=True)
    _partial_index("accounts_case_key", "accounts", ["case_key"], "case_key != ''")
    population = "user_type = 'Student' AND claimed = 1 AND archived = 0"
    _partial_index("accounts_population", "accounts", ["year_level"], population)


def _beside_accounts() -> None:
    op.create_table(
        "sightings",
        sa.Column("account_id", _ID, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.BigInteger),
        _number("version"),
        _text("until"),
        _number("missing_reads"),
        _number("baseline"),
    )
    op.create_table(
        "reservations",
        sa.Column("name_key", sa.Text, primary_key=True),
        _text("case_key"),
        _text("username"),
        sa.Column("account_id", _ID, sa.ForeignKey("accounts.id"), nullable=False),
        _text("since"),
    )
    op.create_index("reservations_account", "reservations", ["account_id"])
    _partial_index("reservations_case_key", "reservations", ["case_key"], "case_key != ''")


def _record() -> None:
    op.create_table(
        "runs",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        _text("started_at"),
        _text("finished_at"),
        _text("command"),
        _text("origin"),
        _text("actor"),
        _text("plan"),
        sa.Column("undoes", sa.Integer, sa.ForeignKey("runs.number")),
        _text("counts"),
        _text("accepted"),
        _text("summary"),
    )
    op.create_table(
        "outcomes",
        sa.Column("run", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("account_id", _ID, nullable=False),
        _text("action"),
        _text("changed"),
        _text("reasons"),
        _text("before_image"),
        _text("after_image"),
        sqlite_with_rowid=False,
    )
    op.create_index("outcomes_account", "outcomes", ["account_id"])
    op.create_table(
        "reservation_outcomes",
        sa.Column("run", sa.Integer, sa.ForeignKey("runs.number"), primary_key=True, autoincrement=False),
        sa.Column("account_id", _ID, primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        _text("effect"),
        _text("name_key"),
        _text("case_key"),
        _text("username"),
        _text("since"),
    )


def _memory() -> None:
    op.create_table("baseline_codes", sa.Column("code_key", sa.Text, primary_key=True))
    op.create_table("state", sa.Column("key", sa.Text, primary_key=True), _text("value"))
    op.create_table("verifiers", sa.Column("id", _ID, primary_key=True, autoincrement=False), _text("verifier"))
