"""Spans of time as people write them: `2d`, `12h`, `90m`, or a date."""

import re
from datetime import UTC, datetime, timedelta

import click

_SPAN = re.compile(r"(\d{1,5})([dhm])")
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}


class Since(click.ParamType):  # type: ignore[type-arg]  # generic only in newer versions
    """A span before now, or a date in UTC, as an aware instant."""

    name = "span or date"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read it."""
        if isinstance(value, datetime):
            return value
        span = _SPAN.fullmatch(value.strip())
        now = datetime.now(UTC)
        if span:
            return now - int(span.group(1)) * _UNITS[span.group(2)]
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            self.fail("must be a span such as 2d, 12h or 90m, or a date", param, ctx)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if moment > now:
            self.fail("lies in the future", param, ctx)
        return moment
