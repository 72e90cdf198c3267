"""Examine a ledger: do the chains hold, do the seals close over them, and if not, where?

Pure and streaming: rows come in by number, or by id, and findings go out; nothing is remembered but where each stream
stands. A row is taken as it is, whatever somebody may have put there.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple, TypeVar

from app.core.chain import START, Entry, commitment, digest
from app.core.errors import Unsealable
from app.core.events import Kind
from app.core.evidence import LEAST_KEPT
from app.core.merkle import Tree
from app.core.seal import FIRST, Seal

_LEAST_KEPT = LEAST_KEPT // (LEAST_KEPT.resolution)  # microseconds


class What(StrEnum):
    """What is wrong."""

    CHANGED = "changed"
    BROKEN = "broken"
    MISFILED = "misfiled"
    CUT = "cut"
    EVIDENCE_CHANGED = "evidence_changed"
    EVIDENCE_GONE = "evidence_gone"
    NUMBER_CHANGED = "number_changed"
    SEAL_CHANGED = "seal_changed"
    SEAL_BROKEN = "seal_broken"
    SEAL_OF_A_STRANGER = "seal_of_a_stranger"
    SEALED_OTHERWISE = "sealed_otherwise"
    WITNESSED_OTHERWISE = "witnessed_otherwise"
    WITNESS_UNREADABLE = "witness_unreadable"


_WORDS = {
    What.CHANGED: "what stands in this event is not what was hashed",
    What.BROKEN: "this event does not follow the one that stands before it: one was removed, added or moved here",
    What.MISFILED: "this event is filed under a number whose chain it does not belong to",
    What.CUT: "this chain should end elsewhere: its last events were removed, or its head was changed",
    What.EVIDENCE_CHANGED: "what this event rests on is not what was hashed, or cannot be opened",
    What.EVIDENCE_GONE: "what this event rests on is gone, and no deletion is on record that explains it",
    What.NUMBER_CHANGED: "the number that is kept beside this chain is not the one that it was begun for",
    What.SEAL_CHANGED: "this seal is not what was signed",
    What.SEAL_BROKEN: "this seal does not follow the one before: a seal was removed, added or changed",
    What.SEAL_OF_A_STRANGER: "this seal is signed with a key that is not trusted",
    What.SEALED_OTHERWISE: "the events under this seal are not those that were sealed",
    What.WITNESSED_OTHERWISE: "the witness holds another seal of this id than we do",
    What.WITNESS_UNREADABLE: "a line of the witness is no seal",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something is wrong.

    Attributes:
        what: of which kind.
        event: at which event.
        chain: of which chain, in hexadecimal.
        seal: at which seal.
        more: details.
    """

    what: What
    event: int | None = None
    chain: str | None = None
    seal: int | None = None
    more: str | None = None

    @property
    def words(self) -> str:
        """The same, for people."""
        where = (("event", self.event), ("chain", self.chain), ("seal", self.seal))
        place = ", ".join(f"{name} {value}" for name, value in where if value is not None)
        more = f" ({self.more})" if self.more else ""
        return f"{place or 'witness'}: {_WORDS[self.what]}{more}"


class HeldEvent(NamedTuple):
    """One row of the ledger."""

    number_key: bytes
    hash: bytes
    sealed_evidence: bytes | None
    entry: Entry


class HeldNumber(NamedTuple):
    """One row of the numbers."""

    number_key: bytes
    chain: bytes
    head: bytes | None
    sealed: bytes | None
    sealed_salt: bytes | None


class Examination:
    """One walk over a ledger.

    Args:
        opened: opens what an event rests on; raises `Unsealable`.
        is_theirs: tells whether a chain is that of the number that is kept beside it.

    Attributes:
        events: how many were seen; so are `numbers` and `seals`.
        sealed_to: the last event under a seal; 0: there is none.
        deleted: how many events rest on what was deleted, as a purge or an erasure on record explains.
    """

    def __init__(
        self, opened: Callable[[Entry, bytes], str], is_theirs: Callable[[HeldNumber], bool]
    ) -> None:
        self._opened = opened
        self._is_theirs = is_theirs
        self._purged_to = -(2**63)
        self.events = self.numbers = self.seals = self.sealed_to = self.deleted = 0

    def chains(
        self, events: Iterable[HeldEvent], numbers: Iterable[HeldNumber]
    ) -> Iterator[Finding]:
        """Yield what is wrong with the chains.

        Args:
            events: by number key, each number's by id.
            numbers: by number key.
        """
        rows = groupby(events, key=lambda event: _key(event.number_key))
        beside = groupby(numbers, key=lambda number: _key(number.number_key))
        for held, noted in _side_by_side(rows, beside):
            number = next(iter(noted), None)
            self.numbers += number is not None
            yield from self._chain(number, held)
            if number and not self._is_theirs(number):
                yield Finding(what=What.NUMBER_CHANGED, chain=_hex(number.chain))

    def _chain(self, number: HeldNumber | None, events: Iterable[HeldEvent]) -> Iterator[Finding]:
        last, last_id = START, None
        gone: list[int] = []
        for event in events:
            self.events += 1
            entry = event.entry
            if _digest(entry) != event.hash:
                yield Finding(what=What.CHANGED, event=entry.id)
            if number is None or entry.chain != number.chain:
                yield Finding(what=What.MISFILED, event=entry.id)
            else:
                if entry.previous != last:
                    yield Finding(what=What.BROKEN, event=entry.id)
                last, last_id = event.hash, entry.id
            yield from self._evidence(event, gone)
        yield from (Finding(what=What.EVIDENCE_GONE, event=event_id) for event_id in gone)
        if number and (START if number.head is None else number.head) != last:
            yield Finding(what=What.CUT, event=last_id, chain=_hex(number.chain))

    def _evidence(self, event: HeldEvent, gone: list[int]) -> Iterator[Finding]:
        """Hold an event against what it rests on; what is gone waits in `gone` for an erasure behind it."""
        entry, sealed = event.entry, event.sealed_evidence
        if entry.kind == Kind.ERASED:
            self.deleted += len(gone)
            gone.clear()
        if entry.kind == Kind.PURGED and isinstance(entry.recorded_at, int):
            # Filed under nobody, whose key is zero and comes before all others.
            self._purged_to = max(self._purged_to, entry.recorded_at - _LEAST_KEPT)
        if entry.evidence is None and sealed is None:
            return
        if sealed is None:
            if entry.recorded_at <= self._purged_to:
                self.deleted += 1
            else:
                gone.append(entry.id)
            return
        try:
            told = commitment(self._opened(entry, sealed))
        except (Unsealable, ValueError, TypeError):
            told = None
        if told is None or told != entry.evidence:
            yield Finding(what=What.EVIDENCE_CHANGED, event=entry.id)

    def seals_over(
        self,
        hashes: Iterable[tuple[int, bytes]],
        seals: Iterable[Seal],
        trusted: Collection[bytes],
    ) -> Iterator[Finding]:
        """Yield what is wrong with the seals.

        Args:
            hashes: id and hash of every event, by id.
            seals: by id.
            trusted: the public keys that may have signed them; none: any.
        """
        before: bytes | None = FIRST
        place = 0
        rest = iter(hashes)
        waiting = next(rest, None)
        for seal in seals:
            self.seals += 1
            if not seal.is_signed():
                yield Finding(what=What.SEAL_CHANGED, seal=seal.id)
            elif trusted and seal.public_key not in trusted:
                yield Finding(what=What.SEAL_OF_A_STRANGER, seal=seal.id)
            if seal.id != place + 1 or seal.previous != before:
                yield Finding(what=What.SEAL_BROKEN, seal=seal.id)
            before, place = _seal_digest(seal), seal.id
            tree, first = Tree(), None
            while waiting and isinstance(seal.last_event, int) and waiting[0] <= seal.last_event:
                first = first or waiting[0]
                tree.add(waiting[1] if isinstance(waiting[1], bytes) else b"")
                self.sealed_to = waiting[0]
                waiting = next(rest, None)
            if (tree.size, first, tree.root()) != (seal.events, seal.first_event, seal.root):
                yield Finding(
                    what=What.SEALED_OTHERWISE,
                    seal=seal.id,
                    more=f"{seal.events} were sealed, ids {seal.first_event} to {seal.last_event}; "
                    f"{tree.size} are there",
                )

    def witnessed(
        self, lines: Iterable[str], held: Callable[[int], Seal | None]
    ) -> Iterator[Finding]:
        """Yield where a witness, line by line, does not agree with the seals that are held."""
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                seal = Seal.read(line)
            except ValueError:
                yield Finding(what=What.WITNESS_UNREADABLE, more=f"line {number}")
                continue
            if held(seal.id) != seal:
                yield Finding(what=What.WITNESSED_OTHERWISE, seal=seal.id)


T = TypeVar("T")
U = TypeVar("U")


def _side_by_side(
    left: Iterator[tuple[bytes, Iterator[T]]], right: Iterator[tuple[bytes, Iterator[U]]]
) -> Iterator[tuple[Iterator[T], Iterator[U]]]:
    """Yield what two streams, grouped and in the order of their keys, have under each key."""
    here, there = next(left, None), next(right, None)
    while here or there:
        key = min(side[0] for side in (here, there) if side)
        ours = here if here and here[0] == key else None
        theirs = there if there and there[0] == key else None
        yield ours[1] if ours else iter(()), theirs[1] if theirs else iter(())
        here = next(left, None) if ours else here
        there = next(right, None) if theirs else there


def _key(held: object) -> bytes:
    """Return a number key for comparing; what is none sorts before all, as it does in SQLite."""
    return held if isinstance(held, bytes) else b""


def _digest(entry: Entry) -> bytes | None:
    try:
        return digest(entry)
    except ValueError:
        return None


def _seal_digest(seal: Seal) -> bytes | None:
    try:
        return seal.digest()
    except ValueError:
        return None


def _hex(chain: object) -> str:
    return chain.hex() if isinstance(chain, bytes) else "of no name"
