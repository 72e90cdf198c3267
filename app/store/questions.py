"""What the hot paths ask of the database, each in one indexed read."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa
from sqlalchemy import Connection

from app.core.program import DEFAULT, Program, Terms
from app.core.standing import Word
from app.store.access_keys import KeyProof
from app.store.database import Database
from app.store.prepared import Prepared
from app.store.programs import COLUMNS as _PROGRAM
from app.store.programs import TERMS, program_of, terms_of
from app.store.suppressions import WORD, bound_keys, concerning, word_of
from app.store.tables import access_keys, programs, senders, suppressions

_KEY = (access_keys.c.digest, access_keys.c.roles, access_keys.c.revoked_at)
_OF_KEY = len(_KEY)
_WORDS_FROM = _OF_KEY + len(TERMS)


@dataclass(frozen=True, slots=True)
class ForCheck:
    """All that one check needs.

    Attributes:
        key: what proves the asker's access key; `None`: there is none of that id, or none was asked for.
        terms: of the program; `None`: there is no such program.
        words: the number's newest words in the scopes that concern the program.
    """

    key: KeyProof | None
    terms: Terms | None
    words: list[Word]


def for_check(db: Database, number_keys: Sequence[bytes], program: str, *, key_id: str) -> ForCheck:
    """Read the asker's access key, the program and the number's words together.

    Args:
        db: the database.
        number_keys: every key the number may be filed under.
        program: the program's id.
        key_id: of the access key.

    Raises:
        Unavailable: the database cannot be reached.
    """
    values = {**bound_keys(number_keys), "program": program, "key_id": key_id}
    rows = db.fetch(_for_check(len(number_keys)), values)
    if not rows:
        return ForCheck(None, None, [])
    digest, roles, revoked_at = rows[0][:_OF_KEY]
    terms, first = rows[0][_OF_KEY:_WORDS_FROM], _WORDS_FROM
    return ForCheck(
        KeyProof(digest=bytes(digest), roles=roles, revoked=revoked_at is not None),
        None if terms[0] is None else terms_of(terms),
        [word_of(*row[first:]) for row in rows if row[first] is not None],
    )


def for_send(db: Database, number_keys: Sequence[bytes], program: str) -> ForCheck:
    """Read the program and the number's words together, for a sender that needs no access key.

    Args:
        db: the database.
        number_keys: every key the number may be filed under.
        program: the program's id.

    Raises:
        Unavailable: the database cannot be reached.
    """
    values = {**bound_keys(number_keys), "program": program}
    rows = db.fetch(_for_send(len(number_keys)), values)
    width = len(TERMS)
    return ForCheck(
        None,
        terms_of(rows[0][:width]) if rows else None,
        [word_of(*row[width:]) for row in rows if row[width] is not None],
    )


def for_message(
    tx: Connection, addresses: Sequence[str], number_keys: Sequence[bytes]
) -> tuple[Program, list[Word]]:
    """Read the program that a message answers, and its author's words that concern it.

    Args:
        tx: the action's transaction.
        addresses: the sender that was texted, and its messaging service; the first that is mapped decides,
            else it is the default program.
        number_keys: every key the author's number may be filed under; none for an author who is no person.
    """
    values = {
        **bound_keys(number_keys),
        "first_address": addresses[0],
        "last_address": addresses[-1],
    }
    rows = _for_message(len(number_keys)).run(tx, values)
    mapped = {row[0]: row for row in rows}
    address = next((address for address in addresses if address in mapped), None)
    width = 1 + len(_PROGRAM)
    chosen = mapped[address] if address else next(row for row in rows if row[1] == DEFAULT)
    program = program_of(chosen[1:width])
    said = {row[width:] for row in rows if row[1] == program.id and row[width] is not None}
    return program, [word_of(*word) for word in said]


@cache
def _for_check(keys: int) -> Prepared:
    asked = access_keys.outerjoin(programs, programs.c.id == sa.bindparam("program"))
    return Prepared.of(
        sa.select(*_KEY, *TERMS, *WORD)
        .select_from(asked.outerjoin(suppressions, concerning(keys)))
        .where(access_keys.c.id == sa.bindparam("key_id"))
    )


@cache
def _for_send(keys: int) -> Prepared:
    return Prepared.of(
        sa.select(*TERMS, *WORD)
        .select_from(programs.outerjoin(suppressions, concerning(keys)))
        .where(programs.c.id == sa.bindparam("program"))
    )


@cache
def _for_message(keys: int) -> Prepared:
    texted: list[sa.BindParameter[str]] = [
        sa.bindparam("first_address"),
        sa.bindparam("last_address"),
    ]
    mapped = (senders.c.program == programs.c.id) & senders.c.address.in_(texted)
    return Prepared.of(
        sa.select(senders.c.address, *_PROGRAM, *WORD)
        .select_from(programs.outerjoin(senders, mapped).outerjoin(suppressions, concerning(keys)))
        .where(sa.or_(senders.c.address.is_not(None), programs.c.id == DEFAULT))
    )
