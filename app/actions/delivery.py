"""Take a report of what became of a message of ours: where it says something of the number, it becomes a fact."""

from datetime import datetime

from app.actions.record import Fact, record
from app.core.errors import Conflict
from app.core.events import EVERYTHING, Cause, Kind
from app.core.inbound import DeliveryReport, Failure
from app.core.vault import Vault
from app.store.database import Database

_NOWHERE = "ZZ"  # a report's numbers carry their country code


def take_report(
    db: Database, vault: Vault, report: DeliveryReport, *, store_numbers: bool, now: datetime
) -> None:
    """Write down what a report tells of a number, once; most tell nothing.

    A carrier that refuses a number because its person opted out there blocks it here too, for everything: we must
    have missed that word. A number that cannot be reached is noted, once a day, and changes no answer.

    Args:
        db: the database.
        vault: hashes and seals.
        report: as the carrier delivered it, verified.
        store_numbers: whether to keep the number, sealed, beside its hash.
        now: the time of receipt. Aware, UTC.

    Raises:
        Unavailable: nothing was stored; the carrier must try again.
    """
    number = report.recipient
    if number is None or report.failure is None:
        return
    if report.failure is Failure.BLOCKED:
        kind, cause = Kind.BLOCKED, Cause.CARRIER
        reference = f"{report.code}:{report.message_id}"
    else:
        kind, cause = Kind.UNREACHABLE, None
        reference = f"{report.code}:{vault.number_key(number).hex()}:{now:%Y-%m-%d}"
    fact = Fact(
        to=number.e164,
        region=_NOWHERE,
        kind=kind,
        scope=EVERYTHING,
        source=report.carrier,
        source_ref=reference,
        note=f"{report.carrier} error {report.code}, message {report.message_id}",
        cause=cause,
    )
    try:
        record(db, vault, fact, store_numbers=store_numbers, now=now)
    except Conflict:
        return  # the same message id for another number: a carrier's mistake, and nothing to lose
