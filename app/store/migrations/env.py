"""Run by Alembic, with the connection that `upgrade` handed over."""

from alembic import context

from app.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the transaction is the caller's
    compare_type=True,
)
context.run_migrations()
