"""Make, change, list and remove messaging programs, and map senders to them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from app.core.errors import (
    Conflict,
    InvalidNumber,
    InvalidSender,
    Unacceptable,
    UnknownProgram,
    UnknownSender,
)
from app.core.events import EVERYTHING
from app.core.phone import Sender, SenderKind, canonical, sender
from app.core.program import DEFAULT, Program, is_program_id, require_fair
from app.store import programs
from app.store.database import Database

MOST_ADDRESS_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class Mapped:
    """A program with the senders that are mapped to it."""

    program: Program
    senders: Sequence[Sender]


def require(connection: Connection, program_id: str) -> Program:
    """Return a program.

    Raises:
        UnknownProgram: there is none of that id.
    """
    # What cannot be an id is not looked up: PostgreSQL takes no NUL in a text.
    held = programs.get(connection, program_id) if is_program_id(program_id) else None
    if held is None:
        raise UnknownProgram("there is no program of that id")
    return held


def require_scope(connection: Connection, scope: str) -> None:
    """Let `*` and the ids of programs pass.

    Raises:
        UnknownProgram: it is neither.
    """
    if scope != EVERYTHING:
        require(connection, scope)


def get(db: Database, program_id: str) -> Mapped:
    """Return one program.

    Raises:
        UnknownProgram: there is none of that id.
    """
    with db.reading() as connection:
        held = require(connection, program_id)
        mapped = programs.senders_of(connection, program_id)
    return Mapped(held, [of_program for of_program, _ in mapped])


def listed(db: Database) -> list[Mapped]:
    """Return every program, by id."""
    with db.snapshot() as connection:
        held = programs.listed(connection)
        mapped = programs.senders_of(connection)
    return [Mapped(each, [s for s, program in mapped if program == each.id]) for each in held]


def put(db: Database, program: Program, *, senders: Sequence[str] | None, region: str) -> Mapped:
    """Make a program, or change it to what is given.

    Args:
        db: the database.
        program: as it shall be.
        senders: the addresses that shall be mapped to it, and no others; `None`: as they are.
        region: whose national spelling is assumed of a sender's number without a country code.

    Raises:
        Unacceptable: the id cannot be one, or a word of its own takes the meaning of a word that all rely on.
        InvalidSender: an address that is no sender's.
    """
    if not is_program_id(program.id):
        raise Unacceptable("a program's id is lower-case letters, digits, `-` and `_`, up to 64")
    if program.hearing is not None:
        require_fair(program.hearing)
    given = None if senders is None else [_sender(raw, region) for raw in dict.fromkeys(senders)]
    with db.begin() as tx:
        programs.put(tx, program)
        if given is not None:
            programs.unmap_all_of(tx, program.id)
            programs.map_senders(tx, given, program.id)
        mapped = programs.senders_of(tx, program.id)
    return Mapped(program, [of_program for of_program, _ in mapped])


def remove(db: Database, program_id: str) -> None:
    """Take a program away. Its senders fall to the default program; what was said to it stays in the ledger.

    Raises:
        UnknownProgram: there is none of that id.
        Conflict: it is the default program, which always exists.
    """
    if program_id == DEFAULT:
        raise Conflict("the default program cannot be removed")
    with db.begin() as tx:
        require(tx, program_id)
        programs.remove(tx, program_id)


def list_senders(db: Database) -> list[tuple[Sender, str]]:
    """Return the senders that are mapped, with their programs."""
    with db.reading() as connection:
        return programs.senders_of(connection)


def map_sender(db: Database, raw: str, program_id: str, *, region: str) -> Sender:
    """Map one of our addresses to a program, whatever it was mapped to.

    Raises:
        InvalidSender: it is no sender's address.
        UnknownProgram: there is none of that id.
    """
    given = _sender(raw, region)
    with db.begin() as tx:
        require(tx, program_id)
        programs.map_senders(tx, [given], program_id)
    return given


def unmap_sender(db: Database, raw: str, *, region: str) -> None:
    """Leave one of our addresses to the default program.

    Raises:
        UnknownSender: it is not mapped.
    """
    with db.begin() as tx:
        if not programs.unmap_senders(tx, [_sender(raw, region).address]):
            raise UnknownSender("this address is not mapped to any program")


def _sender(raw: str, region: str) -> Sender:
    written = raw.strip()
    if not written or len(written) > MOST_ADDRESS_CHARACTERS or not written.isprintable():
        raise InvalidSender(
            "a sender is a number, a short code, a brand name or a messaging service, up to "
            f"{MOST_ADDRESS_CHARACTERS} characters"
        )
    given = sender(written)
    if given.kind is SenderKind.ALPHANUMERIC and not any(c.isalpha() for c in written):
        try:
            return sender(canonical(written, region).e164)
        except InvalidNumber:
            raise InvalidSender("these digits are no number that could text") from None
    return given
