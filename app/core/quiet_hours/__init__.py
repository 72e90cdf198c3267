"""Is it a decent hour where this person is? Windows of local time as dated, sourced data."""

from app.core.quiet_hours.places import Whereabouts, clock, whereabouts
from app.core.quiet_hours.verdict import HORIZON, Verdict, quiet_until
from app.core.quiet_hours.windows import Row, WindowError, own_row, windows

__all__ = [
    "HORIZON",
    "Row",
    "Verdict",
    "Whereabouts",
    "WindowError",
    "clock",
    "own_row",
    "quiet_until",
    "whereabouts",
    "windows",
]
