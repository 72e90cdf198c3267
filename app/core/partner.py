"""Lists exchanged under a partner's key: two companies find the numbers they share, and show each other no others.

A phone number has so few digits that its plain MD5 or SHA-256 is undone in seconds by hashing them all. A keyed hash
is not, for whoever lacks the key; the two partners themselves can test any number they choose.
"""

import hmac
from hashlib import sha256

from app.core.errors import WeakPartnerKey
from app.core.phone import PhoneNumber

LEAST_BYTES = 32
_LEAST_VARIETY = 10  # different bytes: fewer are no accident


class PartnerKey:
    """The key that two companies share.

    Args:
        written: what stands in the key's file; a line end at its end does not count.

    Raises:
        WeakPartnerKey: it is shorter than 32 bytes, or plainly not random.
    """

    def __init__(self, written: bytes) -> None:
        secret = written.rstrip(b"\r\n")
        if len(secret) < LEAST_BYTES or len(set(secret)) < _LEAST_VARIETY:
            raise WeakPartnerKey(
                f"a partner's key is at least {LEAST_BYTES} random characters: `openssl rand -hex 32` makes one"
            )
        self._hashing = hmac.new(secret, digestmod=sha256)

    def hash(self, number: PhoneNumber) -> bytes:
        """Return HMAC-SHA-256 of the number in E.164, 32 bytes: equal phones have equal hashes."""
        hashing = self._hashing.copy()
        hashing.update(number.key_form.encode())
        return hashing.digest()
