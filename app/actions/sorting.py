"""Rows put in order, however many: sorted in memory by the lot, the lots kept in files without names, then merged."""

import heapq
import marshal
import tempfile
from collections.abc import Iterator
from typing import IO, Any, Self

Row = tuple[Any, ...]
"""Bytes, numbers, texts and tuples of these; the first fields of no two rows are all equal."""

_LOT = 50_000
_PIECE = 500
_LENGTH_BYTES = 4


class Sorter:
    """Takes rows in any order and gives them back sorted; memory holds one lot, and a piece of each when it merges."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._lots: list[IO[bytes]] = []
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        for lot in self._lots:
            lot.close()

    def __len__(self) -> int:
        return self._count

    def add(self, row: Row) -> None:
        """Take one row."""
        self._count += 1
        self._rows.append(row)
        if len(self._rows) == _LOT:
            self._put_away()

    def __iter__(self) -> Iterator[Row]:
        """Yield every row, in order; none can be added after."""
        self._rows.sort()
        return heapq.merge(self._rows, *map(_read, self._lots))

    def _put_away(self) -> None:
        self._rows.sort()
        lot = tempfile.TemporaryFile(prefix="stoplist-")  # noqa: SIM115  # closed with all of them
        self._lots.append(lot)
        for first in range(0, _LOT, _PIECE):
            piece = marshal.dumps(self._rows[first : first + _PIECE])
            lot.write(len(piece).to_bytes(_LENGTH_BYTES, "big") + piece)
        self._rows.clear()


def _read(lot: IO[bytes]) -> Iterator[Row]:
    lot.seek(0)
    for _ in range(0, _LOT, _PIECE):
        length = int.from_bytes(lot.read(_LENGTH_BYTES), "big")
        yield from marshal.loads(lot.read(length))  # noqa: S302  # we wrote it, and nobody else can
