"""Is it quiet where this person is, and until when?

The recipient's clock decides, not an offset. Each candidate zone is read on its own, through gaps and
folds; a text may be sent at an instant at which every zone is within the hours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import ceil, floor
from zoneinfo import ZoneInfo

from app.core.phone import PhoneNumber
from app.core.quiet_hours.places import clock, whereabouts
from app.core.quiet_hours.windows import Hours, Row, windows

HORIZON = timedelta(days=14)
"""How far ahead an allowed instant is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer, with what it rests on.

    Attributes:
        at: the instant asked about. UTC.
        quiet: whether nothing may be sent at that instant.
        retry_at: the first instant after it at which a text may be sent, UTC. `None` when it is not
            quiet, and when it stays quiet for longer than the horizon: no zone is known, or the
            hours of the zones never meet.
        zones: every zone the person may be in.
        rows: the ids of every row that was weighed.
        barring: the ids of those that are closed at that instant, in one of the zones at least.
    """

    at: datetime
    quiet: bool
    retry_at: datetime | None
    zones: tuple[str, ...]
    rows: tuple[str, ...]
    barring: tuple[str, ...] = ()

    @property
    def local_times(self) -> tuple[datetime, ...]:
        """What the person's clock shows at the instant, in each of the zones."""
        return tuple(self.at.astimezone(zone) for zone in map(clock, self.zones) if zone)


def quiet_until(
    number: PhoneNumber,
    now: datetime,
    *,
    zone: str | None = None,
    postcode: str | None = None,
    also: Sequence[Row] = (),
) -> Verdict:
    """Tell whether it is quiet where a recipient is, and when it ends.

    Not to be asked before a confirmation of a STOP, or another direct answer to what a person wrote.

    Args:
        number: the recipient's.
        now: the instant, aware.
        zone: the IANA zone a record of the person gives, if one does.
        postcode: the ZIP code a record of the person gives, if one does.
        also: rows of the program's own (`own_row`), which can only make the hours shorter.

    Raises:
        ValueError: `now` has no zone.
    """
    if now.tzinfo is None:
        raise ValueError("now has no zone")
    at = now.astimezone(UTC)
    where = whereabouts(number, zone=zone, postcode=postcode)
    hours = _hours(where.places)
    if also:
        hours = Hours.of((*hours.rows, *also))
    zones = [found for found in map(clock, where.zones) if found is not None]
    opened = opening(hours, zones, at, at + HORIZON) if zones else None
    quiet = opened != at
    return Verdict(
        at=at,
        quiet=quiet,
        retry_at=opened if quiet else None,
        zones=where.zones,
        rows=tuple(row.id for row in hours.rows),
        barring=_barring(hours, zones, at) if quiet else (),
    )


@lru_cache(maxsize=1024)
def _hours(places: tuple[str, ...]) -> Hours:
    return Hours.of(windows().governing(places))


def _barring(hours: Hours, zones: Sequence[ZoneInfo], at: datetime) -> tuple[str, ...]:
    walls = [at.astimezone(zone) for zone in zones]
    return tuple(row.id for row in hours.rows if not all(map(row.opens, walls)))


def opening(
    hours: Hours, zones: Sequence[ZoneInfo], instant: datetime, end: datetime
) -> datetime | None:
    """Return the first instant, from the one given, at which all zones are open; `None` when there is none by the end.

    No zone opens between the instant asked about and its own next opening, so the latest of these is
    the earliest that can be common; it is asked about in turn until no zone moves it.

    Args:
        hours: what the clock of each zone must show.
        zones: one or more.
        instant: from when. UTC.
        end: until when to look. UTC.
    """
    agreed = 0
    while agreed < len(zones):
        for zone in zones:
            opened = _opening_in(zone, hours, instant, end)
            if opened is None:
                return None
            agreed = agreed + 1 if opened == instant else 1
            instant = opened
    return instant


def _opening_in(zone: ZoneInfo, hours: Hours, instant: datetime, end: datetime) -> datetime | None:
    while instant <= end:
        local = instant.astimezone(zone)
        wait = hours.wait(local)
        if not wait:
            return instant
        instant = _run_on(zone, instant, wait, local.utcoffset())
    return None


def _run_on(
    zone: ZoneInfo, instant: datetime, wait: timedelta, offset: timedelta | None
) -> datetime:
    """Let the clock of a zone run on, at most until it is put forward or back.

    Args:
        zone: whose clock.
        instant: from when. UTC.
        wait: how long, at most a day. No zone changes its offset and changes it back within a day.
        offset: the zone's offset at the instant.

    Returns:
        The instant at the end of the wait or, where the clock was set meanwhile, the first one after
        that: what was to come by the old clock need not come by the new one.
    """
    later = instant + wait
    if later.astimezone(zone).utcoffset() == offset:
        return later
    # Clocks are set at whole seconds: halve the wait until the second is found.
    before, after = floor(instant.timestamp()), ceil(later.timestamp())
    while after - before > 1:
        middle = (before + after) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return datetime.fromtimestamp(after, UTC)
