"""The hour at which a message would arrive: the last question of a check, for programs that ask it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from app.core import place
from app.core.errors import Unsealable
from app.core.phone import PhoneNumber
from app.core.place import Place
from app.core.program import QuietHours, Terms
from app.core.quiet_hours import quiet_until
from app.core.standing import Decision, Reason
from app.core.vault import Vault
from app.store import numbers

_NOWHERE = Place()
_QUIET = Decision(allowed=False, reason=Reason.QUIET_HOURS)


def weigh(
    connection: Connection,
    vault: Vault,
    terms: Terms,
    asked: Sequence[tuple[PhoneNumber, Decision]],
    *,
    now: datetime,
) -> list[Decision]:
    """Refuse, or advise against, what would arrive at night where its recipient is.

    Args:
        connection: to read where people live, as far as their consent told.
        vault: opens that.
        terms: of the program that wants to send; it keeps quiet hours.
        asked: numbers, each with its decision so far.
        now: when it would be sent.

    Returns:
        The decisions, in order; those that refused anyway are as they were.
    """
    open_ones = [number for number, decision in asked if decision.allowed]
    places = _places(connection, vault, open_ones)
    decisions = []
    for number, decision in asked:
        if decision.allowed:
            known = places.get(number.key_form, _NOWHERE)
            verdict = quiet_until(number, now, zone=known.time_zone, postcode=known.postcode)
            if verdict.quiet:
                refused = terms.quiet_hours is QuietHours.BLOCK
                quiet = _QUIET if refused else decision
                decisions.append(replace(quiet, retry_at=verdict.retry_at))
                continue
        decisions.append(decision)
    return decisions


def _places(connection: Connection, vault: Vault, some: Sequence[PhoneNumber]) -> dict[str, Place]:
    """Return where people live, by the key form of their number; those of whom it is known."""
    of_key = {key: number.key_form for number in some for key in vault.number_keys(number)}
    found: dict[str, Place] = {}
    for key, sealed in numbers.places(connection, list(of_key)).items():
        try:
            opened = vault.open(sealed, bound_to=numbers.place_binding(key))
        except Unsealable:
            continue  # a secret that is gone takes the place with it; the number's own zones remain
        found[of_key[key]] = place.loads(opened)
    return found
