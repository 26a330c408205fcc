"""Alembic's way in: migrates the open connection that the store hands over."""

from alembic import context

from connector.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
