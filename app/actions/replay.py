"""Replay the kept inbox through the rules of today, and say what they would have caught."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.core.intent import Intent, Reading, classify
from app.core.vault import Vault
from app.store import inbox
from app.store.database import Database

_REFUSALS = {Intent.OPT_OUT, Intent.WRONG_NUMBER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One kept message, then and now.

    Attributes:
        message_id: the carrier's.
        received_at: when it came.
        then: the intent as it was read.
        rulepack: the version of the rules that read it.
        now: the reading of today.
    """

    message_id: str
    received_at: datetime
    then: Intent
    rulepack: str
    now: Reading

    @property
    def newly_heard(self) -> bool:
        """Whether today's rules hear a refusal where those of then heard none."""
        return self.now.intent in _REFUSALS and self.then not in _REFUSALS


def replay(db: Database, vault: Vault) -> Iterator[Replayed]:
    """Read every kept text anew, oldest first, streamed; nothing is changed.

    Raises:
        Unavailable: the database cannot be reached.
        Unsealable: a kept text was damaged.
    """
    with db.snapshot() as connection:
        for kept in inbox.kept_bodies(connection):
            text = vault.open(
                kept.sealed_body, bound_to=inbox.body_binding(kept.carrier, kept.message_id)
            )
            yield Replayed(
                message_id=kept.message_id,
                received_at=kept.received_at,
                then=Intent(kept.intent),
                rulepack=kept.rulepack,
                now=classify(text),
            )
