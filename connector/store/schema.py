"""The tables of the user store; the migrations make them, a test holds the two together.

Only what SQLite and PostgreSQL share is used. Texts are never null: "" is none. Times are ISO 8601 text in UTC,
days ISO 8601 text, flags 0 or 1, lists and images JSON text. Ids and numbers are counted by the store itself.
"""

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, MetaData, Table, Text, text

metadata = MetaData()

POPULATION = "user_type = 'Student' AND claimed = 1 AND archived = 0"
"""The condition of accounts_population, word for word as a statement must say it to use the index."""

_Id = BigInteger().with_variant(Integer, "sqlite")


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


accounts = Table(
    "accounts",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=False),
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
    # "" where it is the same as name_key, as it is for nearly every name
    _text("case_key"),
    Column("code_key", Text),
    _text("verifier"),
    _number("must_change"),
    _text("expires"),
)
Index("accounts_name_key", accounts.c.name_key, unique=True)
Index(
    "accounts_code_key",
    accounts.c.user_type,
    accounts.c.code_key,
    unique=True,
    sqlite_where=accounts.c.code_key.is_not(None),
    postgresql_where=accounts.c.code_key.is_not(None),
)
Index(
    "accounts_case_key",
    accounts.c.case_key,
    sqlite_where=accounts.c.case_key != "",
    postgresql_where=accounts.c.case_key != "",
)

# What the guard counts: the live Students that a SIS row has claimed, by year level.
Index(
    "accounts_population",
    accounts.c.year_level,
    sqlite_where=text(POPULATION),
    postgresql_where=text(POPULATION),
)

# Narrow, so that a sync that changes nothing reads little. A write to the account empties its digest.
# No reference to the account, which is written by the same call: PostgreSQL would look each of them up again.
sightings = Table(
    "sightings",
    metadata,
    Column("account_id", _Id, primary_key=True, autoincrement=False),
    Column("digest", BigInteger),
    _number("version"),
    _text("until"),
    _number("missing_reads"),
    _number("baseline"),
)

# A former username, kept for the account that had it.
reservations = Table(
    "reservations",
    metadata,
    Column("name_key", Text, primary_key=True),
    _text("case_key"),
    _text("username"),
    Column("account_id", _Id, ForeignKey("accounts.id"), nullable=False),
    _text("since"),
)
Index("reservations_account", reservations.c.account_id)
Index(
    "reservations_case_key",
    reservations.c.case_key,
    sqlite_where=reservations.c.case_key != "",
    postgresql_where=reservations.c.case_key != "",
)

runs = Table(
    "runs",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("started_at"),
    _text("finished_at"),
    _text("command"),
    _text("origin"),
    _text("actor"),
    _text("plan"),
    Column("undoes", Integer, ForeignKey("runs.number")),
    _text("counts"),
    _text("accepted"),
    _text("summary"),
)

# No reference to the run, for the same reason: a run writes its own row first, and no run is ever removed.
outcomes = Table(
    "outcomes",
    metadata,
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("account_id", _Id, nullable=False),
    _text("action"),
    _text("changed"),
    _text("reasons"),
    _text("before_image"),
    _text("after_image"),
    sqlite_with_rowid=False,
)
Index("outcomes_account", outcomes.c.account_id)

# What a run did to the reservations of an account, so that an undo can reverse it: "kept" or "ended".
reservation_outcomes = Table(
    "reservation_outcomes",
    metadata,
    Column("run", Integer, ForeignKey("runs.number"), primary_key=True, autoincrement=False),
    Column("account_id", _Id, primary_key=True, autoincrement=False),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    _text("effect"),
    _text("name_key"),
    _text("case_key"),
    _text("username"),
    _text("since"),
)

baseline_codes = Table("baseline_codes", metadata, Column("code_key", Text, primary_key=True))

state = Table("state", metadata, Column("key", Text, primary_key=True), _text("value"))

# A verifier that many accounts share; their own says "shared:ID".
verifiers = Table("verifiers", metadata, Column("id", _Id, primary_key=True, autoincrement=False), _text("verifier"))

# What a client calls an account, for finding one by it; the account's own column says the same.
external_ids = Table(
    "external_ids",
    metadata,
    Column("account_id", _Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("client", Text, primary_key=True),
    _text("external_id"),
    sqlite_with_rowid=False,
)
# By the id first: a client has one of nearly everybody, so that its name alone finds nothing.
Index("external_ids_value", external_ids.c.external_id, external_ids.c.client)

# What SCIM clients gave that no column holds, as JSON, and what was made for reading: the times of the first and the
# last change, and the text. All but `created` and `kept` is worth nothing once the account has another version; where
# that is kept as a negative number, only the text is. One row, since a write of a client changes it all.
scim_people = Table(
    "scim_people",
    metadata,
    Column("account_id", _Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    _number("version"),
    _text("created"),
    _text("modified"),
    _text("kept"),
    _text("etag"),
    _text("document"),
)

# The same value by value, for filters. `value` is null where the account's own column has it (its e-mail address).
scim_values = Table(
    "scim_values",
    metadata,
    Column("account_id", _Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("path", Text, primary_key=True),
    Column("item", Integer, primary_key=True, autoincrement=False),
    Column("sub", Text, primary_key=True),
    Column("value", Text),
    Column("value_key", Text),
    sqlite_with_rowid=False,
)
Index("scim_values_key", scim_values.c.path, scim_values.c.sub, scim_values.c.value_key)

scim_groups = Table(
    "scim_groups",
    metadata,
    Column("id", Text, primary_key=True),
    _text("display_name"),
    _text("name_key"),
    _number("version"),
    _text("created"),
    _text("modified"),
)
Index("scim_groups_name_key", scim_groups.c.name_key, unique=True)

scim_group_ids = Table(
    "scim_group_ids",
    metadata,
    Column("client", Text, primary_key=True),
    Column("group_id", Text, ForeignKey("scim_groups.id", ondelete="CASCADE"), primary_key=True),
    _text("external_id"),
)
Index("scim_group_ids_value", scim_group_ids.c.client, scim_group_ids.c.external_id)

scim_members = Table(
    "scim_members",
    metadata,
    Column("group_id", Text, ForeignKey("scim_groups.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", _Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
Index("scim_members_account", scim_members.c.account_id)

scim_deactivations = Table(
    "scim_deactivations",
    metadata,
    Column("client", Text, primary_key=True),
    Column("account_id", _Id, primary_key=True, autoincrement=False),
    Column("moment", Text, primary_key=True),
)

# What SCIM clients sign in with (connector/domain/client.py).
tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    *map(_text, ("client", "kind", "digest", "scope", "made", "made_by", "expires", "revoked", "last_used")),
)
Index("tokens_client", tokens.c.client)

# What the admin console keeps of its own (connector/domain/console.py).
console_administrators = Table(
    "console_administrators",
    metadata,
    Column("name_key", Text, primary_key=True),
    *map(_text, ("name", "role", "verifier", "since")),
)

console_invitations = Table(
    "console_invitations", metadata, Column("key", Text, primary_key=True), *map(_text, ("role", "by", "expires"))
)

console_sessions = Table(
    "console_sessions",
    metadata,
    Column("key", Text, primary_key=True),
    *map(_text, ("name_key", "name", "role", "started", "seen")),
)

console_failures = Table(
    "console_failures", metadata, Column("key", Text, primary_key=True), _number("count"), _text("last")
)

console_audit = Table(
    "console_audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    *map(_text, ("moment", "who", "address", "action", "subject", "result")),
)

console_previews = Table(
    "console_previews",
    metadata,
    Column("id", Text, primary_key=True),
    *map(
        _text, ("owner", "made_at", "command", "plan", "options", "back", "outcome", "left_out", "accepted", "state")
    ),
    _text("fingerprint"),
    Column("run", Integer),
    _text("told"),
)

# One row an alignment; its `scope` is the population, as the guard's baseline has it.
alignments = Table(
    "alignments",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("scope"),
    _text("moment"),
    _text("as_of"),
    _number("students"),
    _number("matched"),
    _number("entries"),
    _text("by_code"),
)
Index("alignments_scope", alignments.c.scope, alignments.c.number)

# The findings of the last alignment only: their codes, and SIS codes or digests.
alignment_findings = Table(
    "alignment_findings",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    sqlite_with_rowid=False,
)

# Every sync that was tried, whatever its end (connector/domain/operation.py). The totals never go down.
attempts = Table(
    "attempts",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    *map(_text, ("started_at", "finished_at", "origin", "actor", "ending")),
    Column("run", Integer),
    *map(_text, ("counts", "findings", "refused", "message", "hint", "told")),
)

attempt_totals = Table(
    "attempt_totals",
    metadata,
    Column("name", Text, primary_key=True),
    Column("label", Text, primary_key=True),
    Column("value", Float, nullable=False),
)
