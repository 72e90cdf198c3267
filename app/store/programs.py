"""Messaging programs, and the senders that are mapped to them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from app.core.intent import Hearing
from app.core.phone import Sender, SenderKind
from app.core.program import DEFAULT, Program, QuietHours, StopScope, Terms
from app.core.replies import Reply
from app.store.prepared import Prepared
from app.store.tables import programs, senders

COLUMNS = tuple(programs.c[field.name] for field in fields(Program))
TERMS = tuple(programs.c[field.name] for field in fields(Terms))

_one = sa.select(*COLUMNS).where(programs.c.id == sa.bindparam("id"))
_all = sa.select(*COLUMNS).order_by(programs.c.id)


def get(connection: Connection, program_id: str) -> Program | None:
    """Return a program, or `None` when there is none of that id."""
    row = connection.execute(_one, {"id": program_id}).first()
    return None if row is None else program_of(row)


def listed(connection: Connection) -> list[Program]:
    """Return every program, by id."""
    return [program_of(row) for row in connection.execute(_all)]


def put(tx: Connection, program: Program) -> bool:
    """Keep a program as it is given; return whether it is new."""
    values = _values(program)
    changed = tx.execute(sa.update(programs).where(programs.c.id == program.id).values(values))
    if changed.rowcount:
        return False
    tx.execute(programs.insert(), values)
    return True


def remove(tx: Connection, program_id: str) -> bool:
    """Take a program and the mapping of its senders away; return whether there was one. Its history stays."""
    tx.execute(senders.delete().where(senders.c.program == program_id))
    return bool(tx.execute(programs.delete().where(programs.c.id == program_id)).rowcount)


def senders_of(connection: Connection, program_id: str | None = None) -> list[tuple[Sender, str]]:
    """Return the senders that are mapped, with their programs; all, or those of one program."""
    query = sa.select(senders).order_by(senders.c.program, senders.c.address)
    if program_id is not None:
        query = query.where(senders.c.program == program_id)
    return [
        (Sender(address=row.address, kind=SenderKind(row.kind)), row.program)
        for row in connection.execute(query)
    ]


@cache
def _mapped(addresses: int) -> Prepared:
    given: list[sa.BindParameter[str]] = [sa.bindparam(f"address_{n}") for n in range(addresses)]
    return Prepared.of(
        sa.select(senders.c.address, senders.c.program).where(senders.c.address.in_(given))
    )


def program_of_first(connection: Connection, addresses: Sequence[str]) -> str:
    """Return the program of the first of these senders that is mapped to one, else the default program."""
    if not addresses:
        return DEFAULT
    values = {f"address_{n}": address for n, address in enumerate(addresses)}
    mapped = dict(_mapped(len(addresses)).run(connection, values))
    return next((mapped[address] for address in addresses if address in mapped), DEFAULT)


def map_senders(tx: Connection, some: Sequence[Sender], program_id: str) -> None:
    """Map senders to a program, whatever they were mapped to."""
    unmap_senders(tx, [sender.address for sender in some])
    rows = [{"address": s.address, "kind": s.kind.value, "program": program_id} for s in some]
    if rows:
        tx.execute(senders.insert(), rows)


def unmap_senders(tx: Connection, addresses: Sequence[str]) -> int:
    """Leave senders to the default program; return how many were mapped."""
    gone = tx.execute(senders.delete().where(senders.c.address.in_(list(addresses))))
    return gone.rowcount


def unmap_all_of(tx: Connection, program_id: str) -> None:
    """Leave every sender of a program to the default program."""
    tx.execute(senders.delete().where(senders.c.program == program_id))


def terms_of(row: Sequence[Any]) -> Terms:
    """Return the terms that the columns `TERMS` of a row say."""
    program_id, requires_consent, double_opt_in, quiet_hours = row
    return Terms(
        id=program_id,
        requires_consent=bool(requires_consent),
        double_opt_in=bool(double_opt_in),
        quiet_hours=QuietHours(quiet_hours),
    )


def program_of(row: Sequence[Any]) -> Program:
    """Return the program that the columns `COLUMNS` of a row say."""
    terms, (name, brand, contact, stop_scope, hearing, replies) = row[:4], row[4:]
    held = terms_of(terms)
    return Program(
        id=held.id,
        requires_consent=held.requires_consent,
        double_opt_in=held.double_opt_in,
        quiet_hours=held.quiet_hours,
        name=name,
        brand=brand,
        contact=contact,
        stop_scope=StopScope(stop_scope) if stop_scope else None,
        hearing=_hearing(hearing) if hearing else None,
        replies={Reply(key): text for key, text in json.loads(replies).items()} if replies else {},
    )


def _values(program: Program) -> Mapping[str, Any]:
    # Empty means unset, so that nobody pays for reading it.
    return {
        "id": program.id,
        "requires_consent": program.requires_consent,
        "double_opt_in": program.double_opt_in,
        "quiet_hours": program.quiet_hours.value,
        "name": program.name,
        "brand": program.brand,
        "contact": program.contact,
        "stop_scope": program.stop_scope.value if program.stop_scope else None,
        "hearing": json.dumps(asdict(program.hearing)) if program.hearing else None,
        "replies": json.dumps(dict(program.replies)) if program.replies else None,
    }


def _hearing(written: str) -> Hearing:
    held = json.loads(written)
    words = {name: tuple(v) for name, v in held.items() if isinstance(v, list)}
    return Hearing(**{**held, **words})
