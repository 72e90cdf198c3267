"""The schema's history, in numbered steps, and the way to walk it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

_ONE_AT_A_TIME = 0x53544F50  # PostgreSQL's advisory lock for migrations of ours


def configured(connection: Connection) -> Config:
    """Return Alembic's configuration for one open connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def upgrade(tx: Connection) -> None:
    """Bring the schema up to date within one transaction; servers that start at once wait for each other."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ONE_AT_A_TIME})
    command.upgrade(configured(tx), "head")
