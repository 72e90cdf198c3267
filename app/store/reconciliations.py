"""How far each account of a carrier has been reconciled."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from app.store.tables import Instant, reconciliations
from app.store.upsert import insert


def reached(connection: Connection, account: str) -> datetime | None:
    """Return until when an account has been reconciled; `None`: never."""
    query = sa.select(reconciliations.c.reached).where(reconciliations.c.account == account)
    moment: datetime | None = connection.execute(query).scalar_one_or_none()
    return moment


def reach(tx: Connection, account: str, until: datetime) -> None:
    """Note until when an account has been reconciled; it never goes back."""
    statement = insert(tx.dialect.name, reconciliations).values(
        account=account, reached=sa.literal(until, Instant)
    )
    later = statement.excluded.reached > reconciliations.c.reached
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["account"], set_={"reached": statement.excluded.reached}, where=later
        )
    )
