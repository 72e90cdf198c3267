"""A table in a CSV file as people's programs write it, read row by row.

Spreadsheets and carriers disagree on everything: byte-order marks, semicolons, UTF-16, Latin-1, quoted line breaks,
empty lines, a header or none. What can be understood is; what cannot is said with its line and column. Memory stays
flat.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from app.core.encoding import BOM, decoded
from app.core.errors import UnreadableTable

_DELIMITERS = ",;\t|"
_MOST_FIELD_CHARACTERS = 1_000_000
_NUMBER = re.compile(r"['\"=]{0,3}\+?[(]?[0-9][0-9 ().\-/]{6,24}\"?|[0-9][.,][0-9]+[eE]\+?[0-9]+")
# What Python's reader says, and what it means to somebody with a file.
_FAULTS = (
    ("unexpected end of data", "a quote is opened and never closed"),
    ("field larger than", "a cell is longer than a million characters: is a quote never closed?"),
    ("expected after", "a quote ends in the middle of a cell: write a quote within quotes twice"),
    ("new-line character", "a line ends as on old Macs: save the file with ordinary line ends"),
)


@dataclass(
    slots=True
)  # not frozen: there is one for each row, and a frozen one costs three times as much
class Line:
    """One row of a table.

    Attributes:
        number: of the line in the file where the row ends, counted from 1.
        cells: as many as the header has columns; missing ones are empty.
        written: the row as it stands in the file, with its line end.
        fault: why it is no row, with its line; `None`: it is one.
        short: how many cells were missing.
    """

    number: int
    cells: Sequence[str]
    written: str = field(default="", compare=False)
    fault: str | None = None
    short: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the rows below it.

    Attributes:
        columns: the header's cells, trimmed.
        delimiter: what stands between the cells.
        rows: the rows that are not empty, read as they are asked for; those that are no rows carry their fault.
        header: as it stands in the file; `None`: the file is a bare list of numbers.
        marked: whether the file began with a byte-order mark.
    """

    columns: Sequence[str]
    delimiter: str
    rows: Iterator[Line]
    header: Line | None
    marked: bool

    @property
    def lines(self) -> Iterator[Line]:
        """The rows, for readers who need them all.

        Raises:
            UnreadableTable: while they are read, at the first that is no row.
        """
        for row in self.rows:
            if row.fault:
                raise UnreadableTable(row.fault)
            yield row

    def find(self, *names: str) -> int | None:
        """Return the place of the first of these columns that there is, however it is spelt; `None`: of none.

        Raises:
            UnreadableTable: the header names that column twice.
        """
        return find(self.columns, *names)


def find(columns: Sequence[str], *names: str) -> int | None:
    """Return the place of the first of these names among a header's; see `Table.find`."""
    spelt = [plain(column) for column in columns]
    for name in map(plain, names):
        places = [place for place, column in enumerate(spelt) if column == name]
        if len(places) > 1:
            shown = " and ".join(str(place + 1) for place in places)
            raise UnreadableTable(
                f"line 1 names the column {columns[places[0]]!r} twice, as {shown}"
            )
        if places:
            return places[0]
    return None


def plain(name: str) -> str:
    """Return a name without what spellings differ in: case, spaces, underscores and the like."""
    return re.sub(r"[\W_]+", "", name).lower()


def read_table(raw: Iterable[bytes]) -> Table:
    """Read a table from the lines of a binary file.

    A file without a header is understood where it is a bare list of numbers; its column is named `phone`.

    Args:
        raw: the file's lines with their ends, such as a file opened with `"rb"` yields.

    Raises:
        UnreadableTable: there is no header, or it is none.
    """
    text = _Text(decoded(raw))
    first = text.first()
    if first is None:
        raise UnreadableTable("the file is empty: line 1 must name the columns")
    marked = first.startswith(BOM)
    delimiter = max(_DELIMITERS, key=first.count)
    csv.field_size_limit(_MOST_FIELD_CHARACTERS)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    header = _row(text, reader)
    if header is None or header.fault:
        raise UnreadableTable(header.fault if header and header.fault else "line 1 is no row")
    columns = [cell.strip() for cell in header.cells]
    numbers = [place for place, cell in enumerate(columns, 1) if _NUMBER.fullmatch(cell)]
    if numbers and len(columns) > 1:
        raise UnreadableTable(
            f"line {header.number} holds a number in column {numbers[0]} and does not name the columns: "
            "put a first line above it, such as phone,occurred_at"
        )
    if numbers:
        return Table(["phone"], delimiter, _rows(text, reader, 1, header), None, marked)
    return Table(columns, delimiter, _rows(text, reader, len(columns)), header, marked)


class _Text:
    """The lines of a file, which remembers where it is and what was taken since the last row."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._first: str | None = None
        self.number = 0
        self.taken: list[str] = []

    def first(self) -> str | None:
        """Return the first line that is not empty, which will be taken again; `None`: there is none."""
        for line in self._lines:
            self.number += 1
            bare = line.removeprefix(BOM)
            if bare.strip():
                self.number -= 1
                self._first = bare
                return line
        return None

    def __iter__(self) -> "_Text":
        return self

    def __next__(self) -> str:
        if self._first is None:
            line = next(self._lines)
        else:
            line, self._first = self._first, None
        self.number += 1
        self.taken.append(line)
        return line


def _rows(
    text: _Text, reader: Iterator[list[str]], width: int, first: Line | None = None
) -> Iterator[Line]:
    if first is not None:
        yield first
    while (row := _row(text, reader)) is not None:
        cells = row.cells
        if row.fault:
            yield row
        elif len(cells) == width:
            if cells[0] or "".join(cells).strip():
                yield row
        elif "".join(cells).strip():
            yield _fitted(row, width)


def _fitted(row: Line, width: int) -> Line:
    """Fill a short row up, since programs leave out empty cells at the end; a long one is none."""
    held = len(row.cells)
    if held < width:
        short = width - held
        return Line(row.number, [*row.cells, *[""] * short], row.written, short=short)
    fault = (
        f"line {row.number} has {held} columns, the header has {width}: "
        "quote cells that hold the delimiter"
    )
    return Line(row.number, row.cells, row.written, fault)


def _row(text: _Text, reader: Iterator[list[str]]) -> Line | None:
    """Take the next row, whatever it is; `None`: there is none."""
    text.taken.clear()
    begins = text.number + 1
    try:
        cells = next(reader)
    except StopIteration:
        return None
    except csv.Error as said:
        where = f"line {begins}"
        if text.number > begins:
            where = f"lines {begins} to {text.number}"
        words = next((words for begin, words in _FAULTS if begin in str(said)), str(said))
        return Line(text.number, [], "".join(text.taken), f"{where}: {words}")
    taken = text.taken
    return Line(text.number, cells, taken[0] if len(taken) == 1 else "".join(taken))
