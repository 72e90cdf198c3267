"""When texts may be sent, by place: rows of dated, sourced data, and their strictest reading.

A row speaks of wall-clock time where the recipient is. A window takes in its opening minute and
leaves out its closing one: nothing is sent at 21:00 sharp where the hours end at 21:00.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

from app.core.quiet_hours.holidays import WEEKDAYS, Calendar, CalendarError, calendar

DEFAULT = "default"
_NO_TIME = timedelta()
_PLACE = re.compile(r"[A-Z]{2}(-[A-Z]{2})?")
_SPAN = re.compile(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)")
_NEEDED = {"id", "hours", "law", "source", "checked", "confidence"}
_FIELDS = _NEEDED | {"holidays", "doubtful", "note"}
_CALENDAR_NEEDED = {"days", "source", "checked", "confidence"}
_MINUTES = 24 * 60

Span = tuple[int, int]
"""The minutes after midnight at which a day opens and closes; equal when it does not open."""

CLOSED: Span = (0, 0)
OPEN: Span = (0, _MINUTES)


class WindowError(ValueError):
    """The table of windows is malformed; the message names the row."""


class Confidence(StrEnum):
    """How well a row is known."""

    VERIFIED = "verified"  # read in the primary text
    SECONDARY = "secondary"  # read in what others write of it
    MEMORY = "memory"  # neither


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The hours of one place, or those a program sets itself.

    Attributes:
        id: the place, such as `US-TX`; `default`; or whatever a program calls its own.
        week: seven spans, Monday first.
        holidays: the calendar on whose days nothing may be sent.
        law: what sets the hours.
        source: where we have them from.
        checked: when the source was last looked at.
        confidence: how well the row is known.
        doubtful: the sources are weak, contradict each other or speak of voice calls.
        note: what else there is to know.
    """

    id: str
    week: tuple[Span, ...]
    holidays: Calendar | None = None
    law: str = ""
    source: str = ""
    checked: date | None = None
    confidence: Confidence = Confidence.VERIFIED
    doubtful: bool = False
    note: str = ""

    @property
    def firm(self) -> bool:
        """Whether the row may stand without the default: it is neither doubtful nor from memory."""
        return not self.doubtful and self.confidence is not Confidence.MEMORY

    def opens(self, wall: datetime) -> bool:
        """Tell whether the row lets a text be sent when the recipient's clock shows this."""
        opens, closes = self.week[wall.weekday()]
        if not opens <= wall.hour * 60 + wall.minute < closes:
            return False
        return self.holidays is None or not self.holidays.holds(wall.date())


@dataclass(frozen=True, slots=True)
class Hours:
    """The strictest reading of several rows: what all of them allow.

    Attributes:
        rows: the rows.
        week: seven spans, Monday first.
        calendars: the calendars on whose days nothing may be sent.
    """

    rows: tuple[Row, ...]
    week: tuple[Span, ...]
    calendars: tuple[Calendar, ...]

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Hours":
        """Read rows together; none at all allow every hour."""
        rows = tuple(rows)
        week = tuple(_common(row.week[day] for row in rows) for day in range(7))
        return cls(rows, week, tuple(dict.fromkeys(row.holidays for row in rows if row.holidays)))

    def wait(self, wall: datetime) -> timedelta:
        """Return how long the recipient's clock must run on before a text may be sent.

        Zero when it may be sent at once. Never looks past midnight: when the day does not open any
        more, it is the time to the end of the day.

        Args:
            wall: what the clock shows; a zone that comes with it is not looked at.
        """
        opens, closes = self.week[wall.weekday()]
        minute = wall.hour * 60 + wall.minute
        if minute >= closes or (self.calendars and self._barred(wall.date())):
            until = _MINUTES
        elif minute >= opens:
            return _NO_TIME
        else:
            until = opens
        return timedelta(
            minutes=until - minute, seconds=-wall.second, microseconds=-wall.microsecond
        )

    def _barred(self, day: date) -> bool:
        return any(each.holds(day) for each in self.calendars)


@dataclass(frozen=True, slots=True)
class Windows:
    """The whole table.

    Attributes:
        edition: the name of this state of the table.
        default: the row for where nothing firm is known.
        rows: the others, by place.
        calendars: holidays, by country.
    """

    edition: str
    default: Row
    rows: Mapping[str, Row]
    calendars: Mapping[str, Calendar]

    def governing(self, places: Iterable[str]) -> tuple[Row, ...]:
        """Return the rows that concern someone who may be in any of these places.

        A part of a country has the country's row and its own. The default is among them unless each
        place, taken by itself, has a firm row.
        """
        places = tuple(places)
        # A country's own row says nothing of its parts: New York has none, so the default holds.
        certain = bool(places) and all(self._firmly(place) for place in places)
        ids = dict.fromkeys(name for place in places for name in (place[:2], place))
        rows = tuple(self.rows[name] for name in ids if name in self.rows)
        return rows if certain else (self.default, *rows)

    def _firmly(self, place: str) -> bool:
        return place in self.rows and self.rows[place].firm


def own_row(name: str, hours: Mapping[str, str]) -> Row:
    """Make a row of hours that a program sets itself.

    Args:
        name: what the answer shall call it.
        hours: spans by weekdays, such as `{"mon-sat": "09:00-19:00", "sun": "closed"}`.

    Raises:
        WindowError: a word is not understood, or a weekday is missing or stands twice.
    """
    return Row(id=name, week=_week(name, hours))


def build(text: str) -> Windows:
    """Check and read a table of windows.

    Args:
        text: TOML, as in `windows.toml`.

    Raises:
        WindowError: the text is no TOML, or a row is malformed; the message names the row.
    """
    try:
        raw = tomllib.loads(text)
        calendars = {name: _calendar(name, table) for name, table in raw["calendar"].items()}
        default = _row({"id": DEFAULT, **raw["default"]}, calendars)
        rows = [_row(table, calendars) for table in raw["row"]]
        edition = str(raw["edition"])
    except (tomllib.TOMLDecodeError, CalendarError) as error:
        raise WindowError(str(error)) from error
    except KeyError as error:
        raise WindowError(f"the table has no {error.args[0]}") from error
    except (AttributeError, TypeError) as error:
        raise WindowError("the table is not of the shape of windows.toml") from error
    by_place = {row.id: row for row in rows}
    if len(by_place) < len(rows):
        raise WindowError("two rows have the same id")
    for place in by_place:
        if not _PLACE.fullmatch(place):
            raise WindowError(f"{place}: the id is no place, such as US or US-TX")
    return Windows(edition, default, by_place, calendars)


@lru_cache(maxsize=1)
def windows() -> Windows:
    """Load the table that ships with the package, once."""
    return build((files("app.core.quiet_hours") / "windows.toml").read_text(encoding="utf-8"))


def _common(spans: Iterable[Span]) -> Span:
    opens, closes = OPEN
    for span in spans:
        opens, closes = max(opens, span[0]), min(closes, span[1])
    return (opens, closes) if opens < closes else CLOSED


def _row(raw: Mapping[str, Any], calendars: Mapping[str, Calendar]) -> Row:
    name = str(raw.get("id", "a row without id"))
    _dated(name, raw, _NEEDED)
    unknown = set(raw) - _FIELDS
    if unknown:
        raise WindowError(f"{name}: unknown field {min(unknown)!r}")
    holidays = raw.get("holidays")
    if holidays is not None and holidays not in calendars:
        raise WindowError(f"{name}: there is no calendar {holidays!r}")
    if not isinstance(raw["hours"], dict):
        raise WindowError(f"{name}: hours is no table of weekdays")
    return Row(
        id=name,
        week=_week(name, raw["hours"]),
        holidays=None if holidays is None else calendars[holidays],
        law=str(raw["law"]),
        source=str(raw["source"]),
        checked=raw["checked"],
        confidence=Confidence(raw["confidence"]),
        doubtful=raw.get("doubtful", False) is True,
        note=str(raw.get("note", "")),
    )


def _dated(name: str, raw: Mapping[str, Any], needed: set[str]) -> None:
    """Refuse what does not say where it comes from, when that was looked at and how well it is known."""
    for field in sorted(needed):
        if not raw.get(field):
            raise WindowError(f"{name}: no {field}")
    if not isinstance(raw["checked"], date):
        raise WindowError(f"{name}: checked is no date")
    if raw["confidence"] not in set(Confidence):
        raise WindowError(f"{name}: confidence is none of {', '.join(Confidence)}")


def _calendar(name: str, raw: Mapping[str, Any]) -> Calendar:
    _dated(f"calendar {name}", raw, _CALENDAR_NEEDED)
    return calendar(name, tuple(raw["days"]), str(raw.get("observed", "")))


def _week(name: str, hours: Mapping[str, str]) -> tuple[Span, ...]:
    week: dict[int, Span] = {}
    for days, span in hours.items():
        first, _, last = days.partition("-")
        named = {first, last or first} <= set(WEEKDAYS)
        span_of_days = (
            range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1) if named else ()
        )
        if not span_of_days:
            raise WindowError(f"{name}: {days!r} names no weekdays, such as mon-sat or sun")
        for day in span_of_days:
            if day in week:
                raise WindowError(f"{name}: {WEEKDAYS[day]} stands twice")
            week[day] = _span(name, span)
    missing = [word for day, word in enumerate(WEEKDAYS) if day not in week]
    if missing:
        raise WindowError(f"{name}: no hours for {missing[0]}")
    return tuple(week[day] for day in range(7))


def _span(name: str, text: str) -> Span:
    if text == "closed":
        return CLOSED
    match = _SPAN.fullmatch(str(text))
    if match is None:
        raise WindowError(f"{name}: {text!r} is neither closed nor such as 08:00-20:00")
    hour, minute, last_hour, last_minute = (int(part) for part in match.groups())
    opens, closes = hour * 60 + minute, last_hour * 60 + last_minute
    if not opens < closes <= _MINUTES:
        raise WindowError(f"{name}: {text!r} does not open before it closes, within a day")
    return opens, closes
