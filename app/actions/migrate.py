"""Bring the database's schema up to date."""

from app.store import migrations
from app.store.database import Database


def migrate(db: Database) -> None:
    """Run every migration that has not run, in one transaction.

    Args:
        db: opened without fingerprints, since the tables that prove them may not be there yet.
    """
    with db.begin() as tx:
        migrations.upgrade(tx)
