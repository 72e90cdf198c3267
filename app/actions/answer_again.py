"""Answer a send whose idempotency key was used before: as the first was answered, and nothing is sent."""

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core import twilio_answers
from app.core.errors import Conflict, Unsealable
from app.core.twilio_answers import NOT_SENT, ON_ITS_WAY, UNKNOWN, Answer
from app.core.vault import Vault
from app.store import sends
from app.store.database import Database
from app.store.sends import HeldSend, State

_NOBODY_IS_LEFT = timedelta(seconds=60)  # longer than any process takes over one send
_PATIENCE_S = 5.0  # with another request of the same key
_PAUSE_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request and its sender's own key for it, as keyed hashes under every secret, newest first.

    Attributes:
        keys: none where the sender gave no key.
        hashes: of what is asked.
    """

    keys: tuple[bytes, ...]
    hashes: tuple[bytes, ...]

    @classmethod
    def under(cls, vault: Vault, account: str, key: str | None, form: str) -> "Asked":
        """Hash a request of one account."""
        return cls(
            keys=vault.request_hashes(f"key\0{account}\0{key}".encode()) if key else (),
            hashes=vault.request_hashes(f"form\0{account}\0{form}".encode()),
        )


def answer_again(
    db: Database, vault: Vault, clock: Callable[[], datetime], held: HeldSend, asked: Asked
) -> Answer:
    """Answer a request whose key is held as the first was, and send nothing.

    Args:
        db: the database.
        vault: opens what was answered.
        clock: tells the time. Aware, UTC.
        held: the first.
        asked: the request.

    Raises:
        Conflict: the first was another request.
        Unavailable: the database cannot be reached.
    """
    if not any(hmac.compare_digest(held.request_hash, each) for each in asked.hashes):
        raise Conflict("this idempotency key was used for another message")
    deadline = time.monotonic() + _PATIENCE_S
    while held.state is State.SENDING:
        if clock() - held.created_at > _NOBODY_IS_LEFT:
            with db.begin() as tx:
                sends.give_up(tx, held.id)
            return UNKNOWN
        if time.monotonic() > deadline:
            return ON_ITS_WAY
        time.sleep(_PAUSE_S)
        with db.reading() as connection:
            later = sends.find(connection, asked.keys)
        if later is None:
            return NOT_SENT  # the first was not sent either, and gave the key free
        held = later
    return _first_answer(vault, held)


def _first_answer(vault: Vault, held: HeldSend) -> Answer:
    if held.state is State.UNKNOWN or held.sealed_answer is None:
        return UNKNOWN
    try:
        opened = vault.open(held.sealed_answer, bound_to=sends.answer_binding(held.id))
    except Unsealable:
        return UNKNOWN
    return twilio_answers.loads(opened)
