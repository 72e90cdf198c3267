"""`stoplist ledger` and `stoplist db grants`, as operators run them."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import responses

from app.actions.record import Fact, record
from app.core.events import Kind
from app.core.seal import Seal
from app.core.vault import Vault
from app.store.database import Database
from app.store.tables import metadata
from tests.actions import tampering
from tests.cast import ALICE
from tests.cli.conftest import Ran

DOCS = Path(__file__).parents[2] / "docs" / "ledger.md"
WITNESS = "https://witness.example/seals"


@pytest.fixture(name="written")
def _written(db: Database, vault: Vault) -> Database:
    """A ledger of thirty events of which nothing is sealed."""
    tampering.write(db, vault, 30, numbers=3)
    with db.begin() as tx:
        tx.exec_driver_sql("DELETE FROM seals")
    return db


def test_a_ledger_is_sealed_and_verified(
    stoplist: Callable[..., Ran], written: Database, tmp_path: Path
) -> None:
    """The key is made with the first seal, for its owner alone; the witness holds a line for each seal."""
    witness = tmp_path / "witness.jsonl"

    made = stoplist("ledger", "seal", "--json", "--witness", str(witness))
    again = stoplist("ledger", "seal", "--witness", str(witness))
    verified = stoplist("ledger", "verify", "--witness", str(witness))

    seal = Seal.read(made.out)
    assert (seal.id, seal.events, seal.is_signed()) == (1, 30, True)
    assert "nothing new" in again.out
    assert [Seal.read(line) for line in witness.read_text().splitlines()] == [seal]
    assert (tmp_path / "data" / "seal-key").stat().st_mode & 0o777 == 0o600
    assert verified.code == 0
    assert verified.out.endswith("Everything holds.\n")
    assert "30 events of 3 numbers, 1 seals" in verified.out


def test_a_finding_is_said_and_exits_1(stoplist: Callable[..., Ran], written: Database) -> None:
    """In words, and as JSON with the place."""
    stoplist("ledger", "seal")
    with written.begin() as tx:
        tx.exec_driver_sql("UPDATE events SET scope = 'orders' WHERE id = 7")
        tx.exec_driver_sql("DELETE FROM events WHERE id = 30")

    said = stoplist("ledger", "verify")
    listed = stoplist("ledger", "verify", "--json")

    assert said.code == listed.code == 1
    assert "event 7: what stands in this event is not what was hashed" in said.out
    report = json.loads(listed.out)
    found = {(each["what"], each["event"], each["seal"]) for each in report["findings"]}
    assert {("changed", 7, None), ("sealed_otherwise", None, 1)} <= found
    assert report["found"] == len(report["findings"])
    assert report["events"] == 29


def test_a_stranger_names_the_key_that_he_trusts(
    stoplist: Callable[..., Ran], written: Database
) -> None:
    """And is told of any other."""
    seal = Seal.read(stoplist("ledger", "seal", "--json").out)

    assert stoplist("ledger", "verify", "--public-key", seal.public_key.hex()).code == 0
    refused = stoplist("ledger", "verify", "--public-key", "00" * 32)
    assert refused.code == 1
    assert "a key that is not trusted" in refused.out
    assert stoplist("ledger", "verify", "--public-key", "abc").code == 2


def test_without_a_key_at_hand_verify_says_so(
    stoplist: Callable[..., Ran], written: Database, tmp_path: Path
) -> None:
    """Signatures hold, but whose they are nobody knows."""
    stoplist("ledger", "seal")
    (tmp_path / "data" / "seal-key").unlink()

    verified = stoplist("ledger", "verify")

    assert verified.code == 0
    assert "No seal key is at hand" in verified.out


def test_the_key_may_come_from_the_settings_and_be_changed(
    stoplist: Callable[..., Ran], written: Database, monkeypatch: pytest.MonkeyPatch, vault: Vault
) -> None:
    """Newest first: the first signs, all are trusted. What is no key stops the command."""
    old, new = "A" * 43 + "=", "B" * 43
    monkeypatch.setenv("STOPLIST_SEAL_KEY", old)
    first = Seal.read(stoplist("ledger", "seal", "--json").out)
    monkeypatch.setenv("STOPLIST_SEAL_KEY", f"{new},{old}")
    fact = Fact(to=ALICE, region="US", kind=Kind.OPTED_OUT, scope="*", source="agent")
    record(written, vault, fact, store_numbers=True, now=tampering.NOW)
    second = Seal.read(stoplist("ledger", "seal", "--json").out)

    assert first.public_key != second.public_key
    assert second.previous == first.digest()
    assert stoplist("ledger", "verify").code == 0
    monkeypatch.setenv("STOPLIST_SEAL_KEY", new)
    assert stoplist("ledger", "verify").code == 1
    monkeypatch.setenv("STOPLIST_SEAL_KEY", "hunter2")
    refused = stoplist("ledger", "seal")
    assert refused.code == 2
    assert "hunter2" not in refused.err


@responses.activate
def test_a_seal_is_posted_to_a_witness(stoplist: Callable[..., Ran], written: Database) -> None:
    """Where the witness does not take it, the seal stands, and the command can be run again."""
    responses.post(WITNESS, status=500)
    responses.post(WITNESS, status=204)

    away = stoplist("ledger", "seal", "--witness-url", WITNESS)
    again = stoplist("ledger", "seal", "--witness-url", WITNESS, "--json")

    assert away.code == 3
    assert again.code == 0
    assert again.out == "null\n"
    posted = responses.calls[1].request
    assert isinstance(posted.body, bytes)
    assert Seal.read(posted.body.decode()).id == 1
    assert "Authorization" not in posted.headers


def test_a_witness_that_cannot_be_written_is_unavailable(
    stoplist: Callable[..., Ran], written: Database, tmp_path: Path
) -> None:
    """Exit 3."""
    assert stoplist("ledger", "seal", "--witness", str(tmp_path / "no" / "file")).code == 3


def test_the_projection_is_held_against_the_ledger_and_mended(
    stoplist: Callable[..., Ran], written: Database
) -> None:
    """A dry run changes nothing; what differed is right afterwards."""
    assert stoplist("ledger", "rebuild").code == 0
    with written.begin() as tx:
        tx.exec_driver_sql("UPDATE suppressions SET status = 'opted_in', since = 1")
        tx.exec_driver_sql(
            "INSERT INTO suppressions (number_key, scope, layer, status, since, rank, event_id) "
            "SELECT chain, 'orders', 'wish', 'opted_out', 1, 1, 1 FROM events WHERE id = 1"
        )

    dry = stoplist("ledger", "rebuild", "--dry-run")
    mended = stoplist("ledger", "rebuild")
    after = stoplist("ledger", "rebuild", "--json")

    assert dry.code == mended.code == 1
    assert dry.out.count("number key") == mended.out.count("number key") >= 4
    assert "mended" in mended.out
    assert "mended" not in dry.out
    assert (after.code, json.loads(after.out)) == (0, {"differences": 0, "mended": False})


def test_the_docs_show_the_rights_that_are_granted(stoplist: Callable[..., Ran]) -> None:
    """Each table is named."""
    shown = re.search(
        r"<!-- grants -->\n```sql\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL
    )

    printed = stoplist("db", "grants", "--role", "stoplist_web").out

    assert shown
    assert shown.group(1) == printed
    assert all(f" ON {table} TO " in printed for table in metadata.tables)
