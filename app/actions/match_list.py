"""Take in a partner's hashed list: its opt-outs count for those numbers that we hold, and for no others."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Self

from app.actions.import_list import Importer
from app.core.errors import Unsealable
from app.core.partner import PartnerKey
from app.core.phone import PhoneNumber
from app.core.table import Line
from app.core.vault import Vault
from app.store import numbers
from app.store.database import Database
from app.store.matching import Hashes

_PAGE = 5_000


class Matcher:
    """Takes hashed rows, then goes through every number that is held.

    Args:
        db: the database.
        vault: opens the numbers.
        importer: writes down what matches, and is told of rows that cannot be taken.
        partner: hashes our numbers as the partner hashed theirs.
    """

    def __init__(self, db: Database, vault: Vault, importer: Importer, partner: PartnerKey) -> None:
        self._db = db
        self._vault = vault
        self._importer = importer
        self._partner = partner
        self._hashes = Hashes()
        self.closed_numbers = 0
        """Numbers that are held as our own hash only, and could not be compared."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self._hashes.close()

    def take(self, columns: Sequence[str], line: Line) -> None:
        """Take one hashed row."""
        listed = self._importer.read(columns, line)
        if listed is not None and listed.hash is not None:
            row = [line.number, list(columns), list(line.cells), line.written]
            self._hashes.add(listed.hash, json.dumps(row))

    def finish(self, done: Callable[[int, int], object] = lambda _done, _of: None) -> None:
        """Compare with every number that is held, and write down what matches.

        Args:
            done: is told how many rows are written, and of how many.

        Raises:
            Unavailable: the database cannot be reached; to take the same list again is safe.
        """
        for some in self._pages():
            hashed = {self._partner.hash(number): number for number in some}
            for found, row in self._hashes.matching(list(hashed)):
                number, columns, cells, written = json.loads(row)
                self._importer.add_again(columns, Line(number, cells, written), hashed[found])
        self._importer.finish(done)
        self._importer.report.unmatched = self._hashes.unmatched()

    def _pages(self) -> Iterator[list[PhoneNumber]]:
        """Yield every number that can be opened, some at a time."""
        last = b""
        while True:
            with self._db.reading() as connection:
                page = numbers.after(connection, last, limit=_PAGE)
            if not page:
                return
            last = page[-1][0]
            opened = [self._opened(key, sealed) for key, sealed in page]
            known = [number for number in opened if number is not None]
            self.closed_numbers += len(page) - len(known)
            yield known

    def _opened(self, number_key: bytes, sealed: bytes | None) -> PhoneNumber | None:
        if sealed is None:
            return None
        try:
            return PhoneNumber(e164=self._vault.open(sealed, bound_to=numbers.binding(number_key)))
        except Unsealable:
            return None
