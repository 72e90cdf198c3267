"""Take in a list of opt-outs, blocks or consents: from another vendor, from an audit, from our own export.

An import never re-subscribes anybody: a consent on another system's record counts where nobody refused, and among
words the newest counts, by when it was said. A row that is told again is the fact that is held. Rows that are not
taken are handed out one by one, with their line and the reason.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from app.core.errors import UnreadableRow
from app.core.events import Event, Kind
from app.core.evidence import Evidence, dumps
from app.core.listing import Listed, Reader, Terms
from app.core.phone import PhoneNumber
from app.core.table import Line
from app.core.vault import Vault
from app.store import bulk, ledger, numbers, programs
from app.store.bulk import Entry, Held
from app.store.database import Database
from app.store.prepared import micros

BATCH = 20_000
"""Facts in one transaction: what other writers wait for."""

# Sorted together before they are written in batches: neighbours in the indexes cost a fraction of strangers.
_WINDOW = 5 * BATCH
_OPT_INS = {Kind.OPTED_IN, Kind.CONSENT_ASKED, Kind.CONSENT_IMPORTED}
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
    kinds: Counter[Kind] = field(default_factory=Counter)
    unused: list[str] = field(default_factory=list)


class _Waiting(NamedTuple):
    """A row that waits to be written."""

    number_keys: tuple[bytes, ...]
    entry: Entry
    line: int
    row: str


def program_ids(db: Database) -> frozenset[str]:
    """Return the programs that a scope may name."""
    with db.reading() as connection:
        return frozenset(program.id for program in programs.listed(connection))


class Importer:
    """Takes rows and writes them down in batches, each in one transaction.

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
        self._waiting: list[_Waiting] = []
        self.report = Report()

    def take(self, columns: Sequence[str], line: Line) -> None:
        """Take one row; it may be written now or later.

        Args:
            columns: the header above it.
            line: the row.

        Raises:
            UnreadableTable: no column holds the number.
            Unavailable: the rows of one batch could not be written; those of batches before are.
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
        number_keys = self._vault.number_keys(number)
        event = self._event(listed, number_keys[0])
        entry = Entry(event, self._sealed(number, number_keys[0]), self._evidence(listed, event))
        self._waiting.append(_Waiting(number_keys, entry, line.number, line.written))
        if len(self._waiting) >= _WINDOW:
            self.finish()

    def finish(self) -> None:
        """Write down what was taken and not yet written.

        Raises:
            Unavailable: it could not be written; to take the same list again is safe.
        """
        waiting = sorted(self._waiting, key=lambda each: each.number_keys[0])
        for first in range(0, len(waiting), BATCH):
            batch = waiting[first : first + BATCH]
            self._count(batch, self._write([each.entry for each in batch]))
        self._waiting.clear()

    def _write(self, entries: Sequence[Entry]) -> dict[int, Held]:
        if not self._dry_run:
            with self._db.begin() as tx:
                return bulk.append_many(tx, entries)
        with self._db.reading() as connection:
            return bulk.not_to_append(connection, entries)

    def _count(self, batch: Sequence[_Waiting], late: dict[int, Held]) -> None:
        for place, each in enumerate(batch):
            held, event = late.get(place), each.entry.event
            if held is None:
                self.report.recorded += 1
                self.report.kinds[event.kind] += 1
            elif _is_same(event, held, each.number_keys):
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

    def _event(self, listed: Listed, number_key: bytes) -> Event:
        now = self._terms.now
        return Event(
            number_key=number_key,
            kind=listed.kind,
            scope=listed.scope,
            occurred_at=listed.dated or now,
            recorded_at=now,
            source=listed.source,
            source_ref=listed.reference or _reference(listed, number_key),
            certainty=listed.certainty,
            rule=listed.rule,
            cause=listed.cause,
        )

    def _sealed(self, number: PhoneNumber, number_key: bytes) -> bytes | None:
        if not self._store_numbers or self._dry_run:
            return None
        return self._vault.seal(number.e164, bound_to=numbers.binding(number_key))

    def _evidence(self, listed: Listed, event: Event) -> bytes | None:
        if listed.note is None or self._dry_run:
            return None
        binding = ledger.evidence_binding(event.source, event.source_ref)
        return self._vault.seal(dumps(Evidence(note=listed.note)), bound_to=binding)


def _reference(listed: Listed, number_key: bytes) -> str:
    """Name a fact that has no name: the same row always gets the same, and from none can the number be found.

    The head keeps the order of the keys, so that what is written together stands together in the index.
    """
    said = f"{listed.kind}\0{listed.scope}\0{micros(listed.dated) if listed.dated else ''}"
    digest = sha256(number_key + said.encode()).digest()
    return (number_key[:_REFERENCE_HEAD] + digest[_REFERENCE_HEAD:_REFERENCE_BYTES]).hex()


def _is_same(event: Event, held: Held, number_keys: Sequence[bytes]) -> bool:
    same_kind = held.kind is event.kind or (held.kind in _OPT_INS and event.kind in _OPT_INS)
    return same_kind and held.scope == event.scope and held.number_key in number_keys
