"""Public holidays: the days of a calendar, and those on which they are kept."""

from datetime import date

import pytest

from app.core.quiet_hours import windows
from app.core.quiet_hours.holidays import CalendarError, calendar, easter


def _of(name: str, year: int) -> list[str]:
    calendar = windows().calendars[name]
    days = (date.fromordinal(date(year, 1, 1).toordinal() + number) for number in range(366))
    return [f"{day:%m-%d}" for day in days if day.year == year and calendar.holds(day)]


def test_the_federal_holidays_of_a_year() -> None:
    """2026: Independence Day falls on a Saturday and is kept on the Friday as well."""
    assert _of("US", 2026) == [
        "01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "07-04", "09-07", "10-12", "11-11",
        "11-26", "12-25",
    ]  # fmt: skip


def test_a_new_years_day_can_be_kept_in_the_year_before() -> None:
    """1 January 2028 is a Saturday; federal offices keep it on Friday, 31 December 2027."""
    assert "12-31" in _of("US", 2027)
    assert "01-01" in _of("US", 2028)
    assert "12-31" not in _of("US", 2026)


def test_a_holiday_on_a_sunday_is_kept_on_the_monday() -> None:
    """4 July 2027."""
    assert {"07-04", "07-05"} <= set(_of("US", 2027))


def test_the_holidays_of_france_and_of_south_africa() -> None:
    """Movable ones hang on Easter; South Africa keeps a Sunday's on the Monday."""
    assert _of("FR", 2026) == [
        "01-01", "04-06", "05-01", "05-08", "05-14", "05-25", "07-14", "08-15", "11-01", "11-11",
        "12-25",
    ]  # fmt: skip
    assert {"04-03", "04-06", "08-09", "08-10", "12-16", "12-26"} <= set(_of("ZA", 2026))


@pytest.mark.parametrize(
    ("year", "sunday"),
    [
        (1818, "03-22"), (1943, "04-25"), (1961, "04-02"), (2000, "04-23"), (2008, "03-23"),
        (2019, "04-21"), (2024, "03-31"), (2025, "04-20"), (2026, "04-05"), (2027, "03-28"),
        (2038, "04-25"), (2049, "04-18"), (2076, "04-19"),
    ],
)  # fmt: skip
def test_easter_is_where_the_church_has_it(year: int, sunday: str) -> None:
    """The earliest and the latest possible among them."""
    assert f"{easter(year):%m-%d}" == sunday


def test_a_leap_day_is_a_holiday_in_leap_years_alone() -> None:
    """A rule that gives no day in a year gives none."""
    leap = calendar("XX", ("02-29",), "")

    assert leap.holds(date(2028, 2, 29))
    assert not any(leap.holds(date(2027, 2, 27 + days)) for days in (0, 1))


@pytest.mark.parametrize(
    "rule", ["02-30", "13-01", "5 mon 01", "1 mon 13", "first mon 01", "easter", "", "1-1"]
)
def test_a_rule_that_is_not_understood_is_refused(rule: str) -> None:
    """With the calendar's name and the word."""
    with pytest.raises(CalendarError, match=f"calendar XX: {rule!r}"):
        calendar("XX", (rule,), "")


def test_a_moved_day_that_is_not_understood_is_refused() -> None:
    """Weekdays in three letters, joined by a hyphen."""
    with pytest.raises(CalendarError, match="'saturday-friday'"):
        calendar("XX", (), "saturday-friday")
