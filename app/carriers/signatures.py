"""Signatures of webhooks: total, constant in time. Malformed is invalid, never a crash."""

import hmac
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha1, sha256
from typing import Literal

Algorithm = Literal["HMAC_SHA1", "HMAC_SHA256"]
_DIGESTS = {"HMAC_SHA1": sha1, "HMAC_SHA256": sha256}


def hmac_base64(secret: str, signed: str, algorithm: Algorithm = "HMAC_SHA1") -> str:
    """Return the Base64 of an HMAC, as Twilio writes its signatures."""
    digest = hmac.digest(_bytes(secret), _bytes(signed), _DIGESTS[algorithm])
    return b64encode(digest).decode("ascii")


def is_one_of(given: str, expected: Iterable[str]) -> bool:
    """Tell whether a signature equals any of those expected, in a time that does not tell which or how nearly."""
    found = False
    for signature in expected:
        found |= hmac.compare_digest(_bytes(given), _bytes(signature))
    return found


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
