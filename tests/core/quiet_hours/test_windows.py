"""The table of windows: sourced, dated, read strictly, and refused when it is malformed."""

import re
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from app.core.quiet_hours import Row, WindowError, own_row, windows
from app.core.quiet_hours.holidays import WEEKDAYS
from app.core.quiet_hours.places import places
from app.core.quiet_hours.windows import CLOSED, Hours, build

TEXT = (files("app.core.quiet_hours") / "windows.toml").read_text(encoding="utf-8")
DOCS = Path(__file__).parents[3] / "docs" / "quiet-hours.md"
ROWS = [windows().default, *windows().rows.values()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_every_row_says_where_it_comes_from(row: Row) -> None:
    """Its law, its source, the day it was looked at, how well it is known."""
    assert row.law
    assert row.source
    assert isinstance(row.checked, date)
    assert row.confidence in ("verified", "secondary", "memory")
    assert len(row.week) == 7


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_that_is_not_firm_never_loosens_the_default(row: Row) -> None:
    """It may only tighten it."""
    hours = Hours.of(windows().governing([row.id]))

    if not row.firm or row.id == "default":
        assert windows().default in hours.rows
        for opens, closes in hours.week:
            assert (opens, closes) == CLOSED or (opens >= 8 * 60 and closes <= 20 * 60)


def test_every_row_is_of_a_place_that_a_number_can_lead_to() -> None:
    """A row for a place that is not known would never be read."""
    areas = {place for where in places().areas.values() for place in where.places}
    known = areas | {place[:2] for place in areas} | {"BR", "FR", "IN", "KR", "VN", "ZA"}

    assert set(windows().rows) <= known


def test_a_state_has_the_federal_row_and_its_own() -> None:
    """A country has its own alone, and an unknown place the default."""
    governing = windows().governing

    assert [row.id for row in governing(["US-TX"])] == ["US", "US-TX"]
    assert [row.id for row in governing(["US-NY"])] == ["default", "US"]
    assert [row.id for row in governing(["US-NY", "US-TX"])] == ["default", "US", "US-TX"]
    assert [row.id for row in governing(["US-XX"])] == ["default", "US"]
    assert [row.id for row in governing(["FR"])] == ["FR"]
    assert [row.id for row in governing(["GB"])] == ["default"]
    assert [row.id for row in governing([])] == ["default"]


def test_rows_together_allow_what_each_of_them_allows() -> None:
    """Two windows that do not meet close the day."""
    early = own_row("early", {"mon-sat": "06:00-09:00", "sun": "06:00-07:00"})
    late = own_row("late", {"mon-sun": "08:30-20:00"})

    both = Hours.of([early, late])

    assert both.week == ((510, 540),) * 6 + (CLOSED,)
    assert both.wait(datetime(2026, 7, 13, 8)) == timedelta(minutes=30)  # noqa: DTZ001
    assert both.wait(datetime(2026, 7, 19, 6, 30)) == timedelta(hours=17, minutes=30)  # noqa: DTZ001


def test_a_day_may_last_until_midnight() -> None:
    """24:00 is a closing time."""
    all_day = Hours.of([own_row("all", {"mon-sun": "00:00-24:00"})])

    assert not all_day.wait(datetime(2026, 7, 13, 23, 59, 59, 999999))  # noqa: DTZ001


ROW = """
[[row]]
id = "US-TX"
hours = { mon-sun = "09:00-21:00" }
law = "a law"
source = "a source"
checked = 2026-11-23
confidence = "secondary"
"""
HEAD = TEXT[: TEXT.index("# ---- United States, federal")]
HOLIDAYS = TEXT[TEXT.index("[calendar.US]") :]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (ROW.replace("source", "sauce"), "US-TX: no source"),
        (ROW.replace('"a law"', '""'), "US-TX: no law"),
        (ROW.replace("id =", "name ="), "a row without id: no id"),
        (ROW.replace("2026-11-23", '"lately"'), "US-TX: checked is no date"),
        (ROW.replace("checked = 2026-11-23", ""), "US-TX: no checked"),
        (ROW.replace("secondary", "certain"), "confidence is none of verified, secondary, memory"),
        (ROW + 'tz = "America/Chicago"\n', "US-TX: unknown field 'tz'"),
        (ROW + 'holidays = "TX"\n', "US-TX: there is no calendar 'TX'"),
        (ROW.replace("US-TX", "Texas"), "Texas: the id is no place"),
        (ROW + ROW, "two rows have the same id"),
        (ROW.replace('{ mon-sun = "09:00-21:00" }', '"09:00-21:00"'), "hours is no table"),
        (ROW.replace("mon-sun", "mon-sat"), "US-TX: no hours for sun"),
        (ROW.replace("mon-sun", "sun-mon"), "'sun-mon' names no weekdays"),
        (ROW.replace("mon-sun", "daily"), "'daily' names no weekdays"),
        (ROW.replace("mon-sun =", 'mon = "closed", mon-sun ='), "US-TX: mon stands twice"),
        (ROW.replace("09:00-21:00", "9-21"), "'9-21' is neither closed nor such as"),
        (ROW.replace("09:00-21:00", "21:00-09:00"), "does not open before it closes"),
        (ROW.replace("09:00-21:00", "09:00-24:30"), "does not open before it closes"),
        (ROW.replace('"09:00-21:00"', "9"), "'?9'? is neither"),
        ("[[row]", "line"),
    ],
)
def test_a_malformed_row_is_refused_in_words(wrong: str, words: str) -> None:
    """Naming the row and what is the matter with it."""
    assert build(HEAD + ROW + HOLIDAYS).rows["US-TX"].week == ((540, 1260),) * 7

    with pytest.raises(WindowError, match=words):
        build(HEAD + wrong + HOLIDAYS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the table has no calendar"),
        ('calendar = "US"', "not of the shape"),
        ("row = 3\n" + HEAD + HOLIDAYS, "not of the shape"),
        (HEAD + HOLIDAYS, "the table has no row"),
        (HEAD.replace("[default]", "[usual]") + ROW + HOLIDAYS, "the table has no default"),
        (HEAD + ROW + HOLIDAYS.replace("12-25", "12-32"), "calendar US: '12-32'"),
        (HEAD + ROW + HOLIDAYS.replace("5 U.S.C. 6103", ""), "calendar US: no source"),
    ],
)
def test_a_malformed_table_is_refused_in_words(text: str, words: str) -> None:
    """So is one with a part missing."""
    with pytest.raises(WindowError, match=words):
        build(text)


def test_a_programs_own_hours_are_checked_as_well() -> None:
    """They come from an operator."""
    with pytest.raises(WindowError, match="orders: no hours for mon"):
        own_row("orders", {"sat-sun": "closed"})


def _written(row: Row) -> str:
    """Write a row's hours as the docs do."""
    runs: list[tuple[int, int]] = []
    for day in range(7):
        if runs and row.week[runs[-1][0]] == row.week[day]:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    words = []
    for first, last in runs:
        days = WEEKDAYS[first] if first == last else f"{WEEKDAYS[first]}-{WEEKDAYS[last]}"
        opens, closes = row.week[first]
        span = f"{opens // 60:02d}:{opens % 60:02d}-{closes // 60:02d}:{closes % 60:02d}"
        words.append(f"{days} {'closed' if row.week[first] == CLOSED else span}")
    if row.holidays is not None:
        words.append("holidays closed")
    return ", ".join(words)


def _described(row: Row) -> str:
    doubt = ", doubtful" if row.doubtful else ""
    return f"{_written(row)} | {row.confidence}{doubt} | {row.law} | {row.source}"


def test_the_table_in_the_docs_is_the_one_in_the_data() -> None:
    """Every row: hours, confidence, doubt, law and source."""
    shown = re.findall(
        r"^\| `([\w-]+)` \| (.+) \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE
    )

    assert shown == [(row.id, _described(row)) for row in ROWS]
