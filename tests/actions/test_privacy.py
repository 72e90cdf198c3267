"""Nothing at rest shows a number or a text."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from app.actions.receive import Policy, receive
from app.core.vault import Vault
from app.store.database import Database
from app.store.tables import metadata
from tests.actions.test_receive import message
from tests.cast import SHORT_CODE

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SPELLINGS = (b"2015550123", b"201-555", b"555-0123", b"please stop", b"texting me")


def test_no_column_of_any_table_holds_a_number_or_a_text(db: Database, vault: Vault) -> None:
    """In any usual spelling, after messages of every kind."""
    policy = Policy(stop_scope="all", store_numbers=True, keep_bodies=timedelta(days=30))
    texts = (
        "please stop texting me",
        "start",
        "help",
        "wrong number",
        "I am at (201) 555-0123",
        "no thanks",
    )
    for place, text in enumerate(texts):
        receive(db, vault, policy, message(text, f"SM{place}"), now=NOW)
    receive(
        db, vault, policy, message(texts[0], "SM9", author=None, author_address=SHORT_CODE), now=NOW
    )

    held = b""
    with db.reading() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(sa.select(table)):
                held += b"|".join(v if isinstance(v, bytes) else str(v).encode() for v in row)

    assert len(held) > 1000
    assert not [spelling for spelling in SPELLINGS if spelling in held]
