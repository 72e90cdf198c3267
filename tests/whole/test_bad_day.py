"""A day on which webhooks are lost, doubled and late, and what reconciling makes of it."""

import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from app.actions.receive import Policy, receive
from app.actions.reconcile import Report, reconcile
from app.core.inbound import InboundMessage
from app.core.phone import person, sender
from app.core.vault import Vault
from app.store import suppressions
from app.store.database import Database, parse_url
from app.store.tables import suppressions as rows
from app.upstream.twilio import TwilioApi
from tests.cast import ACCOUNT, LONG_CODE, TOKEN
from tests.twilio_api import Message
from tests.twilio_api import TwilioApi as SmallTwilio
from tests.whole.crowd import people

MESSAGES, PEOPLE = 10_000, 1_500
DAY = timedelta(days=1)
POLICY = Policy(stop_scope="all", store_numbers=True, keep_bodies=timedelta(days=30))
TEXTS = ("STOP", "START", "hello", "thanks, see you then", "please stop texting me", "HELP",
         "wrong number", "stop", "unstop", "no")  # fmt: skip


def _a_days_messages(chance: Random, end: datetime) -> list[Message]:
    """Return what people wrote, oldest first; nobody twice in one second."""
    crowd = people(PEOPLE)
    seconds = sorted(chance.sample(range(int(DAY.total_seconds())), MESSAGES))
    return [
        Message(
            to=LONG_CODE,
            author=chance.choice(crowd),
            body=chance.choice(TEXTS),
            direction="inbound",
            status="received",
            date_created=end - DAY + timedelta(seconds=second),
            date_sent=end - DAY + timedelta(seconds=second),
        )
        for second in seconds
    ]


def _delivered(db: Database, vault: Vault, message: Message, at: datetime) -> None:
    """Let a webhook come at a time; nothing in it says when the message was sent."""
    assert message.author is not None
    told = InboundMessage(
        carrier="twilio",
        message_id=message.sid,
        author=person(message.author),
        author_address=message.author,
        sender=sender(message.to),
        service=None,
        channel="sms",
        text=message.body,
        verdict=None,
        carrier_answered=True,
        occurred_at=None,
    )
    receive(db, vault, POLICY, told, now=at)


def _standing(db: Database) -> dict[tuple[bytes, str, str], str]:
    columns = rows.c.number_key, rows.c.scope, rows.c.layer, rows.c.status
    with db.reading() as connection:
        return {
            (bytes(k), s, layer): w for k, s, layer, w in connection.execute(sa.select(*columns))
        }


@pytest.mark.slow
def test_after_a_bad_day_reconciling_leaves_the_standing_of_a_perfect_day(
    db: Database,
    vault: Vault,
    twilio_api: SmallTwilio,
    migrated_sqlite: Path,
    tmp_path: Path,
) -> None:
    """Ten thousand messages; of the webhooks, one in twenty each is lost, comes twice, or comes up to an hour late."""
    chance = Random(6)
    end = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    said = _a_days_messages(chance, end)
    perfect = Database(
        parse_url(f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'perfect.db')}")
    )
    for message in said:
        assert message.date_sent is not None
        _delivered(perfect, vault, message, message.date_sent)
    coming = []
    became: Counter[str] = Counter()
    for message in said:
        assert message.date_sent is not None
        fate = chance.choices(("well", "lost", "twice", "late"), (85, 5, 5, 5))[0]
        became[fate] += 1
        late = timedelta(seconds=chance.uniform(60, 3600))
        if fate in ("well", "twice"):
            coming.append((message.date_sent, message))
        if fate in ("late", "twice"):
            coming.append((message.date_sent + late, message))
    for at, message in sorted(coming, key=lambda each: each[0]):
        _delivered(db, vault, message, at)
    assert _standing(db) != _standing(perfect)
    twilio_api.account.messages.extend(said)
    api = TwilioApi({ACCOUNT: TOKEN}, twilio_api.url)

    def again() -> Report:
        return reconcile(
            db, vault, api, POLICY, account=ACCOUNT, since=end - DAY, now=end + timedelta(hours=2)
        )

    first, second = again(), again()

    assert _standing(db) == _standing(perfect)
    assert (first.inbound, len(first.missed)) == (MESSAGES, became["lost"])
    assert first.reordered > 0
    assert (second.missed, second.reordered) == ([], 0)
    with db.snapshot() as connection:
        assert not list(suppressions.differences(connection))
    perfect.dispose()
