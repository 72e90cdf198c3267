"""Place and release litigation holds."""

from dataclasses import dataclass
from datetime import datetime

from app.actions import programs
from app.core.errors import UnknownHold, Unsealable
from app.core.phone import canonical
from app.core.vault import Vault
from app.store import holds
from app.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One hold, for people.

    Attributes:
        id: its number.
        program: that is held; `None`: it is a number.
        reason: why; `None`: the secret that sealed it is gone.
        placed_at: since when.
        released_at: until when; `None`: it stands.
    """

    id: int
    program: str | None
    reason: str | None
    placed_at: datetime
    released_at: datetime | None


def hold_number(
    db: Database, vault: Vault, *, to: str, region: str, reason: str, now: datetime
) -> int:
    """Hold all that is known of a number, and return the id of the hold.

    Raises:
        InvalidNumber: it cannot be a phone number.
        Unavailable: nothing was stored.
    """
    filed = vault.number_keys(canonical(to, region))
    with db.begin() as tx:
        placed = [
            holds.place(
                tx,
                number_key=key,
                program=None,
                sealed_reason=vault.seal(reason, bound_to=holds.binding(now, key.hex())),
                now=now,
            )
            for key in filed
        ]
    return placed[0]


def hold_program(db: Database, vault: Vault, *, program: str, reason: str, now: datetime) -> int:
    """Hold all that was said to a program, and return the id of the hold.

    Raises:
        UnknownProgram: there is none of that id.
        Unavailable: nothing was stored.
    """
    sealed = vault.seal(reason, bound_to=holds.binding(now, program))
    with db.begin() as tx:
        programs.require(tx, program)
        return holds.place(tx, number_key=None, program=program, sealed_reason=sealed, now=now)


def release(db: Database, hold_id: int, *, now: datetime) -> None:
    """Release a hold.

    Raises:
        UnknownHold: there is none of that id.
    """
    with db.begin() as tx:
        if not holds.release(tx, hold_id, now):
            raise UnknownHold("there is no hold of that id")


def listed(db: Database, vault: Vault) -> list[Held]:
    """Return every hold, oldest first, released ones too."""
    with db.reading() as connection:
        held = holds.listed(connection)
    return [
        Held(
            id=each.id,
            program=each.program,
            reason=_reason(vault, each),
            placed_at=each.placed_at,
            released_at=each.released_at,
        )
        for each in held
    ]


def _reason(vault: Vault, hold: holds.Hold) -> str | None:
    target = hold.program if hold.number_key is None else bytes(hold.number_key).hex()
    try:
        return vault.open(hold.sealed_reason, bound_to=holds.binding(hold.placed_at, target or ""))
    except Unsealable:
        return None
