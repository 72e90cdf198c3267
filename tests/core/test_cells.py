"""Cells as spreadsheets leave them."""

import contextlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.cells import Calendar, harmless, meant, number
from app.core.errors import InvalidNumber, UnreadableRow
from tests.cast import ALICE

SPRING = datetime(2026, 5, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell",
    [
        ALICE,
        " +1 (201) 555-0123 ",
        "12015550123.0",
        "12015550123.00",
        "2015550123",
        "'+12015550123",
        "'2015550123",
        '="12015550123"',
        "1.2015550123E+10",
        "1,2015550123e+10",
        "(201) 555-0123 ext. 5",
    ],
)
def test_a_number_is_found_in_what_a_spreadsheet_made_of_it(cell: str) -> None:
    """As long as no digit is lost."""
    assert number(cell, "US").e164 == ALICE


@pytest.mark.parametrize(
    "cell", ["1.41556E+10", "1,41556e10", "1E+10", "+1.415E+10", "1.415555E+10"]
)
def test_lost_digits_are_said_in_words(cell: str) -> None:
    """And what to do about them."""
    with pytest.raises(InvalidNumber, match="last digits are lost: format the column as text"):
        number(cell, "US")


@pytest.mark.parametrize(
    "cell",
    [
        "2026-05-13",
        "2026-05-13T00:00:00Z",
        "2026-05-13 00:00",
        "2026-05-13 00:00:00",
        "2026-05-13 00:00:00 UTC",
        "2026-05-13T02:00:00.000+02:00",
        "05/13/2026",
        "13/05/2026",
        "13.05.2026",
        "5/13/2026 12:00 AM",
        "1778630400",
        "1778630400000",
        "Wed, 13 May 2026 00:00:00 +0000",
    ],
)
def test_a_date_is_read_in_the_ways_that_are_plain(cell: str) -> None:
    """UTC where no zone stands."""
    assert Calendar().moment(cell) == SPRING


def test_a_zone_counts_for_times_that_name_none() -> None:
    """And for no others."""
    calendar = Calendar(zone=ZoneInfo("America/New_York"))

    assert calendar.moment("2026-05-13 16:30") == datetime(2026, 5, 13, 20, 30, tzinfo=UTC)
    assert calendar.moment("2026-05-13T16:30Z") == datetime(2026, 5, 13, 16, 30, tzinfo=UTC)
    assert calendar.moment("1778630400") == SPRING


def test_a_date_that_could_be_two_is_refused_unless_it_is_told() -> None:
    """The fifth of June, or the sixth of May?"""
    with pytest.raises(UnreadableRow, match="could be two"):
        Calendar().moment("05/06/2026")
    assert Calendar(month_first=True).moment("05/06/2026").month == 5
    assert Calendar(month_first=False).moment("05/06/2026").month == 6
    assert Calendar().moment("06/06/2026").month == 6


@pytest.mark.parametrize(
    "cell",
    [
        "soon",
        "",
        "2026-13-01",
        "2026-02-30",
        "05/13/26",
        "45790",
        "20260513",
        "14/14/2026",
        "2026-05-13T25:00",
    ],
)
def test_what_is_no_date_is_refused_in_words(cell: str) -> None:
    """Never guessed."""
    with pytest.raises(UnreadableRow, match="no date that can be read"):
        Calendar().moment(cell)


@given(st.text())
def test_a_cell_is_never_a_formula_and_comes_back_as_it_was(text: str) -> None:
    """What we write we read."""
    assert not harmless(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert meant(harmless(text)) == text


@given(st.text(max_size=40))
def test_any_cell_is_a_date_or_refused(text: str) -> None:
    """Nothing else comes out."""
    with contextlib.suppress(UnreadableRow):
        assert Calendar().moment(text).tzinfo is UTC


@given(st.text(max_size=40))
def test_any_cell_is_a_number_or_refused(text: str) -> None:
    """Nothing else comes out."""
    with contextlib.suppress(InvalidNumber):
        assert number(text, "US").e164.startswith("+")
