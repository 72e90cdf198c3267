"""A table in a CSV file as people's programs write it, read row by row.

Spreadsheets and carriers disagree on everything: byte-order marks, semicolons, Latin-1, quoted line breaks, empty
lines. What can be understood is; what cannot is said with its line and column. Memory stays flat.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.core.errors import UnreadableTable

_DELIMITERS = ",;\t|"
_MOST_FIELD_CHARACTERS = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table.

    Attributes:
        number: of the line in the file where the row ends, counted from 1.
        cells: as many as the header has columns; missing ones are empty.
    """

    number: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the rows below it.

    Attributes:
        columns: the header's cells, trimmed.
        delimiter: what stands between the cells.
        lines: the rows that are not empty, read as they are asked for.
    """

    columns: Sequence[str]
    delimiter: str
    lines: Iterator[Line]

    def find(self, *names: str) -> int | None:
        """Return the place of the first of these columns that there is, however it is spelt; `None`: of none.

        Raises:
            UnreadableTable: the header names that column twice.
        """
        plain = [_plain(column) for column in self.columns]
        for name in map(_plain, names):
            places = [place for place, column in enumerate(plain) if column == name]
            if len(places) > 1:
                shown = " and ".join(str(place + 1) for place in places)
                raise UnreadableTable(
                    f"line 1 names the column {self.columns[places[0]]!r} twice, as {shown}"
                )
            if places:
                return places[0]
        return None


def read_table(raw: Iterable[bytes]) -> Table:
    """Read a table from the lines of a binary file.

    Args:
        raw: the file's lines with their ends, such as a file opened with `"rb"` yields.

    Raises:
        UnreadableTable: there is no header, or (while rows are read) a row is no row.
    """
    text = _decoded(raw)
    first = next((line for line in text if line.strip()), None)
    if first is None:
        raise UnreadableTable("the file is empty: line 1 must name the columns")
    delimiter = max(_DELIMITERS, key=first.count)
    rows = csv.reader(_with_first(first, text), delimiter=delimiter, strict=True)
    csv.field_size_limit(_MOST_FIELD_CHARACTERS)
    try:
        columns = [cell.strip() for cell in next(rows)]
    except csv.Error as fault:
        raise UnreadableTable(f"line 1: {fault}") from None
    return Table(columns, delimiter, _lines(rows, len(columns)))


def _lines(rows: "_Rows", width: int) -> Iterator[Line]:
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as fault:
            raise UnreadableTable(f"line {rows.line_num}: {fault}") from None
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > width:
            raise UnreadableTable(
                f"line {rows.line_num} has {len(cells)} columns, the header has {width}: "
                "quote cells that hold the delimiter"
            )
        yield Line(rows.line_num, [*cells, *[""] * (width - len(cells))])


class _Rows(Protocol):
    """What `csv.reader` returns; its own type has no public name."""

    @property
    def line_num(self) -> int: ...

    def __next__(self) -> list[str]: ...


def _decoded(raw: Iterable[bytes]) -> Iterator[str]:
    """Decode line by line: UTF-8, and a line that is not as Windows' Latin-1, in which every byte is a letter."""
    for number, line in enumerate(raw):
        if number == 0 and line.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise UnreadableTable("the file is UTF-16: save it as CSV in UTF-8")
        bare = line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line
        try:
            text = bare.decode("utf-8")
        except UnicodeDecodeError:
            text = bare.decode("cp1252", errors="replace")
        yield text.replace("\0", "")


def _with_first(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()
