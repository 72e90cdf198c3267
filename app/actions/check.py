"""Check whether one number, or ten thousand, may be texted: one indexed read, no write, no cache."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.actions import keys
from app.core.errors import InvalidNumber, UnknownProgram
from app.core.phone import PhoneNumber, canonical
from app.core.standing import Decision, Reason, decide
from app.core.vault import Vault
from app.store import programs, questions, suppressions
from app.store.database import Database

_PROGRAM_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
INVALID = Decision(allowed=False, reason=Reason.INVALID_NUMBER)


@dataclass(frozen=True, slots=True)
class Checked:
    """One number and its answer.

    Attributes:
        to: the number in E.164; as it was given when it is no number.
        decision: whether it may be texted, and why not.
    """

    to: str
    decision: Decision


def check(db: Database, vault: Vault, *, to: str, program: str, region: str) -> Checked:
    """Answer for one number, for somebody who needs no access key.

    Args:
        db: the database.
        vault: hashes and seals.
        to: the number, in any usual spelling.
        program: the id of the program that wants to send.
        region: whose national spelling is assumed where there is no country code.

    Raises:
        UnknownProgram: there is no such program.
        Unavailable: it cannot be answered, which means: do not send.
    """
    return check_bulk(db, vault, to=[to], program=program, region=region)[0]


def check_as(
    db: Database, vault: Vault, bearer: str, *, to: str, program: str, region: str
) -> Checked:
    """Answer for one number if the bearer of an access key may ask: key and number are one read.

    Args, beside those of `check`:
        bearer: the access key as it was shown.

    Raises, beside what `check` does:
        Unauthenticated: it is not a valid key.
        Forbidden: it does not have the role `check`.
    """
    given = keys.shown(bearer)
    number = _read(to, region)
    number_keys = vault.number_keys(number) if number else ()
    asked = program if _PROGRAM_ID.fullmatch(program) else ""
    found = questions.for_check(db, number_keys, asked, key_id=given.key_id)
    keys.require(given, found.key, keys.Role.CHECK)
    if found.requires_consent is None:
        raise UnknownProgram("there is no program of that id")
    if number is None:
        return Checked(to, INVALID)
    decision = decide(found.words, program, requires_consent=found.requires_consent)
    return Checked(number.e164, _sendable(number, decision))


def check_bulk(
    db: Database, vault: Vault, *, to: Sequence[str], program: str, region: str
) -> list[Checked]:
    """Answer for many numbers, in the order they are given; arguments and errors as for `check`."""
    numbers = [_read(raw, region) for raw in to]
    filed = [vault.number_keys(number) if number else () for number in numbers]
    with db.reading() as connection:
        # What cannot be an id is not looked up: PostgreSQL takes no NUL in a text.
        held = programs.get(connection, program) if _PROGRAM_ID.fullmatch(program) else None
        if held is None:
            raise UnknownProgram("there is no program of that id")
        words = suppressions.many(connection, [key for some in filed for key in some], program)
    checked = []
    for raw, number, some in zip(to, numbers, filed, strict=True):
        if number is None:
            checked.append(Checked(raw, INVALID))
            continue
        said = [word for key in some for word in words.get(key, ())]
        decision = decide(said, program, requires_consent=held.requires_consent)
        checked.append(Checked(number.e164, _sendable(number, decision)))
    return checked


def _read(raw: str, region: str) -> PhoneNumber | None:
    try:
        return canonical(raw, region)
    except InvalidNumber:
        return None


def _sendable(number: PhoneNumber, decision: Decision) -> Decision:
    """Refuse a number that no network knows; if its person refused, that stays the reason."""
    return decision if number.possible or not decision.allowed else INVALID
