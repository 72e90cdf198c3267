"""Public holidays, worked out from a few words a day.

A calendar is data: `"07-04"`, `"3 mon 01"`, `"last mon 05"`, `"easter+39"`. Where a holiday that
falls on a weekend is kept on a neighbouring weekday, both days are holidays here.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FIXED = re.compile(r"(\d\d)-(\d\d)")
_FLOATING = re.compile(r"([1-4]|last) (mon|tue|wed|thu|fri|sat|sun) (0[1-9]|1[0-2])")
_MOVABLE = re.compile(r"easter([+-]\d{1,2})")
_OBSERVED = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)-(mon|tue|wed|thu|fri|sat|sun)")
_LEAP_YEAR = 2028


class CalendarError(ValueError):
    """A calendar is malformed; the message repeats the word that is not understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The public holidays of one country.

    Attributes:
        name: the country's code.
        days: one rule a holiday, as the module's first words show.
        observed: by weekday number (Monday is 0) on which a holiday falls, by how many days the day
            on which it is kept lies from it.
    """

    name: str
    days: tuple[str, ...]
    observed: tuple[tuple[int, int], ...] = ()

    def holds(self, day: date) -> bool:
        """Tell whether the day is a holiday, or one on which a holiday is kept."""
        return day in _of_year(self, day.year)


def calendar(name: str, days: tuple[str, ...], observed: str) -> Calendar:
    """Check the words of a calendar.

    Args:
        name: the country's code.
        days: the rules.
        observed: pairs such as `"sat-fri sun-mon"`; empty when a holiday is never moved.

    Raises:
        CalendarError: a word is not understood.
    """
    for rule in days:
        _check(name, rule)
    return Calendar(name=name, days=days, observed=_moves(name, observed))


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (the anonymous computus of 1876)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leaps, leap_rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - correction + 15) % 30
    quarter, quarter_rest = divmod(rest, 4)
    weekday = (32 + 2 * leap_rest + 2 * quarter - epact - quarter_rest) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _check(name: str, rule: str) -> None:
    fixed = _FIXED.fullmatch(rule)
    if fixed:
        try:
            date(_LEAP_YEAR, int(fixed.group(1)), int(fixed.group(2)))
        except ValueError as error:
            raise CalendarError(f"calendar {name}: {rule!r} is no day of a year") from error
    elif not (_FLOATING.fullmatch(rule) or _MOVABLE.fullmatch(rule)):
        raise CalendarError(f"calendar {name}: {rule!r} is not understood")


def _moves(name: str, observed: str) -> tuple[tuple[int, int], ...]:
    moves: list[tuple[int, int]] = []
    for pair in observed.split():
        match = _OBSERVED.fullmatch(pair)
        if match is None:
            raise CalendarError(f"calendar {name}: observed {pair!r} is not understood")
        falls, kept = (WEEKDAYS.index(word) for word in match.groups())
        # The nearest such weekday: Friday lies a day before Saturday, Monday a day after Sunday.
        moves.append((falls, (kept - falls + 3) % 7 - 3))
    return tuple(moves)


def _falls(rule: str, year: int) -> date | None:
    """Return the day a rule gives in a year; `None` for 29 February of a common year."""
    if match := _FIXED.fullmatch(rule):
        try:
            return date(year, int(match.group(1)), int(match.group(2)))
        except ValueError:
            return None
    if match := _MOVABLE.fullmatch(rule):
        return easter(year) + timedelta(days=int(match.group(1)))
    which, weekday, month = rule.split()
    first = date(year, int(month), 1)
    first += timedelta(days=(WEEKDAYS.index(weekday) - first.weekday()) % 7)
    if which != "last":
        return first + timedelta(weeks=int(which) - 1)
    fifth = first + timedelta(weeks=4)
    return fifth if fifth.month == first.month else first + timedelta(weeks=3)


@lru_cache(maxsize=64)
def _of_year(calendar: Calendar, year: int) -> frozenset[date]:
    """Return the holidays of a year; a New Year's Day kept on 31 December belongs to the year before."""
    found: set[date] = set()
    for rule_year in (year, year + 1):
        for rule in calendar.days:
            day = _falls(rule, rule_year)
            if day is not None:
                found.add(day)
                found |= {
                    day + timedelta(days=move)
                    for weekday, move in calendar.observed
                    if weekday == day.weekday()
                }
    return frozenset(day for day in found if day.year == year)
