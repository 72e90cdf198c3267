"""Where a recipient may be: places, whose laws hold, and zones, whose clocks are read.

A number says little. A mobile number keeps its area code when its holder moves, and many areas have
two zones; every candidate counts. What a consent record says of a person (a zone, a ZIP code) is
better evidence of the clock than the number, but takes away none of the laws the number points to.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import timezone as number_zones
from phonenumbers.tzdata import TIMEZONE_DATA

from app.core.phone import PhoneNumber

_NANP = "+1"
_ZIP = re.compile(r"\s*(\d{3})\d{2}(-?\d{4})?\s*", re.ASCII)
_PLACE = re.compile(r"[A-Z]{2}(-[A-Z]{2})?")
_CODE = re.compile(r"(\d{3})(?:-(\d{3}))?")
_FIELDS = {"place", "zone", "areas", "zips"}


class PlaceError(ValueError):
    """The table of places is malformed; the message names the block."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where someone may be.

    Attributes:
        places: countries, or parts of one, whose rows concern the person.
        zones: names of the zones whose clocks the person may read; empty when nothing is known.
    """

    places: tuple[str, ...]
    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """The whole table.

    Attributes:
        areas: by area code of the North American plan.
        zips: by the first three digits of a ZIP code.
        beyond: for an area code that says nothing.
    """

    areas: Mapping[str, Whereabouts]
    zips: Mapping[str, Whereabouts]
    beyond: Whereabouts


def whereabouts(
    number: PhoneNumber, *, zone: str | None = None, postcode: str | None = None
) -> Whereabouts:
    """Return every place and zone where the holder of a number may be.

    Args:
        number: the recipient's.
        zone: the IANA zone a record of the person gives. It alone tells the time; a name that is no
            zone counts for nothing.
        postcode: the ZIP code a record of the person gives. It is read beside a number of the United
            States or Canada, and of an area code that says nothing; any other postcode counts for
            nothing, since 75001 is Paris as well as Texas.
    """
    found = _of_number(number)
    if postcode is not None and found.places and found.places[0][:3] in ("US-", "CA-"):
        match = _ZIP.fullmatch(postcode)
        home = places().zips.get(match.group(1)) if match else None
        if home is not None:
            laws = () if found is places().beyond else found.places
            found = Whereabouts(tuple(dict.fromkeys((*laws, *home.places))), home.zones)
    if zone is not None and clock(zone) is not None:
        return Whereabouts(found.places, (zone,))
    return found


@lru_cache(maxsize=1024)
def clock(name: str) -> ZoneInfo | None:
    """Return the zone of this IANA name; `None` when there is none.

    Raises nothing: a name may come from a form that a person filled in.
    """
    if not name.isascii() or name.upper() in ("LOCALTIME", "POSIXRULES"):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def build(text: str) -> Places:
    """Check and read a table of places.

    Args:
        text: TOML, as in `places.toml`.

    Raises:
        PlaceError: the text is no TOML, or a block is malformed.
    """
    try:
        return _read(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PlaceError(str(error)) from error
    except KeyError as error:
        raise PlaceError(f"the table has no {error.args[0]}") from error
    except (AttributeError, TypeError) as error:
        raise PlaceError("the table is not of the shape of places.toml") from error


@lru_cache(maxsize=1)
def places() -> Places:
    """Load the table that ships with the package, once."""
    return build((files("app.core.quiet_hours") / "places.toml").read_text(encoding="utf-8"))


def _read(raw: Mapping[str, Any]) -> Places:
    if not all(raw[field] for field in ("edition", "source", "checked", "confidence")):
        raise PlaceError("the table does not say where it comes from")
    beyond = Whereabouts((raw["beyond"]["place"],), tuple(raw["beyond"]["zones"]))
    _check("beyond", beyond)
    areas: dict[str, Whereabouts] = {}
    zips: dict[str, Whereabouts] = {}
    for block in raw["where"]:
        name = f"{block.get('place', 'a block without place')} in {block.get('zone', 'no zone')}"
        if not {"place", "zone"} <= set(block) <= _FIELDS:
            raise PlaceError(f"{name}: a block has place, zone, areas and zips")
        here = Whereabouts((block["place"],), (block["zone"],))
        _check(name, here)
        for index, field in ((areas, "areas"), (zips, "zips")):
            for code in _codes(name, block.get(field, "")):
                index[code] = _joined(index.get(code), here)
    return Places(areas, zips, beyond)


def _check(name: str, where: Whereabouts) -> None:
    for place in where.places:
        if not _PLACE.fullmatch(place):
            raise PlaceError(f"{name}: {place} is no place, such as US-TX or JM")
    for zone in where.zones:
        if clock(zone) is None:
            raise PlaceError(f"{name}: {zone!r} is no zone of the IANA data on this machine")


def _codes(name: str, written: str) -> list[str]:
    """Read `"200-203 569"` as single codes."""
    codes: list[str] = []
    for word in written.split():
        match = _CODE.fullmatch(word)
        first, last = (match.group(1), match.group(2) or match.group(1)) if match else ("1", "0")
        if first > last:
            raise PlaceError(f"{name}: {word!r} is neither three digits nor a range of them")
        codes += [f"{code:03d}" for code in range(int(first), int(last) + 1)]
    return codes


def _joined(one: Whereabouts | None, other: Whereabouts) -> Whereabouts:
    if one is None:
        return other
    return Whereabouts(
        tuple(dict.fromkeys((*one.places, *other.places))),
        tuple(dict.fromkeys((*one.zones, *other.zones))),
    )


def _of_number(number: PhoneNumber) -> Whereabouts:
    e164 = number.e164
    if e164.startswith(_NANP):
        table = places()
        return table.areas.get(e164[2:5], table.beyond)
    country, length = _of_country(e164[1:4])
    if country.zones[1:]:
        return Whereabouts(country.places, _zones(e164, length) or country.zones)
    return country


def _zones(e164: str, length: int) -> tuple[str, ...]:
    """Return the zones phonenumbers gives a number: those of its city, or all of its country for a mobile.

    Empty when it does not know the number.

    Args:
        e164: the number.
        length: how many digits its country code has.
    """
    national = e164[1 + length :]
    zeros = len(national) - len(national.lstrip("0"))
    # Put together by hand: a parse of what is canonical already costs more than the look-up.
    number = phonenumbers.PhoneNumber(
        country_code=int(e164[1 : 1 + length]),
        national_number=int(national),
        italian_leading_zero=zeros > 0,
        number_of_leading_zeros=zeros or None,
    )
    found = number_zones.time_zones_for_number(number)
    return tuple(name for name in found if clock(name) is not None)


@lru_cache(maxsize=1024)
def _of_country(digits: str) -> tuple[Whereabouts, int]:
    """Return the countries that share the country code these digits begin with, all their zones, and its length."""
    for length in (1, 2, 3):
        code = digits[:length]
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code))
        if regions is not None and not code.startswith("0"):
            # A name that is newer than the zones of this machine is passed over.
            names = TIMEZONE_DATA.get(code, ())
            zones = tuple(name for name in names if clock(name) is not None)
            # A satellite or freephone code belongs to no country.
            return Whereabouts(tuple(r for r in regions if r.isalpha()), zones), length
    return Whereabouts((), ()), 0
