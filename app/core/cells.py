"""What a cell of somebody's table means: a number that a spreadsheet may have spoilt, a date in one of many ways."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime

from app.core.errors import InvalidNumber, UnreadableRow
from app.core.phone import PhoneNumber, canonical

_MARKED = re.compile(r"[eE'=]|\.0*$")
_AS_TEXT = re.compile(r'="(.*)"|\'+(.*)')
_SCIENTIFIC = re.compile(r"[+-]?([0-9])(?:[.,]([0-9]*))?[eE]\+?([0-9]{1,2})")
_POINT_ZERO = re.compile(r"([+0-9][0-9]*)\.0*")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ][0-9]{2}:[0-9]{2}\S*(?: ?(?:UTC|Z))?)?")
_RFC_3339 = re.compile(r"[0-9-]{10}T[0-9:.]{8,15}Z")
_SLASHED = re.compile(
    r"([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{4})"
    r"(?:,? +([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))? ?([AaPp][Mm])?)?"
)
_EPOCH = re.compile(r"[0-9]{9,10}(?:\.[0-9]+)?|[0-9]{12,13}")
_RFC_2822 = re.compile(r"[A-Z][a-z]{2}, [0-9].*")
_MOST_MONTHS = 12
_NOON = 12
_EPOCH_SECONDS = 10

FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet takes for a formula, or for one that was made harmless."""


def number(cell: str, region: str) -> PhoneNumber:
    """Read a phone number as a spreadsheet may have left it.

    Args:
        cell: in any usual spelling; with the apostrophe, the `="..."` or the `.0` of spreadsheets.
        region: two-letter region of numbers without a country code.

    Raises:
        InvalidNumber: it is none, or its last digits are lost.
    """
    return canonical(_whole(cell.strip()) if _MARKED.search(cell) else cell, region)


def _whole(cell: str) -> str:
    if text := _AS_TEXT.fullmatch(cell):
        cell = text[1] if text[1] is not None else text[2]
    if scientific := _SCIENTIFIC.fullmatch(cell):
        digit, rest, exponent = scientific[1], scientific[2] or "", int(scientific[3])
        if len(rest) != exponent:
            raise InvalidNumber(
                "a spreadsheet wrote the number in scientific notation, and its last digits are lost: "
                "format the column as text in the original, then save it anew"
            )
        return digit + rest
    if pointed := _POINT_ZERO.fullmatch(cell):
        return pointed[1]
    return cell


def harmless(cell: str) -> str:
    """Write what came from people so that no spreadsheet takes it for a formula."""
    return "'" + cell if FORMULA.match(cell) else cell


def meant(cell: str) -> str:
    """Read what `harmless` wrote."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """How dates are read.

    Attributes:
        zone: of times that name none.
        month_first: whether `05/06/2026` is the sixth of May; `None`: it is not known.
    """

    zone: tzinfo = UTC
    month_first: bool | None = None

    def moment(self, cell: str) -> datetime:
        """Read a time: RFC 3339, RFC 2822, a date with or without a time, seconds or milliseconds since 1970.

        Raises:
            UnreadableRow: it is none of these, or could be two.
        """
        written = cell.strip()
        if _RFC_3339.fullmatch(written):  # as most programs write it
            with suppress(ValueError):
                return datetime.fromisoformat(written)
        for form, read in _FORMS:
            if form.fullmatch(written):
                try:
                    found = read(self, written)
                except (ValueError, OverflowError, OSError):
                    break
                if found.tzinfo is UTC:
                    return found
                return (found if found.tzinfo else found.replace(tzinfo=self.zone)).astimezone(UTC)
        raise UnreadableRow(
            "this is no date that can be read: write it as 2026-01-31 or 2026-01-31T16:30:00Z"
        )

    def _iso(self, written: str) -> datetime:
        bare = written.removesuffix("UTC").rstrip()
        found = datetime.fromisoformat(bare)
        return found.replace(tzinfo=UTC) if bare != written else found

    def _slashed(self, written: str) -> datetime:
        parts = _SLASHED.fullmatch(written)
        assert parts is not None  # noqa: S101  # the form was matched
        first, second, year = int(parts[1]), int(parts[2]), int(parts[3])
        month_first = self.month_first
        if max(first, second) > _MOST_MONTHS or first == second:
            month_first = second > _MOST_MONTHS or first == second
        if month_first is None:
            raise UnreadableRow(
                "this date could be two: write it as 2026-01-31, or say --dates month-first or day-first"
            )
        month, day = (first, second) if month_first else (second, first)
        hour, minute, seconds = int(parts[4] or 0), int(parts[5] or 0), int(parts[6] or 0)
        if parts[7]:
            if not 1 <= hour <= _NOON:
                raise ValueError("no such hour")
            hour = hour % _NOON + (_NOON if parts[7].lower() == "pm" else 0)
        return datetime(year, month, day, hour, minute, seconds)  # noqa: DTZ001  # the zone comes after

    def _epoch(self, written: str) -> datetime:
        whole = len(written.partition(".")[0])
        seconds = float(written) if whole <= _EPOCH_SECONDS else int(written) / 1000
        return datetime.fromtimestamp(seconds, UTC)

    def _mailed(self, written: str) -> datetime:
        return parsedate_to_datetime(written)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[Calendar, str], datetime]], ...] = (
    (_ISO, Calendar._iso),
    (_EPOCH, Calendar._epoch),
    (_SLASHED, Calendar._slashed),
    (_RFC_2822, Calendar._mailed),
)
