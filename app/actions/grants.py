"""Say which rights the web processes need of PostgreSQL."""

from app.store import grants


def statements(role: str) -> list[str]:
    """Return the SQL that lets a role append to the ledger, and change or delete nothing in it."""
    return grants.statements(role)
