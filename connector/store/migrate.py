"""The store's schema, brought up to this version when a store is opened."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from connector.domain.errors import StoreError

HEAD = "0008"
"""The newest revision in migrations/versions; a test holds the two together."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_MARK = "alembic_version"


def revision(connection: Connection) -> str:
    """The schema's revision; "" for an empty database. Raises StoreError for a database that is not a store."""
    tables = inspect(connection).get_table_names()
    if _MARK not in tables:
        if tables:
            raise StoreError(
                f"{_name(connection)} is a database of another program: it has the table {tables[0]!r}",
                hint="name another file in [store] url",
            )
        return ""
    return connection.execute(text(f"SELECT version_num FROM {_MARK}")).scalar() or ""  # noqa: S608 - our own word


def require_known(connection: Connection, found: str) -> None:
    """Raise StoreError for a schema that this version has never heard of."""
    known = {path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py")}
    if found and found not in known:
        raise StoreError(
            f"{_name(connection)} was made by a newer trackone-connector: its schema is {found}, "
            f"this version knows up to {HEAD}",
            hint="install the newer version; nothing was changed",
        )


def upgrade(connection: Connection) -> None:
    """Run the migrations that are missing, inside the connection's transaction."""
    from alembic import command  # noqa: PLC0415 - only a store that is behind pays for it
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _name(connection: Connection) -> str:
    return f"the store {connection.engine.url.database}"
