"""The list as it goes out: what is refused now, or every fact, page by page, so that memory stays flat."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from app.core.events import EVERYTHING, Kind
from app.store.tables import events, numbers, suppressions

_PAGE = 5_000
_REFUSING = [kind.value for kind in Kind if kind.refuses]


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact with its number.

    Attributes:
        number_key: the keyed hash of the number.
        sealed: the number, sealed to `numbers.binding`; `None`: it is not kept.
        kind: what happened; the other fields are those of the event.
    """

    number_key: bytes
    sealed: bytes | None
    kind: str
    scope: str
    occurred_at: datetime
    recorded_at: datetime
    certainty: str | None
    source: str
    source_ref: str
    rule: str | None
    cause: str | None


_FACT = (
    events.c.number_key,
    numbers.c.sealed,
    events.c.kind,
    events.c.scope,
    events.c.occurred_at,
    events.c.recorded_at,
    events.c.certainty,
    events.c.source,
    events.c.source_ref,
    events.c.rule,
    events.c.cause,
)
_with_number = events.outerjoin(numbers, numbers.c.number_key == events.c.number_key)
_wider = suppressions.alias("wider")
# A word about everything that is newer lifts the refusal of a program, as in `core.standing.decide`.
_lifted = sa.exists().where(
    _wider.c.number_key == suppressions.c.number_key,
    _wider.c.layer == suppressions.c.layer,
    _wider.c.scope == EVERYTHING,
    suppressions.c.scope != EVERYTHING,
    _wider.c.status == Kind.OPTED_IN.value,
    _wider.c.since > suppressions.c.since,
)
_place = (suppressions.c.number_key, suppressions.c.scope, suppressions.c.layer)
_first_refused = (
    sa.select(*_FACT, suppressions.c.layer)
    .select_from(_with_number.join(suppressions, suppressions.c.event_id == events.c.id))
    .where(suppressions.c.status.in_(_REFUSING), ~_lifted)
    .order_by(*_place)
    .limit(_PAGE)
)
_first_facts = sa.select(*_FACT, events.c.id).select_from(_with_number).order_by(events.c.id).limit(_PAGE)  # fmt: skip


def count(connection: Connection, *, everything: bool) -> int:
    """Return about how many facts `facts` will yield."""
    table = events if everything else suppressions
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def facts(connection: Connection, *, everything: bool) -> Iterator[Fact]:
    """Yield the facts by which a number is refused now, or every fact of the ledger.

    Args:
        connection: from `Database.snapshot`, so that all pages are of one instant.
        everything: whether to yield the whole ledger, in its order.
    """
    page = _first_facts if everything else _first_refused
    while rows := connection.execute(page).all():
        for row in rows:
            yield _fact(row)
        last: Any = rows[-1]
        if everything:
            page = _first_facts.where(events.c.id > last.id)
        else:
            behind = sa.tuple_(last.number_key, last.scope, last.layer)
            page = _first_refused.where(sa.tuple_(*_place) > behind)


def _fact(row: Sequence[Any]) -> Fact:
    number_key, sealed, *rest = row[:-1]
    return Fact(bytes(number_key), None if sealed is None else bytes(sealed), *rest)
