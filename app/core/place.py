"""Where a person lives, as far as their consent tells: what quiet hours need, and no more."""

import json
from dataclasses import dataclass

from app.core.evidence import Consent


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a person is.

    Attributes:
        postcode: such as a US ZIP code.
        time_zone: an IANA name.
    """

    postcode: str | None = None
    time_zone: str | None = None

    @classmethod
    def of(cls, consent: Consent | None) -> "Place | None":
        """Return what a consent tells; `None`: nothing."""
        if consent is None or not (consent.postcode or consent.time_zone):
            return None
        return cls(postcode=consent.postcode, time_zone=consent.time_zone)


def dumps(place: Place) -> str:
    """Write a place down, for the vault."""
    return json.dumps([place.postcode, place.time_zone])


def loads(written: str) -> Place:
    """Read what `dumps` wrote."""
    postcode, time_zone = json.loads(written)
    return Place(postcode=postcode, time_zone=time_zone)
