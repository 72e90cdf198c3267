"""A ledger in memory, and every way to tamper with a single row of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.actions import seal as sealing
from app.actions import verify as verifying
from app.actions.receive import Policy, receive
from app.actions.record import Fact, record
from app.core import merkle
from app.core.chain import Entry, digest
from app.core.events import Kind
from app.core.examination import Finding, HeldEvent, HeldNumber
from app.core.phone import person
from app.core.seal import Seal, SealKey
from app.core.vault import Vault
from app.store import seals
from app.store.database import Database
from tests.actions.test_receive import message

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
POLICY = Policy(stop_scope="all", store_numbers=True, keep_bodies=timedelta(days=30))
KEY = SealKey(b"k" * 32)
NUMBERS = 97
TEXTS = ("STOP", "START", "please stop texting me", "HELP", "wrong number")


def write(db: Database, vault: Vault, events: int, *, numbers: int = NUMBERS) -> None:
    """Write a ledger the way actions do, with a seal after each third of it but the last."""
    for n in range(events):
        author = f"+1201555{100 + n % numbers:04}"
        now = NOW + timedelta(seconds=n)
        if n % 4 == 0:
            fact = Fact(
                to=author,
                region="US",
                kind=Kind.OPTED_OUT,
                scope="*",
                source="agent",
                note=f"note {n}",
            )
            record(db, vault, fact, store_numbers=True, now=now)
        else:
            said = message(
                TEXTS[n % len(TEXTS)], f"SM{n}", author=person(author), author_address=author
            )
            receive(db, vault, POLICY, said, now=now)
        if n in (events // 3, 2 * events // 3):
            sealing.seal(db, KEY, now=now)


@dataclass(frozen=True, slots=True)
class Ledger:
    """All rows of a ledger."""

    vault: Vault
    events: list[HeldEvent]
    numbers: list[HeldNumber]
    seals: list[Seal]
    trusted: frozenset[bytes] = field(default=frozenset({KEY.public}))

    @classmethod
    def of(cls, db: Database, vault: Vault) -> "Ledger":
        """Read it."""
        with db.snapshot() as connection:
            return cls(
                vault,
                list(seals.events_by_number(connection)),
                list(seals.numbers(connection)),
                list(seals.held(connection)),
            )

    def findings(self) -> list[Finding]:
        """Verify all of it."""
        return [*self._chains(None), *self._seals()]

    def is_found(self, numbers: set[bytes]) -> bool:
        """Tell whether anything is found, first looking where something was changed."""
        return bool(next(self._chains(numbers), None) or next(self._seals(), None))

    def _chains(self, numbers: set[bytes] | None) -> Iterator[Finding]:
        events, held = self.events, self.numbers
        if numbers is not None:
            events = [each for each in events if each.number_key in numbers]
            held = [each for each in held if each.number_key in numbers]
        ordered = sorted(events, key=lambda each: (each.number_key or b"", each.entry.id))
        return verifying.examination(self.vault).chains(ordered, held)

    def _seals(self) -> Iterator[Finding]:
        hashes = sorted((each.entry.id, each.hash) for each in self.events)
        return verifying.examination(self.vault).seals_over(hashes, self.seals, self.trusted)

    def with_events(self, events: list[HeldEvent]) -> "Ledger":
        """Return it with other events."""
        return replace(self, events=events)

    def without(self, place: int) -> "Ledger":
        """Return it without one event."""
        return self.with_events(self.events[:place] + self.events[place + 1 :])

    def changed(self, place: int, **columns: Any) -> "Ledger":
        """Return it with one event changed."""
        row = _with(self.events[place], columns)
        return self.with_events([*self.events[:place], row, *self.events[place + 1 :]])

    def rewritten(self, number: HeldNumber, entries: list[Entry]) -> "Ledger":
        """Return it with one number's history as somebody forges it who knows how: every hash anew, and the head."""
        old = {each.entry.id: each for each in self.events}
        forged, last = [], bytes(32)
        for entry in entries:
            chained = entry._replace(previous=last)
            last = digest(chained)
            forged.append(old[entry.id]._replace(hash=last, entry=chained))
        others = [each for each in self.events if each.number_key != number.number_key]
        numbers = [
            each._replace(head=last if entries else None) if each == number else each
            for each in self.numbers
        ]
        return replace(self, events=others + forged, numbers=numbers)


def mutations(ledger: Ledger, place: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every column of one row with values that it does not have."""
    row, other = ledger.events[place], ledger.events[(place + 1) % len(ledger.events)]
    for name in ("number_key", "hash", "sealed_evidence", *Entry._fields):
        here, there = _column(row, name), _column(other, name)
        for value in _values(name, here, there, len(ledger.events)):
            if value != here:
                yield f"{name} of event {row.entry.id} to {value!r}", {name: value}


def _values(name: str, here: Any, there: Any, count: int) -> tuple[Any, ...]:
    if name == "id":
        return (here + count + 100,)
    if isinstance(here, bytes):
        return (
            bytes([here[0] ^ 1]) + here[1:],
            here[:-1] + bytes([here[-1] ^ 128]),
            here[:-1],
            b"",
            None,
            there,
        )
    if isinstance(here, int):
        return here + 1, here - 1, 0, -here, here + 86_400_000_000, there, None, "yesterday"
    if isinstance(here, str):
        return f"{here} ", here[:-1], "", None, there, here.upper(), "\udcff"
    return "", "made up", b"x" * 32


def _column(row: HeldEvent, name: str) -> Any:
    return getattr(row, name) if name in HeldEvent._fields else getattr(row.entry, name)


def _with(row: HeldEvent, columns: dict[str, Any]) -> HeldEvent:
    outer = {name: value for name, value in columns.items() if name in HeldEvent._fields}
    inner = {name: value for name, value in columns.items() if name not in outer}
    return row._replace(entry=row.entry._replace(**inner), **outer)


def merkle_root(hashes: list[tuple[int, bytes]]) -> bytes:
    """Return the root over events given by id and hash."""
    return merkle.root(digest for _, digest in hashes)
