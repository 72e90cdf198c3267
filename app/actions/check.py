"""Check whether one number, or ten thousand, may be texted: one indexed read, no write, no cache."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.actions import hour, keys, programs
from app.core import decision_token
from app.core.errors import InvalidNumber, UnknownProgram
from app.core.phone import PhoneNumber, canonical
from app.core.program import QuietHours, Terms, is_program_id
from app.core.standing import Decision, Reason, Word, decide
from app.core.vault import Vault
from app.store import questions, suppressions
from app.store.database import Database
from app.store.questions import ForCheck

INVALID = Decision(allowed=False, reason=Reason.INVALID_NUMBER)


@dataclass(frozen=True, slots=True)
class Checked:
    """One number and its answer.

    Attributes:
        to: the number in E.164; as it was given when it is no number.
        decision: whether it may be texted, and why not.
        token: the decision, signed; `None` in a bulk check.
    """

    to: str
    decision: Decision
    token: str | None = None


def check(
    db: Database, vault: Vault, *, to: str, program: str, region: str, now: datetime
) -> Checked:
    """Answer for one number, for somebody who needs no access key.

    Args:
        db: the database.
        vault: hashes and seals.
        to: the number, in any usual spelling.
        program: the id of the program that wants to send.
        region: whose national spelling is assumed where there is no country code.
        now: the time of the check. Aware, UTC.

    Raises:
        UnknownProgram: there is no such program.
        Unavailable: it cannot be answered, which means: do not send.
    """
    number = _read(to, region)
    decision = check_number(db, vault, number, program=program, now=now)
    return _signed(vault, Checked(_shown(number, to), decision), number, program, now)


def check_number(
    db: Database, vault: Vault, number: PhoneNumber | None, *, program: str, now: datetime
) -> Decision:
    """Answer for a number that is read already, unsigned; arguments and errors as for `check`."""
    number_keys = vault.number_keys(number) if number else ()
    named = program if is_program_id(program) else ""
    found = questions.for_send(db, number_keys, named)
    return _weighed(db, vault, number, found, now)


def check_as(
    db: Database, vault: Vault, bearer: str, *, to: str, program: str, region: str, now: datetime
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
    named = program if is_program_id(program) else ""
    found = questions.for_check(db, number_keys, named, key_id=given.key_id)
    keys.require(given, found.key, keys.Role.CHECK)
    decision = _weighed(db, vault, number, found, now)
    return _signed(vault, Checked(_shown(number, to), decision), number, program, now)


def check_bulk(
    db: Database, vault: Vault, *, to: Sequence[str], program: str, region: str, now: datetime
) -> list[Checked]:
    """Answer for many numbers, in the order they are given; arguments and errors as for `check`."""
    numbers = [_read(raw, region) for raw in to]
    with db.reading() as connection:
        terms = programs.require(connection, program)
        decisions = decide_many(connection, vault, terms, numbers, now=now)
    return [
        Checked(_shown(number, raw), decision)
        for raw, number, decision in zip(to, numbers, decisions, strict=True)
    ]


def decide_many(
    connection: Connection,
    vault: Vault,
    terms: Terms,
    numbers: Sequence[PhoneNumber | None],
    *,
    now: datetime,
) -> list[Decision]:
    """Answer for a batch on an open connection, in its order: the one core of every check of many.

    Args:
        connection: from `Database.reading`.
        vault: hashes and seals.
        terms: of the program that wants to send.
        numbers: up to 10,000; `None`: what was given is no number.
        now: the time of the check. Aware, UTC.
    """
    filed = [vault.number_keys(number) if number else () for number in numbers]
    words = suppressions.many(connection, [key for some in filed for key in some], terms.id)
    unheard = decide((), terms)
    decided = []
    for number, some in zip(numbers, filed, strict=True):
        if number is not None:
            said = _said(words, some)
            decided.append((number, _sendable(number, decide(said, terms) if said else unheard)))
    decisions = [decision for _, decision in decided]
    if terms.quiet_hours is not QuietHours.OFF:
        decisions = hour.weigh(connection, vault, terms, decided, now=now)
    in_order = iter(decisions)
    return [INVALID if number is None else next(in_order) for number in numbers]


def _weighed(
    db: Database, vault: Vault, number: PhoneNumber | None, found: ForCheck, now: datetime
) -> Decision:
    terms = found.terms
    if terms is None:
        raise UnknownProgram("there is no program of that id")
    if number is None:
        return INVALID
    decision = _sendable(number, decide(found.words, terms))
    if terms.quiet_hours is not QuietHours.OFF and decision.allowed:
        with db.reading() as connection:
            (decision,) = hour.weigh(connection, vault, terms, [(number, decision)], now=now)
    return decision


def _shown(number: PhoneNumber | None, given: str) -> str:
    return number.e164 if number else given


def _said(words: Mapping[bytes, Sequence[Word]], filed: Sequence[bytes]) -> list[Word]:
    return [word for key in filed for word in words.get(key, ())]


def _read(raw: str, region: str) -> PhoneNumber | None:
    try:
        return canonical(raw, region)
    except InvalidNumber:
        return None


def _sendable(number: PhoneNumber, decision: Decision) -> Decision:
    """Refuse a number that no network knows; if its person refused, that stays the reason."""
    return decision if number.possible or not decision.allowed else INVALID


def _signed(
    vault: Vault, checked: Checked, number: PhoneNumber | None, program: str, now: datetime
) -> Checked:
    key = vault.number_key(number) if number else None
    token = decision_token.sign(vault, checked.decision, number_key=key, program=program, now=now)
    return Checked(checked.to, checked.decision, token)
