"""Whether it is quiet where a person is: laws, zones, and what is not known."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.phone import PhoneNumber
from app.core.quiet_hours import HORIZON, own_row, quiet_until
from app.core.quiet_hours.places import places

NEW_YORK, CHICAGO = ZoneInfo("America/New_York"), ZoneInfo("America/Chicago")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
NOON = datetime(2026, 7, 15, 16, tzinfo=UTC)  # a Wednesday; noon in New York
MICROSECOND = timedelta(microseconds=1)


def _us(area: str) -> PhoneNumber:
    return PhoneNumber(e164=f"+1{area}5550123")


NEW_JERSEY, CALIFORNIA, TEXAS, RHODE_ISLAND = (_us(area) for area in ("201", "415", "214", "401"))
VIRGINIA, ALABAMA, PANHANDLE, TOLL_FREE = (_us(area) for area in ("804", "205", "850", "800"))
NEW_YORKER = _us("212")


@pytest.mark.parametrize(
    ("number", "opens", "closes", "day", "zone"),
    [
        (TEXAS, "09:00", "21:00", "2026-07-18", CHICAGO),  # Saturday
        (TEXAS, "12:00", "21:00", "2026-07-19", CHICAGO),  # Sunday
        (RHODE_ISLAND, "09:00", "18:00", "2026-07-17", NEW_YORK),
        (RHODE_ISLAND, "10:00", "17:00", "2026-07-18", NEW_YORK),
        (VIRGINIA, "08:00", "21:00", "2026-07-19", NEW_YORK),  # federal and state agree
        (_us("502"), "10:00", "21:00", "2026-07-15", NEW_YORK),  # Kentucky
        (NEW_YORKER, "08:00", "20:00", "2026-07-15", NEW_YORK),  # no row: the default
        (CALIFORNIA, "09:00", "20:00", "2026-07-15", LOS_ANGELES),  # doubtful: and the default
        (_us("206"), "08:00", "20:00", "2026-07-15", LOS_ANGELES),  # from memory
        (_us("416"), "10:00", "18:00", "2026-07-18", ZoneInfo("America/Toronto")),
        (
            PhoneNumber(e164="+33639980123"),
            "08:00",
            "20:00",
            "2026-07-13",
            ZoneInfo("Europe/Paris"),
        ),
        (
            PhoneNumber(e164="+915550100"),
            "10:00",
            "20:00",
            "2026-07-15",
            ZoneInfo("Asia/Kolkata"),
        ),
    ],
)
def test_a_place_has_its_hours(
    number: PhoneNumber, opens: str, closes: str, day: str, zone: ZoneInfo
) -> None:
    """Open from the first minute, closed from the last on, and not a microsecond more."""
    first = datetime.fromisoformat(f"{day}T{opens}").replace(tzinfo=zone)
    last = datetime.fromisoformat(f"{day}T{closes}").replace(tzinfo=zone)

    assert quiet_until(number, first - MICROSECOND).retry_at == first
    assert not quiet_until(number, first).quiet
    assert not quiet_until(number, last - MICROSECOND).quiet
    assert quiet_until(number, last).quiet


@pytest.mark.parametrize(
    ("number", "closed", "opens"),
    [
        (RHODE_ISLAND, "2026-07-19T12:00", "2026-07-20T09:00"),  # Sunday
        (RHODE_ISLAND, "2026-11-26T12:00", "2026-11-27T09:00"),  # Thanksgiving
        (_us("215"), "2026-07-19T12:00", "2026-07-20T08:00"),  # Pennsylvania, Sunday
        (_us("215"), "2026-07-03T12:00", "2026-07-06T08:00"),  # Independence Day kept, and fallen
    ],
)
def test_a_closed_day_waits_for_the_next_open_one(
    number: PhoneNumber, closed: str, opens: str
) -> None:
    """A Sunday, a holiday, the weekday on which it is kept."""
    noon = datetime.fromisoformat(closed).replace(tzinfo=NEW_YORK)

    verdict = quiet_until(number, noon)

    assert verdict.retry_at == datetime.fromisoformat(opens).replace(tzinfo=NEW_YORK)
    assert verdict.barring[-1] in ("US-RI", "US-PA")


def test_a_state_without_a_rule_of_holidays_texts_on_christmas() -> None:
    """And one with such a rule does not: Virginia and Alabama."""
    christmas = datetime(2026, 12, 25, 18, tzinfo=UTC)

    assert not quiet_until(VIRGINIA, christmas).quiet
    assert quiet_until(ALABAMA, christmas).barring == ("US-AL",)


def test_a_number_with_two_candidate_zones_waits_for_the_later_clock() -> None:
    """The Florida panhandle has two: nothing before 08:00 in Chicago, nothing from 20:00 in New York on."""
    morning = datetime(2026, 7, 15, 8, tzinfo=NEW_YORK)
    evening = datetime(2026, 7, 15, 19, tzinfo=CHICAGO)

    assert quiet_until(PANHANDLE, morning).zones == ("America/New_York", "America/Chicago")
    assert quiet_until(PANHANDLE, morning).retry_at == morning.replace(tzinfo=CHICAGO)
    assert not quiet_until(PANHANDLE, evening - MICROSECOND).quiet
    assert quiet_until(PANHANDLE, evening).quiet


def test_the_strictest_of_every_law_in_question_wins() -> None:
    """A number of Texas with a home in Rhode Island: Sunday is closed, Saturday is 10 to 17, weekdays 9 to 18."""
    saturday = datetime(2026, 7, 18, 9, 30, tzinfo=NEW_YORK)
    verdict = quiet_until(TEXAS, saturday, postcode="02903")

    assert verdict.rows == ("US", "US-TX", "US-RI")
    assert verdict.zones == ("America/New_York",)
    assert verdict.retry_at == saturday.replace(hour=10, minute=0)
    assert verdict.barring == ("US-RI",)


def test_a_zone_on_record_tells_the_time_better_than_the_number() -> None:
    """At noon in New York it is morning in California, and 06:00 in Honolulu."""
    assert not quiet_until(CALIFORNIA, NOON).quiet
    assert quiet_until(CALIFORNIA, NOON, zone="Pacific/Honolulu").quiet
    assert quiet_until(CALIFORNIA, NOON, zone="Pacific/Honolulu", postcode="10001").zones == (
        "Pacific/Honolulu",
    )
    assert [time.hour for time in quiet_until(CALIFORNIA, NOON, zone="Asia/Tokyo").local_times] == [
        1
    ]


def test_a_toll_free_number_is_texted_when_all_the_states_are_awake() -> None:
    """Nobody knows where its holder is: from 08:00 in Honolulu and Adak to 20:00 in St. John's."""
    verdict = quiet_until(TOLL_FREE, NOON)

    assert verdict.retry_at == datetime(2026, 7, 15, 18, tzinfo=UTC)
    assert quiet_until(TOLL_FREE, datetime(2026, 7, 15, 22, 30, tzinfo=UTC)).quiet
    assert verdict.rows == ("default", "US")


def test_a_number_of_no_country_is_never_texted_until_a_zone_is_known() -> None:
    """A satellite phone: fail closed, and say so by an answer without a time."""
    satellite = PhoneNumber(e164="+8705550100")

    assert quiet_until(satellite, NOON).quiet
    assert quiet_until(satellite, NOON).retry_at is None
    assert quiet_until(satellite, NOON).zones == ()
    assert not quiet_until(satellite, NOON, zone="Europe/London").quiet


def test_hours_that_never_meet_have_no_next_time() -> None:
    """A program's own row at night: nothing is found within the horizon, and the search ends."""
    night = own_row("program", {"mon-sun": "02:00-03:00"})

    verdict = quiet_until(NEW_JERSEY, NOON, also=[night])

    assert (verdict.quiet, verdict.retry_at) == (True, None)
    assert verdict.barring == ("program",)


def test_a_program_can_keep_sundays_free_until_noon() -> None:
    """Its own row is weighed with the law's, and named."""
    late = own_row("late-sunday", {"mon-sat": "00:00-24:00", "sun": "12:00-20:00"})
    sunday = datetime(2026, 7, 19, 9, tzinfo=NEW_YORK)

    verdict = quiet_until(NEW_JERSEY, sunday, also=[late])

    assert verdict.retry_at == sunday.replace(hour=12)
    assert verdict.barring == ("late-sunday",)


@given(
    area=st.sampled_from(sorted(places().areas)),
    hour=st.integers(0, 24 * 400),
    opens=st.integers(0, 22),
    hours=st.integers(1, 23),
)
def test_a_programs_own_hours_never_let_out_what_the_law_holds_back(
    area: str, hour: int, opens: int, hours: int
) -> None:
    """Whatever they are."""
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
    own = own_row("own", {"mon-sun": f"{opens:02d}:00-{min(opens + hours, 24):02d}:00"})
    alone, both = quiet_until(_us(area), now), quiet_until(_us(area), now, also=[own])

    assert both.quiet or not alone.quiet
    assert both.retry_at is None or not quiet_until(_us(area), both.retry_at).quiet


@given(
    area=st.sampled_from(sorted(places().areas)),
    zip3=st.sampled_from(sorted(places().zips)),
    hour=st.integers(0, 24 * 400),
)
def test_evidence_of_a_home_adds_laws_and_takes_none_away(area: str, zip3: str, hour: int) -> None:
    """Every row the number brings is still weighed, but for the default once both states are firm."""
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
    alone, homed = quiet_until(_us(area), now), quiet_until(_us(area), now, postcode=f"{zip3}01")

    assert set(alone.rows) - {"default"} <= set(homed.rows)
    assert (
        homed.retry_at is None
        or not quiet_until(_us(area), homed.retry_at, postcode=f"{zip3}01").quiet
    )


@pytest.mark.parametrize("area", sorted(places().areas))
def test_every_area_code_has_a_decent_hour_on_a_working_day(area: str) -> None:
    """No set of zones is so wide, no set of laws so strict, that nothing is ever sent."""
    retry_at = quiet_until(_us(area), datetime(2026, 7, 15, 2, tzinfo=UTC)).retry_at

    assert retry_at is None or retry_at < datetime(2026, 7, 17, tzinfo=UTC)


def test_every_country_has_a_decent_hour_within_a_week() -> None:
    """Even the eleven zones of Russia and Kazakhstan share some."""
    now = datetime(2026, 7, 15, 2, tzinfo=UTC)
    never = []
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        verdict = quiet_until(PhoneNumber(e164=f"+{code}55501000"), now)
        if verdict.quiet and (verdict.retry_at is None or verdict.retry_at - now > HORIZON / 2):
            never.append(regions)

    assert set(never) == {("001",)}


def test_the_time_asked_about_must_have_a_zone() -> None:
    """A time without one would be read as that of the machine."""
    with pytest.raises(ValueError, match="no zone"):
        quiet_until(NEW_JERSEY, datetime(2026, 7, 15))  # noqa: DTZ001


def test_an_instant_is_the_same_in_whatever_zone_it_is_given() -> None:
    """And the answer is in UTC."""
    verdict = quiet_until(NEW_JERSEY, NOON.astimezone(ZoneInfo("Asia/Tokyo")))

    assert verdict == quiet_until(NEW_JERSEY, NOON)
    assert verdict.at.tzinfo is UTC
