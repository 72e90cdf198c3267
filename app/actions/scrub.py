"""Scrub a table: the same rows, each with whether its number may be texted, and why not.

Rows are answered some thousand at a time, and each of these reads the present: whoever says stop while it runs is
refused in what is still to come.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from app.actions import programs
from app.actions.check import decide_many
from app.core import cells
from app.core.encoding import BOM
from app.core.errors import InvalidNumber, UnreadableTable
from app.core.listing import NUMBERS
from app.core.phone import PhoneNumber
from app.core.standing import Decision, Reason
from app.core.table import Line, Table, find
from app.core.vault import Vault
from app.store.database import Database

COLUMNS = ("allowed", "reason")
_AT_ONCE = 5_000


@dataclass(slots=True)
class Counts:
    """What was answered so far.

    Attributes:
        rows: read.
        allowed: of these.
        reasons: of those that are refused.
    """

    rows: int = 0
    allowed: int = 0
    reasons: Counter[Reason | None] = field(default_factory=Counter)


def require_program(db: Database, program: str) -> None:
    """Let programs that exist pass.

    Raises:
        UnknownProgram: there is none of that id.
        Unavailable: the database cannot be reached.
    """
    with db.reading() as connection:
        programs.require(connection, program)


def number_column(table: Table, told: str | None) -> int:
    """Return the place of the column that holds the numbers.

    Args:
        table: with its header.
        told: the column's name; `None`: it is found by its usual names.

    Raises:
        UnreadableTable: there is no such column, or there are two; or the table has been scrubbed before.
    """
    place = find(table.columns, *([told] if told else NUMBERS))
    if place is None:
        raise UnreadableTable("line 1 names no column with the phone number: say which it is")
    for name in COLUMNS:
        if find(table.columns, name) is not None:
            raise UnreadableTable(
                f"line 1 already names a column {name}, which is what a scrub adds: take it out first"
            )
    return place


def examine(table: Table, told: str | None) -> int:
    """Read a whole table, so that what is none is refused before anything is answered; return how many rows it has.

    Raises:
        UnreadableTable: with the line that is no row, or for a header as in `number_column`.
    """
    number_column(table, told)
    return sum(1 for _ in table.lines)


def scrub(
    db: Database,
    vault: Vault,
    table: Table,
    counts: Counts,
    *,
    column: str | None,
    program: str,
    region: str,
    now: datetime,
) -> Iterator[str]:
    """Yield the table again, some thousand rows at a time, with its two new columns.

    Cells, quotes, delimiter and line ends are as they came.

    Args:
        db: the database.
        vault: hashes.
        table: as it is read.
        counts: is kept up to date.
        column: the name of the column of the numbers; `None`: it is found by its usual names.
        program: the id of the program that wants to send.
        region: whose national spelling is assumed where there is no country code.
        now: the time of the scrub. Aware, UTC.

    Raises:
        UnreadableTable: the table is none; what was yielded is not to be used.
        UnknownProgram: there is no such program.
        Unavailable: the database went away; what was yielded is not to be used.
    """
    place = number_column(table, column)
    text = _Text(table)
    head = text.head()
    lines = table.lines
    while rows := list(islice(lines, _AT_ONCE)):
        numbers = [_number(row.cells[place], region) for row in rows]
        with db.reading() as connection:
            terms = programs.require(connection, program)
            decisions = decide_many(connection, vault, terms, numbers, now=now)
        _count(counts, decisions)
        yield head + "".join(map(text.row, rows, decisions))
        head = ""
    if head:
        yield head


def _number(cell: str, region: str) -> PhoneNumber | None:
    try:
        return cells.number(cell, region)
    except InvalidNumber:
        return None


def _count(counts: Counts, decisions: Sequence[Decision]) -> None:
    counts.rows += len(decisions)
    counts.allowed += sum(decision.allowed for decision in decisions)
    counts.reasons.update(decision.reason for decision in decisions if not decision.allowed)


class _Text:
    """Writes rows as they came."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._end = "\n"

    def head(self) -> str:
        """Write what stands above the rows."""
        mark = BOM if self._table.marked else ""
        header = self._table.header
        if header is None:
            return mark
        bare = header.written.rstrip("\r\n")
        self._end = header.written[len(bare) :] or "\n"
        return mark + self._table.delimiter.join([bare, *COLUMNS]) + self._end

    def row(self, line: Line, decision: Decision) -> str:
        """Write one row."""
        written, delimiter = line.written, self._table.delimiter
        bare = written.rstrip("\r\n")
        allowed = "true" if decision.allowed else "false"
        missing = delimiter * line.short
        end = written[len(bare) :] or self._end
        return f"{bare}{missing}{delimiter}{allowed}{delimiter}{decision.reason or ''}{end}"
