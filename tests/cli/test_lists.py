"""Lists in and out: `stoplist import` and `stoplist export`."""

import csv
import hashlib
import hmac
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.core.events import Kind
from app.core.phone import PhoneNumber
from app.core.vault import Vault
from app.store import ledger, suppressions
from app.store.database import Database
from tests.cast import ALICE, BOB, CAROL
from tests.cli.conftest import Ran

Stoplist = Callable[..., Ran]
DAN = "+12015550126"


@pytest.fixture(name="take")
def _take(stoplist: Stoplist, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Return a function that imports a text and returns the summary, with the exit code and the words."""

    def take(text: str, *arguments: str, name: str = "list.csv") -> dict[str, Any]:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        ran = stoplist("import", str(file), "--json", *arguments)
        return {**json.loads(ran.out), "code": ran.code, "err": ran.err}

    return take


def _reason(stoplist: Stoplist, number: str, program: str = "default") -> str | None:
    answer = stoplist("check", number, "--json", "--program", program).out
    return json.loads(answer)["reason"]  # type: ignore[no-any-return]


def _exported(stoplist: Stoplist, *arguments: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(stoplist("export", "-", *arguments).out)))


def _events(db: Database, vault: Vault, number: str) -> list[Any]:
    with db.reading() as connection:
        found = ledger.read(connection, vault.number_keys(PhoneNumber(e164=number)))
    return [event for _, event in found]


def test_an_import_suppresses_and_says_what_it_did(
    take: Callable[..., Any], stoplist: Stoplist
) -> None:
    """Every row is counted, and those that are not taken are named by line and column."""
    said = take(f"Phone,Date\n{ALICE},2026-01-05\n(201) 555-0124,\n1.2E+10,\n{CAROL},soon\n")

    assert (said["rows"], said["recorded"], said["rejected"], said["code"]) == (4, 2, 2, 1)
    assert "line 4, column Phone: " in said["err"]
    assert "line 5, column Date: " in said["err"]
    assert [_reason(stoplist, n) for n in (ALICE, BOB, CAROL)] == ["opted_out", "opted_out", None]


def test_the_same_list_again_is_the_same_facts(
    take: Callable[..., Any], db: Database, vault: Vault
) -> None:
    """With dates and without; also within one file."""
    text = f"phone,date\n{ALICE},2026-01-05\n{BOB},\n{BOB},\n"

    first, second = take(text), take(text)

    assert (first["recorded"], first["already_held"], first["code"]) == (2, 1, 0)
    assert (second["recorded"], second["already_held"], second["code"]) == (0, 3, 0)
    assert [len(_events(db, vault, n)) for n in (ALICE, BOB)] == [1, 1]
    with db.snapshot() as connection:
        assert not list(suppressions.differences(connection))


def test_no_reference_shows_a_number(take: Callable[..., Any], db: Database, vault: Vault) -> None:
    """A row without a reference of its own gets one from which no number can be found."""
    take(f"phone\n{ALICE}\n")

    (event,) = _events(db, vault, ALICE)
    assert ALICE.removeprefix("+1") not in event.source_ref
    assert event.source == "import"


def test_a_dry_run_says_the_same_and_writes_nothing(
    take: Callable[..., Any], stoplist: Stoplist
) -> None:
    """Also where some rows are held already."""
    take(f"phone,date\n{BOB},2026-01-05\n")
    text = f"phone,date\n{ALICE},2026-01-05\n{BOB},2026-01-05\n{ALICE},2026-01-05\nx,\n"

    dry = take(text, "--dry-run")
    before = _reason(stoplist, ALICE)
    wet = take(text)

    assert before is None
    assert dry.pop("dry_run") is not wet.pop("dry_run")
    assert dry == wet


def test_an_import_never_re_subscribes_anyone(take: Callable[..., Any], stoplist: Stoplist) -> None:
    """Whatever the list says, and however new it is."""
    take(f"phone,date\n{ALICE},2026-01-05\n")
    said = take(f"phone,status,date\n{ALICE},subscribed,2026-06-01\n{BOB},opted_in,2026-06-01\n")

    assert said["recorded_by_kind"] == {"consent_imported": 2}
    assert [_reason(stoplist, n) for n in (ALICE, BOB)] == ["opted_out", None]


def test_an_imported_consent_counts_where_nobody_refused(
    take: Callable[..., Any], stoplist: Stoplist
) -> None:
    """For a program that requires consent."""
    stoplist("programs", "set", "alerts", "--name", "Alerts", "--requires-consent", "yes")
    take(f"phone\n{BOB}\n", "--kind", "consent", "--program", "alerts")

    assert [_reason(stoplist, n, "alerts") for n in (BOB, CAROL)] == [None, "no_consent"]


def test_an_import_never_moves_a_newer_word_back(
    take: Callable[..., Any], stoplist: Stoplist, db: Database, vault: Vault
) -> None:
    """The newest word by when it was said, in whatever order lists come."""
    take(f"phone,date\n{ALICE},2026-03-01\n")
    take(f"phone,date\n{ALICE},2026-01-05\n")

    (row,) = _exported(stoplist)
    assert row["occurred_at"] == "2026-03-01T00:00:00Z"
    assert len(_events(db, vault, ALICE)) == 2
    with db.snapshot() as connection:
        assert not list(suppressions.differences(connection))


def test_one_list_may_say_many_things_of_one_number(
    take: Callable[..., Any], stoplist: Stoplist, db: Database
) -> None:
    """Each counts in its scope, the newest of each."""
    stoplist("programs", "set", "alerts", "--name", "Alerts")
    take(
        "phone,kind,scope,date\n"
        f"{ALICE},stop,alerts,2026-01-05\n{ALICE},stop,*,2026-02-05\n{ALICE},stop,alerts,2026-03-05\n"
        f"{ALICE},wrong number,alerts,2026-03-05\n{ALICE},blocked,alerts,\n{BOB},stop,alerts,\n"
    )

    rows = [(row["phone"], row["kind"], row["scope"]) for row in _exported(stoplist)]
    assert set(rows) == {
        (ALICE, "opted_out", "*"),
        (ALICE, "opted_out", "alerts"),
        (ALICE, "blocked", "alerts"),
        (BOB, "opted_out", "alerts"),
    }
    assert (_reason(stoplist, ALICE, "alerts"), _reason(stoplist, BOB)) == ("blocked", None)
    with db.snapshot() as connection:
        assert not list(suppressions.differences(connection))


def test_a_reference_that_was_used_for_another_fact_is_told(take: Callable[..., Any]) -> None:
    """A column of ids that are no ids of the row must not swallow anybody."""
    said = take(f"phone,id\n{ALICE},7\n{BOB},7\n{ALICE},7\n")
    again = take(f"phone,id\n{CAROL},7\n")

    assert (said["recorded"], said["already_held"] + said["rejected"]) == (1, 2)
    assert "told another fact under this reference" in said["err"]
    assert (again["rejected"], again["code"]) == (1, 1)


def test_rows_that_are_not_taken_are_written_down(take: Callable[..., Any], tmp_path: Path) -> None:
    """Line, column, reason, and the row as it stood, harmless to spreadsheets."""
    rejects = tmp_path / "rejects.csv"
    take(f"phone,kind\n{ALICE},banana\n{BOB},stop,more\n", "--rejects", str(rejects))

    rows = list(csv.reader(io.StringIO(rejects.read_text(encoding="utf-8"))))
    assert rows[0] == ["line", "column", "reason", "row"]
    assert [(row[0], row[1], row[3]) for row in rows[1:]] == [
        ("2", "kind", f"'{ALICE},banana"),
        ("3", "", f"'{BOB},stop,more"),
    ]
    assert rejects.stat().st_mode & 0o077 == 0


def test_our_export_goes_in_as_it_is(take: Callable[..., Any], stoplist: Stoplist) -> None:
    """As CSV and as JSON Lines: nothing is new."""
    take(f"phone,kind,id\n{ALICE},stop,=1+1\n{BOB},wrong number,\n{DAN},blocked,\n")

    as_csv, as_jsonl = (stoplist("export", "-", "--format", form).out for form in ("csv", "jsonl"))

    assert "'=1+1" in as_csv
    for text, name in ((as_csv, "ours.csv"), (as_jsonl, "ours.jsonl"), (as_jsonl, "ours.txt")):
        said = take(text, name=name)
        assert (said["recorded"], said["already_held"], said["code"]) == (0, 3, 0)
        assert said["unused_columns"] == []


def test_every_fact_can_be_exported(take: Callable[..., Any], stoplist: Stoplist) -> None:
    """In ledger order, those that refuse nothing too."""
    take(f"phone,kind,date\n{ALICE},consent,2026-01-05\n{ALICE},stop,2026-01-06\n")

    kinds = [row["kind"] for row in _exported(stoplist, "--all")]

    assert sorted(kinds) == ["consent_imported", "opted_out"]
    assert [row["kind"] for row in _exported(stoplist)] == ["opted_out"]


def test_what_an_audit_finds_goes_in_as_it_is(
    take: Callable[..., Any], stoplist: Stoplist, tmp_path: Path
) -> None:
    """The way from past messages to the list."""
    past = tmp_path / "past.csv"
    past.write_text(
        f"From,Body,SentDate,Sid\n{ALICE},pls quit texting me,2026-01-05T10:00:00Z,SM1\n{BOB},stop,,SM2\n"
    )
    found = tmp_path / "found.csv"
    stoplist("audit", str(past), "-o", str(found))

    said = take(found.read_text())

    assert (said["recorded"], said["rejected"]) == (2, 0)
    rows = {row["phone"]: row for row in _exported(stoplist)}
    assert (rows[ALICE]["occurred_at"], rows[ALICE]["source_ref"]) == (
        "2026-01-05T10:00:00Z",
        "SM1",
    )
    assert rows[ALICE]["rule"]


def test_a_note_is_kept_as_evidence(
    take: Callable[..., Any], stoplist: Stoplist, db: Database, vault: Vault
) -> None:
    """Sealed, and told in the history."""
    take(f"phone,note\n{ALICE},told our agent\n")

    assert "told our agent" in stoplist("history", ALICE, "--json").out


def test_a_list_comes_by_standard_input(
    stoplist: Stoplist, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bare list of numbers, with no header."""
    monkeypatch.setattr(
        sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{ALICE}\n2015550124\n".encode()))
    )

    said = stoplist("import", "-")

    assert "2 rows: 2 recorded (2 opted_out), 0 held already, 0 not taken." in said.out
    assert [_reason(stoplist, n) for n in (ALICE, BOB)] == ["opted_out", "opted_out"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--scope", "nowhere"),
        ("--source", "Not A Name"),
        ("--region", "XX"),
        ("--date", "soon"),
        ("--date", "2999-01-01"),
        ("--time-zone", "Mars/Base"),
        ("--hashed",),
        ("--column", "nowhere"),
        ("--kind", "opted_in"),
    ],
)
def test_wrong_use_is_said_in_words(
    arguments: tuple[str, ...], stoplist: Stoplist, tmp_path: Path
) -> None:
    """With exit code 2, and nothing written."""
    file = tmp_path / "list.csv"
    file.write_text(f"phone\n{ALICE}\n")

    ran = stoplist("import", str(file), *arguments)

    assert (ran.code, "Traceback" in ran.err) == (2, False)
    assert _reason(stoplist, ALICE) is None


def test_where_numbers_are_not_kept_an_export_says_so(
    take: Callable[..., Any], stoplist: Stoplist, monkeypatch: pytest.MonkeyPatch, db: Database
) -> None:
    """Imports keep hashes alone, and checks work as ever."""
    monkeypatch.setenv("STOPLIST_STORE_NUMBERS", "never")
    take(f"phone\n{ALICE}\n")

    ran = stoplist("export", "-")

    assert (ran.code, ran.out.count("\n")) == (1, 1)
    assert "cannot be given back" in ran.err
    assert "STOPLIST_STORE_NUMBERS is never" in ran.err
    assert _reason(stoplist, ALICE) == "opted_out"


@pytest.fixture(name="key")
def _key(tmp_path: Path) -> Path:
    file = tmp_path / "partner.key"
    file.write_text("0123456789abcdef0123456789abcdef\n")
    file.chmod(0o600)
    return file


def test_two_companies_compare_lists_without_showing_numbers(
    take: Callable[..., Any], stoplist: Stoplist, key: Path
) -> None:
    """A partner's opt-outs count for the numbers that we hold, and the others stay unknown."""
    partner = ("--hashed", "--partner", str(key))
    take(f"phone,date\n{ALICE},2026-01-05\n{DAN},2026-01-05\n")
    theirs = stoplist("export", "-", *partner).out
    assert ALICE.removeprefix("+") not in theirs
    rows = theirs.splitlines()
    unknown = "ab" * 32 + ",opted_out,2026-01-05T00:00:00Z"
    take(f"phone,kind\n{BOB},consent\n")

    said = take(
        "\n".join([*rows, unknown, "nonsense,opted_out,"]) + "\n", *partner, "--source", "them"
    )

    assert (said["recorded"], said["rejected"]) == (2, 1)
    assert said["hashes_matching_none_of_our_numbers"] == 1
    assert {row["source"] for row in _exported(stoplist, "--all") if row["phone"] == ALICE} == {
        "import",
        "them",
    }
    again = take(theirs, *partner, "--source", "them")
    assert (again["recorded"], again["already_held"]) == (0, 2)
    assert _reason(stoplist, BOB) is None


def test_a_partners_opt_out_counts_for_a_number_that_we_may_text(
    take: Callable[..., Any], stoplist: Stoplist, key: Path, tmp_path: Path
) -> None:
    """Which is what the exchange is for."""
    take(f"phone\n{BOB}\n", "--kind", "consent")
    hashed = PartnerHash(key).of(BOB)

    said = take(f"hash\n{hashed}\n", "--hashed", "--partner", str(key))

    assert (said["recorded"], _reason(stoplist, BOB)) == (1, "opted_out")


class PartnerHash:
    """What a partner's own program computes, from the words of our documentation."""

    def __init__(self, key: Path) -> None:
        self._key = key.read_bytes().strip()

    def of(self, number: str) -> str:
        """Return the hash of a number in E.164."""
        return hmac.new(self._key, number.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize("written", ["", "short", "a" * 64])
def test_a_key_that_could_be_guessed_is_refused(
    written: str, stoplist: Stoplist, tmp_path: Path
) -> None:
    """In words."""
    file = tmp_path / "weak.key"
    file.write_text(written)
    file.chmod(0o644)

    ran = stoplist("export", "-", "--hashed", "--partner", str(file))

    assert (ran.code, "at least 32 random characters" in ran.err) == (2, True)
    assert "can be read by others" in ran.err


def test_kinds_are_those_of_the_ledger(
    take: Callable[..., Any], db: Database, vault: Vault
) -> None:
    """A block has a cause; a consent and a block have no certainty."""
    take(f"phone,kind,cause\n{ALICE},blocked,\n{BOB},consent,\n{CAROL},stop,\n")

    held = {n: _events(db, vault, n)[0] for n in (ALICE, BOB, CAROL)}
    assert [(e.kind, e.cause, e.certainty) for e in held.values()] == [
        (Kind.BLOCKED, "operator", None),
        (Kind.CONSENT_IMPORTED, None, None),
        (Kind.OPTED_OUT, None, "definite"),
    ]
