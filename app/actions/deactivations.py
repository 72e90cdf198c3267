"""End the consent of numbers that were given up. Only those that we hold are noted; strangers leave no trace."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import islice

from app.actions.record import Fact, record
from app.core.events import EVERYTHING, Kind
from app.core.phone import PhoneNumber, person
from app.core.vault import Vault
from app.store import numbers
from app.store.database import Database
from app.upstream.twilio import TwilioApi
from app.upstream.twilio_deactivations import deactivated

CARRIER = "twilio"
_AT_ONCE = 1000


@dataclass(slots=True, kw_only=True)
class Ended:
    """What came of a list.

    Attributes:
        listed: numbers on it.
        known: of these, numbers that we hold.
        new: of these, numbers of which it was not noted before.
    """

    listed: int = 0
    known: int = 0
    new: int = 0


def end_consents(
    db: Database,
    vault: Vault,
    api: TwilioApi,
    *,
    account: str,
    day: date,
    store_numbers: bool,
    now: datetime,
) -> Ended:
    """Read the list of a day, and note what it says of numbers that we hold. Twice is once.

    Args:
        db: the database.
        vault: hashes and seals.
        api: Twilio's REST API.
        account: the AccountSid.
        day: of the list.
        store_numbers: whether to keep numbers, sealed, beside their hash.
        now: the time of our knowing. Aware, UTC.

    Raises:
        CarrierAway, CarrierRefused, Misconfigured: see `app.upstream.twilio_deactivations.deactivated`.
        Unavailable: the database cannot be reached.
    """
    ended = Ended()
    listed = deactivated(api, account, day)
    until = min(datetime.combine(day, time.max, UTC), now)
    for batch in _batches(listed):
        ended.listed += len(batch)
        for number in _known(db, vault, filter(None, map(person, batch))):
            ended.known += 1
            fact = Fact(
                to=number.e164,
                region="US",
                kind=Kind.DEACTIVATED,
                scope=EVERYTHING,
                source=CARRIER,
                source_ref=f"deactivated:{vault.number_key(number).hex()}:{day}",
                occurred_at=until,
            )
            noted = record(db, vault, fact, store_numbers=store_numbers, now=now)
            ended.new += noted.is_new
    return ended


def _batches(listed: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(listed, _AT_ONCE)):
        yield batch


def _known(db: Database, vault: Vault, some: Iterable[PhoneNumber]) -> list[PhoneNumber]:
    of_key = {key: number for number in some for key in vault.number_keys(number)}
    with db.reading() as connection:
        held = numbers.known(connection, list(of_key))
    return list({of_key[key].e164: of_key[key] for key in held}.values())
