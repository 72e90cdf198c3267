"""Messaging programs."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from app.store.tables import programs

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


def get(connection: Connection, program_id: str) -> Program | None:
    """Return a program, or `None` when there is none of that id."""
    row = connection.execute(_one, {"id": program_id}).first()
    return None if row is None else Program(**row._mapping)
