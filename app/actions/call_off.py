"""Call off scheduled messages whose people refused after they were scheduled.

The table of sends is the queue: whatever is scheduled, yet to go out, and to somebody who refuses now, is due. So
it does not matter who recorded the refusal, nor whether a process died between the refusal and the calling off.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime

from app.core.errors import CarrierAway, CarrierRefused, Misconfigured
from app.core.phone import PhoneNumber
from app.core.standing import decide
from app.core.vault import Vault
from app.store import programs, sends, suppressions
from app.store.database import Database
from app.store.sends import CalledOff, Scheduled
from app.upstream.twilio import TwilioApi

_AT_ONCE = 500
_log = logging.getLogger("stoplist.call_off")


def call_off(
    db: Database, vault: Vault, twilio: TwilioApi, *, number: PhoneNumber | None, now: datetime
) -> int:
    """Have Twilio cancel what is scheduled for people who refuse it; what cannot be canceled now is due again.

    Args:
        db: the database.
        vault: hashes.
        twilio: cancels.
        number: of one person; `None`: of everybody.
        now: the present.

    Returns:
        How many messages were canceled.

    Raises:
        Unavailable: the database cannot be reached.
    """
    keys = vault.number_keys(number) if number else None
    canceled = 0
    for message in _due(db, keys, now):
        became = _cancel(twilio, message)
        if became is not None:
            with db.begin() as tx:
                sends.note_called_off(tx, message.id, became)
            canceled += became is CalledOff.CANCELED
    return canceled


def _due(db: Database, keys: Sequence[bytes] | None, now: datetime) -> Iterator[Scheduled]:
    last = 0
    while True:
        with db.reading() as connection:
            some = sends.doubtful(connection, now, keys, after=last, limit=_AT_ONCE)
            due = []
            for message in some:
                terms = programs.get(connection, message.program)
                filed = keys or [message.number_key]
                words = suppressions.many(connection, filed, message.program).values()
                said = [word for each in words for word in each]
                if terms is None or not decide(said, terms).allowed:
                    due.append(message)
        yield from due
        if len(some) < _AT_ONCE:
            return
        last = some[-1].id


def _cancel(twilio: TwilioApi, message: Scheduled) -> CalledOff | None:
    try:
        twilio.cancel(message.account, message.sid)
    except CarrierRefused as fault:
        _log.warning("not canceled", extra={"send": message.id, "code": fault.carrier_code})
        return CalledOff.FAILED
    except (CarrierAway, Misconfigured) as fault:
        _log.warning("not canceled yet", extra={"send": message.id, "detail": str(fault)})
        return None
    return CalledOff.CANCELED
