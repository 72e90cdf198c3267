"""Messaging programs and the senders that belong to them."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from app.store.tables import programs, senders

DEFAULT = "default"
"""The program of every sender that is not mapped to another; it always exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One messaging program.

    Attributes:
        id: its slug.
        name: what operators call it.
        brand: its name as recipients know it, or `None`.
        contact: where recipients find help, or `None`.
        requires_consent: whether only those who opted in may be texted.
        stop_scope: `all` or `program`; `None`: as the setting says.
    """

    id: str
    name: str
    brand: str | None
    contact: str | None
    requires_consent: bool
    stop_scope: str | None


_one = sa.select(programs).where(programs.c.id == sa.bindparam("id"))
_mapped = (senders.c.program == programs.c.id) & senders.c.address.in_(
    sa.bindparam("addresses", expanding=True)
)
_of_senders = (
    sa.select(programs, senders.c.address)
    .select_from(programs.outerjoin(senders, _mapped))
    .where(sa.or_(senders.c.address.is_not(None), programs.c.id == DEFAULT))
)


def get(connection: Connection, program_id: str) -> Program | None:
    """Return a program, or `None` when there is none of that id."""
    row = connection.execute(_one, {"id": program_id}).first()
    return None if row is None else Program(**row._mapping)


def of_senders(connection: Connection, addresses: Sequence[str]) -> Program:
    """Return the program of the first address that is mapped to one, else the default program."""
    rows = connection.execute(_of_senders, {"addresses": list(addresses)}).all()
    mapped = {row.address: row for row in rows}
    for address in addresses:
        if address in mapped:
            return _program(mapped[address])
    return _program(next(row for row in rows if row.id == DEFAULT))


def _program(row: sa.Row[tuple[object, ...]]) -> Program:
    fields = dict(row._mapping)
    fields.pop("address")
    return Program(**fields)
