"""What a row of a list says, in whoever's words."""

from datetime import UTC, datetime

import pytest

from app.core.errors import UnreadableRow, UnreadableTable
from app.core.events import Cause, Kind
from app.core.intent import Certainty
from app.core.listing import Listed, Reader, Terms
from tests.cast import ALICE

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TERMS = Terms(region="US", programs=frozenset({"default", "alerts"}), now=NOW)
HEADER = ("phone", "kind", "scope", "occurred_at", "source", "source_ref", "cause", "note")


def _read(**cells: str) -> Listed:
    return Reader(HEADER, TERMS).read(
        [{"phone": ALICE, "kind": "stop", **cells}.get(n, "") for n in HEADER]
    )


@pytest.mark.parametrize(
    "name", ["phone", "Phone Number", "MSISDN", "to", "Mobile", "cell_phone", "Number", "TELEPHONE"]
)
def test_the_number_is_found_by_its_usual_names(name: str) -> None:
    """However they are spelt."""
    listed = Reader(["Name", name], TERMS).read(["Ann", ALICE])

    assert listed.number
    assert (listed.number.e164, listed.kind, listed.scope, listed.dated) == (
        ALICE,
        Kind.OPTED_OUT,
        "*",
        None,
    )


def test_a_table_without_a_number_is_refused() -> None:
    """With the way out."""
    with pytest.raises(UnreadableTable, match="line 1 names no column with the phone number"):
        Reader(["Name", "Colour"], TERMS)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("opted_out", Kind.OPTED_OUT),
        ("Opt-Out", Kind.OPTED_OUT),
        ("Unsubscribed", Kind.OPTED_OUT),
        ("STOP", Kind.OPTED_OUT),
        ("DNC", Kind.OPTED_OUT),
        ("wrong number", Kind.WRONG_NUMBER),
        ("blocked", Kind.BLOCKED),
        ("opted_in", Kind.CONSENT_IMPORTED),
        ("Subscribed", Kind.CONSENT_IMPORTED),
        ("consent", Kind.CONSENT_IMPORTED),
    ],
)
def test_a_kind_is_understood_in_others_words(word: str, kind: Kind) -> None:
    """An opt-in of another system is never more than a consent on its record."""
    listed = _read(kind=word)

    assert listed.kind is kind


def test_what_a_row_says_is_kept() -> None:
    """Scope, date, source, reference, cause, note; and certainty only of a person's words."""
    out = Reader([*HEADER, "certainty"], TERMS).read(
        [
            ALICE,
            "stop",
            "alerts",
            "2026-05-01",
            "Old Vendor!",
            "'=7",
            "legal",
            "by phone",
            "probable",
        ]
    )
    block = Reader(HEADER, TERMS).read([ALICE, "blocked", "all", "", "", "", "Legal", ""])

    assert (out.scope, out.dated) == ("alerts", datetime(2026, 5, 1, tzinfo=UTC))
    assert (out.source, out.reference, out.note) == ("old_vendor", "=7", "by phone")
    assert (out.certainty, out.cause) == (Certainty.PROBABLE, None)
    assert (block.scope, block.certainty, block.cause) == ("*", None, Cause.LEGAL)


def test_a_consent_that_names_no_program_is_for_the_default_one() -> None:
    """A consent to everything must say so."""
    names = ["phone", "kind", "scope"]

    assert Reader(names, TERMS).read([ALICE, "consent", ""]).scope == "default"
    assert Reader(names, TERMS).read([ALICE, "consent", "*"]).scope == "*"


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"phone": ""}, "phone", "there is no number"),
        ({"phone": "1.2E+10"}, "phone", "last digits are lost"),
        ({"phone": "911"}, "phone", "not"),
        ({"kind": "banana"}, "kind", "is none that an import takes"),
        ({"kind": "unblocked"}, "kind", "is none that an import takes"),
        ({"kind": "dismissed"}, "kind", "is none that an import takes"),
        ({"kind": ""}, "kind", "is missing"),
        ({"scope": "nowhere"}, "scope", "no program"),
        ({"occurred_at": "soon"}, "occurred_at", "no date"),
        ({"occurred_at": "2026-06-01T00:06:00Z"}, "occurred_at", "in the future"),
        ({"occurred_at": "1970-01-01"}, "occurred_at", "before 1990"),
        ({"source": "review"}, "source", "no name of a source"),
        ({"source_ref": "x" * 201}, "source_ref", "up to 200"),
        ({"source_ref": "a\0b"}, "source_ref", "printable"),
        ({"kind": "blocked", "cause": "whim"}, "cause", "none of operator, legal"),
        ({"note": "x" * 2001}, "note", "up to 2,000"),
    ],
)
def test_a_row_that_is_not_taken_says_why_and_where(
    cells: dict[str, str], column: str, words: str
) -> None:
    """And quotes nothing of it."""
    with pytest.raises(UnreadableRow, match=words) as refused:
        _read(**cells)

    assert refused.value.column == column
    assert not any(len(cell) > 3 and cell in str(refused.value) for cell in cells.values())


def test_a_time_a_little_ahead_of_our_clock_is_now() -> None:
    """Clocks differ."""
    listed = Reader(["phone", "date"], TERMS).read([ALICE, "2026-06-01T00:04:00Z"])

    assert listed.dated == NOW


def test_columns_that_say_nothing_are_named() -> None:
    """So that nothing is lost unseen."""
    assert Reader(["phone", "recorded_at", "Colour"], TERMS).unused == ["Colour"]
