"""What Alembic runs: the steps, on the connection and in the transaction that the caller has begun."""

from alembic import context

from conggao.engine.ledger.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
