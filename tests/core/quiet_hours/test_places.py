"""Where a number or a ZIP code may be."""

import re
from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers.tzdata import TIMEZONE_DATA

from app.core.phone import PhoneNumber
from app.core.quiet_hours import clock, whereabouts
from app.core.quiet_hours.places import PlaceError, build, places

TEXT = (files("app.core.quiet_hours") / "places.toml").read_text(encoding="utf-8")
ZONES = sorted(set(re.findall(r'zone = "(.+)"', TEXT)))
NEW_JERSEY = PhoneNumber(e164="+12015550123")
PARIS = PhoneNumber(e164="+33639980123")


def _us(area: str) -> PhoneNumber:
    return PhoneNumber(e164=f"+1{area}5550123")


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        ("415", [("US-CA",), ("America/Los_Angeles",)]),
        ("219", [("US-IN",), ("America/New_York", "America/Chicago")]),
        ("270", [("US-KY",), ("America/New_York", "America/Chicago")]),
        ("423", [("US-TN",), ("America/New_York", "America/Chicago")]),
        ("915", [("US-TX",), ("America/Denver",)]),
        ("928", [("US-AZ",), ("America/Phoenix", "America/Denver")]),
        ("902", [("CA-NS", "CA-PE"), ("America/Halifax",)]),
        ("876", [("JM",), ("America/Jamaica",)]),
        ("787", [("US-PR",), ("America/Puerto_Rico",)]),
    ],
)
def test_an_area_code_has_a_state_and_every_zone_of_it(
    area: str, expected: list[tuple[str, ...]]
) -> None:
    """Also where the library of phone numbers knows one of two, or the wrong one."""
    found = whereabouts(_us(area))

    assert [found.places, found.zones] == expected


@pytest.mark.parametrize("area", ["800", "888", "500", "700", "299"])
def test_an_area_code_that_says_nothing_is_somewhere_in_the_states(area: str) -> None:
    """Toll-free, personal, unassigned: no state's law, every state's clock."""
    found = whereabouts(_us(area))

    assert found.places == ("US-XX",)
    assert {"America/St_Johns", "Pacific/Honolulu"} < set(found.zones)


def test_every_area_code_that_phonenumbers_places_is_in_the_table() -> None:
    """Among its zones is the one phonenumbers names, but for the few it is wrong about."""
    theirs = {
        code[1:]: zones for code, zones in TIMEZONE_DATA.items() if re.fullmatch(r"1\d{3}", code)
    }
    ours = places().areas
    half_year = (datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC))

    def shown(zones: tuple[str, ...]) -> set[tuple[object, ...]]:
        return {
            tuple(day.astimezone(ZoneInfo(zone)).utcoffset() for day in half_year) for zone in zones
        }

    assert set(theirs) <= set(ours)
    # New codes laid over 306 (Saskatchewan) and 407 (Orlando), given the time of a neighbour.
    wrong = {area for area in theirs if not shown(theirs[area]) & shown(ours[area].zones)}
    assert wrong == {"474", "689"}


def test_a_zip_code_has_a_state_and_zones() -> None:
    """Houston is in one zone, El Paso in another, the ranches between in either."""
    assert whereabouts(NEW_JERSEY, postcode="77002").zones == ("America/Chicago",)
    assert whereabouts(NEW_JERSEY, postcode="79901-1234").zones == ("America/Denver",)
    assert whereabouts(NEW_JERSEY, postcode="79821").zones == ("America/Chicago", "America/Denver")
    assert whereabouts(NEW_JERSEY, postcode="77002").places == ("US-NJ", "US-TX")


def test_a_home_on_record_places_a_toll_free_number() -> None:
    """The state is known after all."""
    assert whereabouts(_us("800"), postcode="02903").places == ("US-RI",)


@pytest.mark.parametrize("postcode", ["", "7700", "770021", "M5V 2T6", "00000", "09001", "77oo2"])
def test_a_postcode_that_is_no_zip_code_of_a_state_counts_for_nothing(postcode: str) -> None:
    """Nor does that of an army post office, which may be anywhere."""
    assert whereabouts(NEW_JERSEY, postcode=postcode) == whereabouts(NEW_JERSEY)


def test_a_french_postcode_is_no_zip_code() -> None:
    """75001 is the Louvre, and a suburb of Dallas."""
    assert whereabouts(PARIS, postcode="75001").zones == ("Europe/Paris",)


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "../../etc/passwd", "Zürich", "localtime", "a" * 9999]
)
def test_a_zone_that_is_none_counts_for_nothing(zone: str) -> None:
    """It may come from a form that anyone filled in."""
    assert whereabouts(NEW_JERSEY, zone=zone) == whereabouts(NEW_JERSEY)


def test_a_mobile_may_be_anywhere_in_its_country() -> None:
    """An Australian one from Perth to Lord Howe; a number of Victoria is in one zone."""
    assert {"Australia/Perth", "Australia/Lord_Howe"} < set(
        whereabouts(PhoneNumber(e164="+61491570156")).zones
    )
    assert whereabouts(PhoneNumber(e164="+61355500123")).zones == ("Australia/Sydney",)


def test_a_number_that_phonenumbers_does_not_know_may_be_anywhere_in_its_country() -> None:
    """The range kept for fiction in the United Kingdom is no range of any kind to it."""
    assert "Europe/London" in whereabouts(PhoneNumber(e164="+447700900123")).zones


@given(
    digits=st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True),
    zone=st.none() | st.text(),
    postcode=st.none() | st.text(),
)
def test_any_number_with_any_record_has_an_answer(
    digits: str, zone: str | None, postcode: str | None
) -> None:
    """And every zone in it can be read."""
    found = whereabouts(PhoneNumber(e164=f"+{digits}"), zone=zone, postcode=postcode)

    assert all(clock(name) is not None for name in found.zones)


def test_every_country_that_has_zones_has_some_that_can_be_read() -> None:
    """Only the codes of no country have none."""
    without = [
        regions
        for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
        if not whereabouts(PhoneNumber(e164=f"+{code}55501000")).zones
    ]

    assert set(without) == {("001",)}


def test_every_zone_is_in_the_package_of_zones_as_well() -> None:
    """A slim image has no zones of its own, and some systems leave out the old names."""
    data = pytest.importorskip("tzdata", reason="declared, yet not installed here").__name__
    theirs = {zone for zones in TIMEZONE_DATA.values() for zone in zones}

    for name in {*ZONES, *places().beyond.zones, *theirs}:
        assert (files(data) / "zoneinfo").joinpath(*name.split("/")).is_file(), name


HEAD = """
edition = "1"
source = "a source"
checked = 2026-11-23
confidence = "secondary"
[beyond]
place = "US-XX"
zones = ["America/New_York"]
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("=", "Invalid"),
        (HEAD, "no where"),
        (HEAD.replace('source = "a source"', "") + "[[where]]", "no source"),
        ('where = "JM"\n' + HEAD, "not of the shape"),
        (HEAD + '[[where]]\nplace = "Jamaica"\nzone = "America/Jamaica"', "Jamaica is no place"),
        (HEAD.replace("a source", "") + "[[where]]", "where it comes from"),
        (
            HEAD.replace("New_York", "Old_York") + "[[where]]",
            "beyond: 'America/Old_York' is no zone",
        ),
        (HEAD + '[[where]]\nplace = "JM"', "JM in no zone: a block has"),
        (HEAD + '[[where]]\nplace = "JM"\nzone = "America/Jamaica"\narea = "876"', "a block has"),
        (
            HEAD + '[[where]]\nplace = "JM"\nzone = "Jamaica/America"',
            "'Jamaica/America' is no zone",
        ),
        (
            HEAD + '[[where]]\nplace = "JM"\nzone = "America/Jamaica"\nareas = "87"',
            "'87' is neither",
        ),
        (
            HEAD + '[[where]]\nplace = "JM"\nzone = "America/Jamaica"\nzips = "200-100"',
            "'200-100' is neither",
        ),
    ],
)
def test_a_malformed_table_is_refused_in_words(text: str, words: str) -> None:
    """Naming the block and what is the matter with it."""
    with pytest.raises(PlaceError, match=words):
        build(text)
