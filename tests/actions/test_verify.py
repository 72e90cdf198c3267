"""Verify finds whatever is done to a ledger, and nothing where nothing was done."""

import contextlib
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations, groupby
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.actions import seal as sealing
from app.actions import verify as verifying
from app.core.chain import Entry, digest
from app.core.events import EVERYTHING, Event, Kind
from app.core.examination import Finding, HeldEvent, What
from app.core.seal import SealKey
from app.core.vault import Vault
from app.store.database import Database, parse_url
from tests import ledgers
from tests.actions import tampering
from tests.actions.tampering import Ledger, mutations

EVENTS = 1_000


@pytest.fixture(name="ledger", scope="module")
def _ledger(
    migrated_sqlite: Path, vault: Vault, tmp_path_factory: pytest.TempPathFactory
) -> Ledger:
    """A thousand events of 97 numbers, two thirds of them under two seals."""
    path = tmp_path_factory.mktemp("ledger") / "stoplist.db"
    shutil.copy(migrated_sqlite, path)
    db = Database(parse_url(f"sqlite:///{path}"), fingerprints=vault.fingerprints)
    tampering.write(db, vault, EVENTS)
    read = Ledger.of(db, vault)
    db.dispose()
    return read


@pytest.fixture(name="sealed", scope="module")
def _sealed(ledger: Ledger) -> Ledger:
    """The same, with the last third under a third seal."""
    before = ledger.seals[-1]
    rest = sorted((e.entry.id, e.hash) for e in ledger.events if e.entry.id > before.last_event)
    made = tampering.KEY.seal(
        id=3,
        previous=before.digest(),
        first_event=rest[0][0],
        last_event=rest[-1][0],
        events=len(rest),
        sealed_at=before.sealed_at + 1,
        root=tampering.merkle_root(rest),
    )
    return replace(ledger, seals=[*ledger.seals, made])


def test_nothing_is_found_where_nothing_was_done(ledger: Ledger, sealed: Ledger) -> None:
    """A thousand events that actions wrote."""
    assert len(ledger.events) == EVENTS
    assert [ledger.findings(), sealed.findings()] == [[], []]


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.slow), 23])
def test_every_change_of_every_column_of_every_row_is_found(ledger: Ledger, step: int) -> None:
    """Also of those that no seal closes yet. Without the slow tests, of every 23rd row."""
    tried = 0
    for place in range(0, EVENTS, step):
        row = ledger.events[place]
        for what, columns in mutations(ledger, place):
            changed = ledger.changed(place, **columns)
            assert changed.is_found({row.number_key, changed.events[place].number_key}), what
            tried += 1

    assert tried > 60 * EVENTS // step


def test_every_deletion_is_found(ledger: Ledger) -> None:
    """Also of the last event of a number, and of the only one."""
    for place, row in enumerate(ledger.events):
        assert ledger.without(place).is_found({row.number_key}), row.entry.id


def test_every_swap_is_found(ledger: Ledger) -> None:
    """Of two neighbours of one number, and of any two rows: their ids, or all but their ids."""
    of_one = [
        pair
        for _, group in groupby(range(EVENTS), key=lambda n: ledger.events[n].number_key)
        for pair in combinations(list(group), 2)
    ]
    chance = random.Random(1)
    any_two = [tuple(chance.sample(range(EVENTS), 2)) for _ in range(2_000)]
    for one, other in [*of_one, *any_two]:
        first, second = ledger.events[one], ledger.events[other]
        swapped = ledger.changed(one, id=second.entry.id).changed(other, id=first.entry.id)
        assert swapped.is_found({first.number_key, second.number_key}), (one, other)


def test_every_insertion_is_found(ledger: Ledger) -> None:
    """A copy under a free id, a forgery behind the last event of a number, one of a number that nobody knows."""
    free = max(each.entry.id for each in ledger.events) + 1
    for row in ledger.events:
        copy = row._replace(entry=row.entry._replace(id=free))
        stranger = row._replace(number_key=b"s" * 16)
        forged = _behind(row, free)
        for added in (copy, stranger, forged):
            more = ledger.with_events([*ledger.events, added])
            assert more.is_found({row.number_key, added.number_key}), row.entry.id


def test_a_cut_tail_is_found_after_a_seal_even_when_the_head_was_set_back(sealed: Ledger) -> None:
    """Of each number, one event and more, every hash in order: only the seal knows."""
    for number in sealed.numbers:
        entries = _entries(sealed, number.number_key)
        for kept in range(len(entries)):
            cut = sealed.rewritten(number, entries[:kept])
            assert not list(cut._chains({number.number_key}))
            assert {each.what for each in cut._seals()} == {What.SEALED_OTHERWISE}


def test_a_forged_history_is_found_after_a_seal(sealed: Ledger) -> None:
    """One event re-dated, every later hash and the head made anew: only the seal knows, and says which."""
    for number in sealed.numbers:
        entries = _entries(sealed, number.number_key)
        for place, entry in enumerate(entries):
            forged = entry._replace(occurred_at=entry.occurred_at + 1)
            whole = [*entries[:place], forged, *entries[place + 1 :]]
            rewritten = sealed.rewritten(number, whole)
            assert not list(rewritten._chains({number.number_key}))
            found = next(rewritten._seals())
            assert found.what is What.SEALED_OTHERWISE
            assert found.seal == next(s.id for s in sealed.seals if entry.id <= s.last_event)


def test_every_change_of_a_seal_and_of_a_numbers_row_is_found(sealed: Ledger) -> None:
    """Its parts, its place, its signature; the number's chain, head and sealed values."""
    for place, seal in enumerate(sealed.seals):
        for name in seal.__dataclass_fields__:
            held = getattr(seal, name)
            other = held + 1 if isinstance(held, int) else bytes([held[0] ^ 1]) + held[1:]
            for value in (other, None, "text"):
                seals = list(sealed.seals)
                seals[place] = replace(seal, **{name: value})  # type: ignore[arg-type]
                assert replace(sealed, seals=seals).is_found(set()), (seal.id, name)
        without = [each for each in sealed.seals if each != seal]
        if place + 1 < len(sealed.seals):  # the last one can be missed by a witness alone
            assert replace(sealed, seals=without).is_found(set())
    for place, number in enumerate(sealed.numbers):
        other = sealed.numbers[place - 1]
        for name in ("chain", "head", "sealed", "sealed_salt", "number_key"):
            numbers = list(sealed.numbers)
            numbers[place] = number._replace(**{name: getattr(other, name)})
            changed = replace(sealed, numbers=sorted(numbers))
            assert changed.is_found({number.number_key, other.number_key}), name


def test_a_seal_of_another_key_is_found(sealed: Ledger) -> None:
    """Who can write to the database can sign anew, but not with the key that is trusted."""
    other = SealKey(b"o" * 32)
    parts = {
        name: getattr(sealed.seals[0], name)
        for name in sealed.seals[0].__dataclass_fields__
        if name not in {"public_key", "signature"}
    }
    seals = [other.seal(**parts)]

    found = replace(sealed, seals=seals).findings()

    assert [each.what for each in found] == [What.SEAL_OF_A_STRANGER]
    assert not replace(sealed, seals=seals, trusted=frozenset()).findings()


def _entries(ledger: Ledger, number_key: bytes) -> list[Entry]:
    return [each.entry for each in ledger.events if each.number_key == number_key]


def _behind(row: HeldEvent, event_id: int) -> HeldEvent:
    entry = row.entry._replace(id=event_id, previous=row.hash, source_ref="forged")
    return row._replace(entry=entry, hash=digest(entry))


SQL = (
    "UPDATE events SET occurred_at = occurred_at - 1 WHERE id = :id",
    "UPDATE events SET recorded_at = 0 WHERE id = :id",
    "UPDATE events SET kind = 'opted_in' WHERE id = :id",
    "UPDATE events SET scope = 'default' WHERE id = :id",
    "UPDATE events SET source = 'other' WHERE id = :id",
    "UPDATE events SET source_ref = 'other' WHERE id = :id",
    "UPDATE events SET certainty = 'vague' WHERE id = :id",
    "UPDATE events SET rule = coalesce(rule, '') || 'x' WHERE id = :id",
    "UPDATE events SET rulepack = '0' WHERE id = :id",
    "UPDATE events SET cause = 'legal' WHERE id = :id",
    "UPDATE events SET sealed_evidence = NULL WHERE id = :id",
    "UPDATE events SET sealed_evidence = (SELECT sealed_evidence FROM events WHERE id = :other) WHERE id = :id",
    "UPDATE events SET evidence = NULL WHERE id = :id",
    "UPDATE events SET chain = previous WHERE id = :id",
    "UPDATE events SET previous = chain WHERE id = :id",
    "UPDATE events SET hash = chain WHERE id = :id",
    "UPDATE events SET number_key = (SELECT number_key FROM events WHERE id = :other) WHERE id = :id",
    "UPDATE events SET id = 100000 WHERE id = :id",
    "DELETE FROM events WHERE id = :id",
    "DELETE FROM numbers WHERE number_key = (SELECT number_key FROM events WHERE id = :id)",
    "UPDATE numbers SET head = NULL WHERE number_key = (SELECT number_key FROM events WHERE id = :id)",
    "UPDATE seals SET events = events + 1 WHERE id = 1",
    "DELETE FROM seals WHERE id = 1",
)


class _Undo(Exception):
    """Leave a transaction without a trace."""


def test_what_is_done_in_the_database_is_found_there(db: Database, vault: Vault) -> None:
    """On both, with plain SQL, one change at a time."""
    tampering.write(db, vault, 120, numbers=13)
    assert list(_verified(db, vault)) == []
    for statement in SQL:
        for event_id in (1, 60, 120):
            found: list[Finding] = []
            with contextlib.suppress(_Undo), db.begin() as tx:
                tx.execute(sa.text(statement), {"id": event_id, "other": event_id % 120 + 5})
                found = list(
                    verifying.findings(
                        tx, verifying.examination(vault), trusted={tampering.KEY.public}
                    )
                )
                raise _Undo
            assert found, (statement, event_id)
            assert all(each.words for each in found)
    assert list(_verified(db, vault)) == []


def test_text_that_is_none_is_found_and_stops_nothing(
    vault: Vault, tmp_path: Path, migrated_sqlite: Path
) -> None:
    """SQLite holds whatever it is given."""
    path = tmp_path / "stoplist.db"
    shutil.copy(migrated_sqlite, path)
    db = Database(parse_url(f"sqlite:///{path}"), fingerprints=vault.fingerprints)
    tampering.write(db, vault, 12, numbers=3)
    with db.begin() as tx:
        tx.exec_driver_sql("UPDATE events SET rule = CAST(x'ff' AS TEXT) WHERE id = 2")
        tx.exec_driver_sql("UPDATE events SET occurred_at = 'noon' WHERE id = 3")
        tx.exec_driver_sql("UPDATE events SET number_key = 'nobody' WHERE id = 4")
        tx.exec_driver_sql("UPDATE events SET hash = 7 WHERE id = 5")

    found = {each.event for each in _verified(db, vault)}
    db.dispose()

    assert {2, 3, 4, 5} <= found


def test_deletions_that_are_on_record_are_no_findings(db: Database, vault: Vault) -> None:
    """A purge explains what is older than five years, an erasure what stands before it in the person's chain."""
    tampering.write(db, vault, 6, numbers=2)
    with db.begin() as tx:
        tx.exec_driver_sql("UPDATE events SET sealed_evidence = NULL")
    assert {each.what for each in _verified(db, vault)} == {What.EVIDENCE_GONE}
    erased = _deletion(Kind.ERASED, _key_of(db, 1), tampering.NOW)
    with db.begin() as tx:
        ledgers.append(tx, erased)
    assert [each.event for each in _verified(db, vault)] == [2, 4, 6]

    for years, gone in ((4, 3), (6, 0)):
        late = tampering.NOW + timedelta(days=365 * years)
        with db.begin() as tx:
            ledgers.append(tx, _deletion(Kind.PURGED, bytes(16), late))
        assert len(list(_verified(db, vault))) == gone


def test_a_witness_knows_of_seals_that_were_taken_back(
    db: Database, vault: Vault, tmp_path: Path
) -> None:
    """The tail of the ledger and its seal are gone, heads set back: without the witness nothing is found."""
    tampering.write(db, vault, 30, numbers=3)
    witness = tmp_path / "witness.jsonl"
    assert sealing.tell_file(db, witness) == 2
    assert sealing.tell_file(db, witness) == 0
    lines = witness.read_text().splitlines()
    assert list(_verified(db, vault, lines)) == []

    with db.begin() as tx:
        kept = tx.exec_driver_sql("SELECT last_event FROM seals WHERE id = 1").scalar_one()
        tx.execute(sa.text("DELETE FROM events WHERE id > :kept"), {"kept": kept})
        tx.exec_driver_sql("DELETE FROM seals WHERE id = 2")
        tx.exec_driver_sql(
            "UPDATE numbers SET head = (SELECT hash FROM events WHERE events.number_key = numbers.number_key "
            "ORDER BY id DESC LIMIT 1)"
        )

    assert list(_verified(db, vault)) == []
    found = list(_verified(db, vault, [*lines, "nonsense", '{"id": 1}', "[]"]))
    assert [(each.what, each.seal) for each in found[:1]] == [(What.WITNESSED_OTHERWISE, 2)]
    assert [each.what for each in found[1:]] == [What.WITNESS_UNREADABLE] * 3


def test_numbers_that_are_not_kept_are_not_missed(db: Database, vault: Vault) -> None:
    """With hashes alone, and after the number was erased, the chain holds."""
    tampering.write(db, vault, 12, numbers=3)
    with db.begin() as tx:
        tx.exec_driver_sql("UPDATE numbers SET sealed = NULL, sealed_salt = NULL")

    assert list(_verified(db, vault)) == []


def _verified(db: Database, vault: Vault, witness: list[str] | None = None) -> Iterator[Finding]:
    examined = verifying.examination(vault)
    return verifying.verify(db, examined, trusted={tampering.KEY.public}, witness=witness)


def _key_of(db: Database, event_id: int) -> bytes:
    with db.reading() as connection:
        query = sa.text("SELECT number_key FROM events WHERE id = :id")
        return bytes(connection.execute(query, {"id": event_id}).scalar_one())


def _deletion(kind: Kind, number_key: bytes, at: datetime) -> Event:
    return Event(
        number_key=number_key,
        kind=kind,
        scope=EVERYTHING,
        occurred_at=at,
        recorded_at=at,
        source="purge",
        source_ref=f"{kind} {at}",
    )
