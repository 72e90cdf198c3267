"""The rights of the web processes' role on PostgreSQL: to append to the ledger, and never to change or delete in it."""

from app.store.tables import metadata

_ALL = "SELECT, INSERT, UPDATE, DELETE"
# What is less than all: the ledger is appended to, and seals are made by whoever owns the tables.
_LESS = {"events": "SELECT, INSERT", "seals": "SELECT"}


def statements(role: str) -> list[str]:
    """Return the SQL that gives a role these rights and takes all others, for the owner of the tables to run.

    Args:
        role: an existing one.
    """
    quoted = '"' + role.replace('"', '""') + '"'
    tables = sorted(table.name for table in metadata.sorted_tables)
    return [
        f"REVOKE ALL ON {', '.join(tables)} FROM {quoted};",
        *(f"GRANT {_LESS.get(table, _ALL)} ON {table} TO {quoted};" for table in tables),
        f"GRANT SELECT ON alembic_version TO {quoted};",  # whether the schema is up to date
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {quoted};",
    ]
