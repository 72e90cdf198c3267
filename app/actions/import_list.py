"""Take in a list of opt-outs, blocks or consents: from another vendor, from an audit, from our own export.

An import never re-subscribes anybody: a consent on another system's record counts where nobody refused, and among
words the newest counts, by when it was said. A row that is told again is the fact that is held. Rows that are not
taken are handed out one by one, with their line and the reason.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from typing import Any, NamedTuple, Self

from app.actions import sealing
from app.actions.sorting import Row, Sorter
from app.core.errors import Unavailable, UnreadableRow
from app.core.events import Cause, Kind
from app.core.evidence import Evidence
from app.core.intent import Certainty
from app.core.listing import Listed, Reader, Terms
from app.core.phone import PhoneNumber
from app.core.table import Line
from app.core.vault import Vault
from app.store import bulk, programs
from app.store.bulk import Entry, Held
from app.store.database import Database
from app.store.prepared import micros

BATCH = 20_000
"""Facts in one transaction: what other writers wait for."""

# A file of rows takes texts alone, not members of enumerations.
_SPELT: dict[str, str] = {member: member.value for member in (*Kind, *Certainty, *Cause)}
_OPT_INS = {Kind.OPTED_IN, Kind.CONSENT_ASKED, Kind.CONSENT_IMPORTED}
_TRIES = 3
_REFERENCE_HEAD = 6
_REFERENCE_BYTES = 20


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken.

    Attributes:
        line: of the file where the row ends.
        column: the name of the column that is the matter; `None`: the row as a whole.
        reason: in words that quote nothing.
        row: as it stands in the file.
    """

    line: int
    column: str | None
    reason: str
    row: str


@dataclass(slots=True)
class Report:
    """What became of a list.

    Attributes:
        rows: read so far.
        recorded: facts that are new.
        held: rows whose fact was held before, or came twice.
        rejected: rows that were not taken.
        unmatched: hashes that belong to no number of ours.
        kinds: of the new facts, how many of each.
        unused: columns that say nothing to us.
    """

    rows: int = 0
    recorded: int = 0
    held: int = 0
    rejected: int = 0
    unmatched: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    unused: list[str] = field(default_factory=list)


class _Waiting(NamedTuple):
    """A row that waits to be written, in values that a `Sorter` takes; sorted by number, then by line."""

    number_key: bytes
    line: int
    entry: tuple[Any, ...]
    older_keys: tuple[bytes, ...]
    row: str


def program_ids(db: Database) -> frozenset[str]:
    """Return the programs that a scope may name."""
    with db.reading() as connection:
        return frozenset(program.id for program in programs.listed(connection))


class Importer:
    """Takes rows, puts them in the order of their numbers, and writes them down.

    Neighbours in the indexes are written together, which for a long list is several times as fast.

    Args:
        db: the database.
        vault: hashes and seals.
        terms: how the list is read.
        store_numbers: whether to keep numbers, sealed, beside their hashes.
        dry_run: whether to write nothing, and to say what would be written.
        rejected: is told of each row that is not taken.
    """

    def __init__(
        self,
        db: Database,
        vault: Vault,
        terms: Terms,
        *,
        store_numbers: bool,
        dry_run: bool,
        rejected: Callable[[Rejected], None],
    ) -> None:
        self._db = db
        self._vault = vault
        self._terms = terms
        self._store_numbers = store_numbers
        self._dry_run = dry_run
        self._rejected = rejected
        self._readers: dict[tuple[str, ...], Reader] = {}
        self._now = micros(terms.now)
        self._waiting = Sorter()
        self.report = Report()

    def __enter__(self) -> Self:
        self._waiting.__enter__()
        return self

    def __exit__(self, *fault: object) -> None:
        self._waiting.__exit__(*fault)

    def take(self, columns: Sequence[str], line: Line) -> None:
        """Take one row; it is written by `finish`.

        Args:
            columns: the header above it.
            line: the row.

        Raises:
            UnreadableTable: no column holds the number.
        """
        listed = self.read(columns, line)
        if listed is not None and listed.number is not None:
            self.add(listed, listed.number, line)

    def read(self, columns: Sequence[str], line: Line) -> Listed | None:
        """Read one row; `None`: it is none that can be taken, and whoever is told of such has been."""
        self.report.rows += 1
        try:
            if line.fault:
                raise UnreadableRow(line.fault)
            return self._reader(tuple(columns)).read(line.cells)
        except UnreadableRow as fault:
            self.reject(line, str(fault), fault.column)
            return None

    def add_again(self, columns: Sequence[str], line: Line, number: PhoneNumber) -> None:
        """Take a row that was read before, now that its number is known."""
        self.add(self._reader(tuple(columns)).read(line.cells), number, line)

    def reject(self, line: Line, reason: str, column: str | None = None) -> None:
        """Tell of a row that is not taken."""
        self.report.rejected += 1
        self._rejected(Rejected(line.number, column, reason, line.written))

    def add(self, listed: Listed, number: PhoneNumber, line: Line) -> None:
        """Take what a row says of a number."""
        number_key, *older_keys = self._vault.number_keys(number)
        reference = listed.reference or _reference(listed, number_key)
        kind, certainty, cause = _SPELT[listed.kind], listed.certainty, listed.cause
        dated = micros(listed.dated) if listed.dated else self._now
        entry = (
            number_key,
            kind,
            listed.scope,
            dated,
            self._now,
            listed.source,
            reference,
            _SPELT[certainty] if certainty else None,
            listed.rule,
            _SPELT[cause] if cause else None,
            *self._contents(listed, reference),
            *self._newcomer(number, number_key),
        )
        self._waiting.add((number_key, line.number, entry, tuple(older_keys), line.written))

    def finish(self, done: Callable[[int, int], object] = lambda _done, _of: None) -> None:
        """Write down what was taken, in batches, each in one transaction.

        Args:
            done: is told after each batch how many rows are written, and of how many.

        Raises:
            Unavailable: it could not be written; to take the same list again is safe.
        """
        rows, written = iter(self._waiting), 0
        while batch := list(islice(rows, BATCH)):
            self._count(batch, self._write([Entry(*row[2]) for row in batch]))
            written += len(batch)
            done(written, len(self._waiting))

    def _write(self, entries: Sequence[Entry]) -> dict[int, Held]:
        if self._dry_run:
            with self._db.reading() as connection:
                return bulk.not_to_append(connection, entries)
        for _ in range(_TRIES):
            with suppress(bulk.Overtaken), self._db.begin() as tx:
                return bulk.append_many(tx, entries)
        raise Unavailable("other writers came first again and again")

    def _count(self, batch: Sequence[Row], late: dict[int, Held]) -> None:
        self.report.kinds.update(row[2][1] for place, row in enumerate(batch) if place not in late)
        self.report.recorded += len(batch) - len(late)
        for place, held in late.items():
            each = _Waiting(*batch[place])
            if _is_same(each, held):
                self.report.held += 1
            else:
                self.report.rejected += 1
                reason = "its source told another fact under this reference"
                self._rejected(Rejected(each.line, "source_ref", reason, each.row))

    def _reader(self, columns: tuple[str, ...]) -> Reader:
        reader = self._readers.get(columns)
        if reader is None:
            reader = self._readers[columns] = Reader(columns, self._terms)
            self.report.unused += [n for n in reader.unused if n not in self.report.unused]
        return reader

    def _contents(self, listed: Listed, reference: str) -> tuple[bytes | None, bytes | None]:
        """Return the commitment to what a row rests on, and the same sealed."""
        if listed.note is None or self._dry_run:
            return None, None
        evidence = Evidence(note=listed.note)
        contents = sealing.contents(self._vault, evidence, listed.source, reference)
        return contents.commitment, contents.sealed

    def _newcomer(
        self, number: PhoneNumber, number_key: bytes
    ) -> tuple[bytes | None, bytes, bytes | None]:
        """Return a number as it is written down if it is new: sealed, the name of its chain, the salt of the name."""
        if self._dry_run:
            return None, b"", None
        new = sealing.newcomer(self._vault, number, number_key, keep=self._store_numbers)
        return new.sealed, new.chain, new.sealed_salt


def _reference(listed: Listed, number_key: bytes) -> str:
    """Name a fact that has no name: the same row always gets the same, and from none can the number be found.

    The head keeps the order of the keys, so that what is written together stands together in the index.
    """
    said = f"{listed.kind}\0{listed.scope}\0{micros(listed.dated) if listed.dated else ''}"
    digest = sha256(number_key + said.encode()).digest()
    return (number_key[:_REFERENCE_HEAD] + digest[_REFERENCE_HEAD:_REFERENCE_BYTES]).hex()


def _is_same(told: _Waiting, held: Held) -> bool:
    entry = Entry(*told.entry)
    same_kind = held.kind == entry.kind or (held.kind in _OPT_INS and entry.kind in _OPT_INS)
    same_number = held.number_key == told.number_key or held.number_key in told.older_keys
    return same_kind and same_number and held.scope == entry.scope
