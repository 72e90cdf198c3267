"""Times as programs read them."""

from datetime import datetime


def timestamp(at: datetime | None) -> str | None:
    """Write an aware UTC time down, such as `2026-06-05T12:00:00Z`; `None` stays `None`."""
    return at.isoformat().replace("+00:00", "Z") if at else None
