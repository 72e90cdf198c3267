"""The ten business days within which a revocation must be honoured: 47 CFR 64.1200(a)(10), (d)(3)."""

from datetime import date, timedelta

WITHIN = 10
"""Business days from the request. Ours takes effect at once; the date is for whoever asks."""

_SATURDAY = 5


def deadline(requested: date, days: int = WITHIN) -> date:
    """Return the last day on which a request may still be honoured.

    Monday to Friday count, from the day after the request. Federal holidays are counted as business days, so the
    date is never later than the law's.
    """
    day = requested
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < _SATURDAY
    return day
