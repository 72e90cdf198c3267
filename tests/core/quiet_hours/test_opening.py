"""The first allowed instant is exact in every zone, through gaps and folds."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.phone import PhoneNumber
from app.core.quiet_hours import HORIZON, own_row, quiet_until
from app.core.quiet_hours.places import places
from app.core.quiet_hours.verdict import opening
from app.core.quiet_hours.windows import Hours

YEAR = 2026
HOUR, MINUTE, MICROSECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(microseconds=1)
LONDON = PhoneNumber(e164="+447700900123")  # no row of its own: the default, 08:00 to 20:00
# Half-hour and quarter-hour offsets, half an hour of summer time, midnight changes, Ramadan, a
# summer time at the pole, and both ends of the date line.
FAR = (
    "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "Africa/Casablanca", "Africa/Cairo",
    "Asia/Beirut", "America/Santiago", "America/Havana", "America/Asuncion", "Antarctica/Troll",
    "Asia/Gaza", "Atlantic/Azores", "Europe/Dublin", "Pacific/Chatham", "Pacific/Kiritimati",
    "Pacific/Niue", "America/Nuuk",
)  # fmt: skip


def _hours_of_the_year(year: int = YEAR) -> Iterator[datetime]:
    instant = datetime(year, 1, 1, tzinfo=UTC)
    while instant.year == year:
        yield instant
        instant += HOUR


def _clocks() -> list[str]:
    """Return the zones of the table and the far ones, one of each that show the same time all year."""
    table = places()
    known = [*table.areas.values(), *table.zips.values(), table.beyond]
    names = dict.fromkeys((*FAR, *(zone for where in known for zone in where.zones)))
    shown = {
        tuple(
            instant.astimezone(ZoneInfo(name)).utcoffset() for instant in _hours_of_the_year()
        ): name
        for name in reversed(names)
    }
    return sorted(shown.values())


CLOCKS = _clocks()


def _decent(instant: datetime, zone: ZoneInfo) -> bool:
    """Say the default again, in other words."""
    return 8 <= instant.astimezone(zone).hour < 20


def _set(name: str, year: int = YEAR) -> list[datetime]:
    """Return the hours of a year after which the clock of a zone is found to have been set."""
    zone = ZoneInfo(name)
    return [
        instant
        for instant in _hours_of_the_year(year)
        if instant.astimezone(zone).utcoffset() != (instant + HOUR).astimezone(zone).utcoffset()
    ]


def _by_the_minute(hours: Hours, zones: list[ZoneInfo], instant: datetime) -> datetime | None:
    """Find the opening the slow way: minute by minute, for three days."""
    for _ in range(3 * 24 * 60):
        if not any(hours.wait(instant.astimezone(zone)) for zone in zones):
            return instant
        instant = instant.replace(second=0, microsecond=0) + MINUTE
    return None


@pytest.mark.slow
@pytest.mark.parametrize("name", CLOCKS)
def test_every_hour_of_a_year_gets_the_first_decent_instant(name: str) -> None:
    """It is decent; the microsecond before it is not; and nothing between is, by the hour and the minute."""
    zone = ZoneInfo(name)
    expected: datetime | None = None

    for instant in _hours_of_the_year():
        verdict = quiet_until(LONDON, instant, zone=name)

        assert verdict.quiet is not _decent(instant, zone)
        if not verdict.quiet:
            expected = None
            continue
        assert verdict.retry_at is not None
        # Asked again while it is quiet, the answer stays: nothing in between is decent.
        assert expected is None or verdict.retry_at == expected
        expected = verdict.retry_at
        assert _decent(expected, zone)
        assert not _decent(expected - MICROSECOND, zone)
        between = (instant + minute * MINUTE for minute in range(0, 60, 15))
        assert not any(_decent(minute, zone) for minute in between if minute < expected)


@pytest.mark.parametrize("name", CLOCKS)
@pytest.mark.parametrize(
    "span", ["00:00-00:30", "01:30-02:10", "02:15-02:45", "03:00-03:01", "23:30-24:00"]
)
def test_a_clock_that_is_set_moves_no_window(name: str, span: str) -> None:
    """A window in the lost hour opens when the clock jumps past its start; in the doubled hour it opens twice."""
    hours = Hours.of([own_row("night", {"mon-sun": span})])
    zone = ZoneInfo(name)

    for change in _set(name):
        for minutes in range(-150, 151, 50):
            instant = change + minutes * MINUTE + timedelta(seconds=7, microseconds=3)
            found = opening(hours, [zone], instant, instant + HORIZON)

            assert found == _by_the_minute(hours, [zone], instant)


def test_a_window_inside_the_lost_hour_is_not_there_that_day() -> None:
    """New York has no 02:15 on 8 March 2026; the next one is a day later."""
    hours = Hours.of([own_row("night", {"mon-sun": "02:15-02:45"})])
    zone = ZoneInfo("America/New_York")
    before = datetime(2026, 3, 8, 6, tzinfo=UTC)

    found = opening(hours, [zone], before, before + HORIZON)

    assert found == datetime(2026, 3, 9, 2, 15, tzinfo=zone).astimezone(UTC)


def test_a_window_that_begins_in_the_lost_hour_opens_as_the_clock_jumps() -> None:
    """At 02:00 it becomes 03:00, which is inside: that very instant is the first."""
    hours = Hours.of([own_row("night", {"mon-sun": "02:15-04:00"})])
    before = datetime(2026, 3, 8, 6, 59, 59, 999999, tzinfo=UTC)

    found = opening(hours, [ZoneInfo("America/New_York")], before, before + HORIZON)

    assert found == datetime(2026, 3, 8, 7, tzinfo=UTC)


def test_a_window_in_the_doubled_hour_opens_twice() -> None:
    """On 1 November 2026 New York reads 01:30 at 05:30 and again at 06:30 UTC."""
    hours = Hours.of([own_row("night", {"mon-sun": "01:30-01:40"})])
    zone = ZoneInfo("America/New_York")
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)

    assert opening(hours, [zone], first - MICROSECOND, first + HORIZON) == first
    assert opening(hours, [zone], first + 10 * MINUTE, first + HORIZON) == first + HOUR


def test_the_morning_after_a_change_opens_by_the_new_clock() -> None:
    """08:00 in New York is 13:00 UTC on Saturday 7 March 2026 and 12:00 on Sunday."""
    night = datetime(2026, 3, 7, 5, tzinfo=UTC)
    openings = [
        quiet_until(LONDON, night + days * timedelta(days=1), zone="America/New_York").retry_at
        for days in (0, 1)
    ]

    assert openings == [datetime(2026, 3, 7, 13, tzinfo=UTC), datetime(2026, 3, 8, 12, tzinfo=UTC)]


def test_a_day_that_never_was_is_not_waited_for() -> None:
    """Samoa went from 29 to 31 December 2011: whoever asks in that night waits for the 31st."""
    apia = ZoneInfo("Pacific/Apia")
    night = datetime(2011, 12, 29, 22, tzinfo=apia)

    found = quiet_until(LONDON, night, zone="Pacific/Apia").retry_at

    assert found == datetime(2011, 12, 31, 8, tzinfo=apia)
    assert found - night.astimezone(UTC) == timedelta(hours=10)


SPANS = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda span: span[0] < span[1])
WRITTEN = SPANS.map(
    lambda s: f"{s[0] // 60:02d}:{s[0] % 60:02d}-{s[1] // 60:02d}:{s[1] % 60:02d}"
) | st.just("closed")
WEEKS = st.lists(WRITTEN, min_size=7, max_size=7).map(
    lambda spans: own_row(
        "own", dict(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), spans, strict=True))
    )
)
CHANGES = [(name, change) for name in CLOCKS for change in _set(name)]


@given(
    rows=st.lists(WEEKS, min_size=1, max_size=2),
    near=st.sampled_from(CHANGES),
    others=st.lists(st.sampled_from(CLOCKS), max_size=2),
    seconds=st.integers(-86_400 * 3, 86_400 * 3),
)
def test_any_hours_in_any_zones_open_when_a_minute_by_minute_search_finds(
    rows: list[object], near: tuple[str, datetime], others: list[str], seconds: int
) -> None:
    """Several zones, several rows, a few days around a change of one of the clocks."""
    hours = Hours.of(rows)  # type: ignore[arg-type]
    zones = [ZoneInfo(name) for name in (near[0], *others)]
    instant = near[1] + timedelta(seconds=seconds)

    expected = _by_the_minute(hours, zones, instant)
    found = opening(hours, zones, instant, instant + HORIZON)

    if expected is not None:
        assert found == expected
    else:
        assert found is None or found >= instant + timedelta(days=3) - MINUTE
