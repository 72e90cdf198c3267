"""A decision as a compact signed token, which a sender keeps beside its message to show later what it was told.

    base64url( version 1 | secret's mark 4 | number key 16 | reason 1 | checked at 8 | good until 8 | program | tag 16 )

Instants are whole microseconds since 1970, big-endian. The tag is HMAC-SHA-256 over all before it, cut to 16 bytes,
under a key derived from the vault's secret. There is no number in it, only its keyed hash.
"""

import base64
import binascii
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.core.standing import Decision, Reason
from app.core.vault import MARK_BYTES, NUMBER_KEY_BYTES, Vault

GOOD_FOR = timedelta(minutes=15)
"""How long after a check a message may be sent on its word; a queue that holds one longer asks again."""

_VERSION = b"\x01"
_TAG_BYTES = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TIMES = struct.Struct(">QQ")
_HEAD_BYTES = 1 + MARK_BYTES + NUMBER_KEY_BYTES + 1 + _TIMES.size
_REASONS: tuple[Reason | None, ...] = (None, *Reason)  # by their order: append only
_CODES = {reason: bytes([place]) for place, reason in enumerate(_REASONS)}
_NO_NUMBER = bytes(NUMBER_KEY_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What a token says.

    Attributes:
        number_key: of the number that was asked about; `None`: it was no number.
        program: that wanted to send.
        reason: why it was refused; `None`: it was allowed.
        checked_at: when it was asked.
        good_until: until when a message could be sent on its word.
    """

    number_key: bytes | None
    program: str
    reason: Reason | None
    checked_at: datetime
    good_until: datetime


def sign(
    vault: Vault, decision: Decision, *, number_key: bytes | None, program: str, now: datetime
) -> str:
    """Write a decision down and sign it.

    Args:
        vault: whose newest secret signs.
        decision: as it was answered.
        number_key: of the number; `None`: it was no number.
        program: the program's id.
        now: the time of the check.
    """
    checked = (now - _EPOCH) // _MICROSECOND
    times = _TIMES.pack(checked, checked + GOOD_FOR // _MICROSECOND)
    code = _CODES[decision.reason]
    said = b"".join((_VERSION, vault.mark, number_key or _NO_NUMBER, code, times, program.encode()))
    tag = vault.tag(said)[:_TAG_BYTES]
    return base64.urlsafe_b64encode(said + tag).rstrip(b"=").decode()


def read(vault: Vault, token: str) -> Signed | None:
    """Read a token; `None`: it is none of ours, or was changed."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    said, tag = raw[:-_TAG_BYTES], raw[-_TAG_BYTES:]
    mark = said[1 : 1 + MARK_BYTES]
    if (
        len(said) <= _HEAD_BYTES
        or len(tag) != _TAG_BYTES
        or not vault.proves(mark, said, tag)
        or said[:1] != _VERSION
    ):
        return None
    number_key = said[1 + MARK_BYTES : 1 + MARK_BYTES + NUMBER_KEY_BYTES]
    checked, until = _TIMES.unpack(said[_HEAD_BYTES - _TIMES.size : _HEAD_BYTES])
    return Signed(
        number_key=None if number_key == _NO_NUMBER else number_key,
        program=said[_HEAD_BYTES:].decode(),
        reason=_REASONS[said[_HEAD_BYTES - _TIMES.size - 1]],
        checked_at=_EPOCH + checked * _MICROSECOND,
        good_until=_EPOCH + until * _MICROSECOND,
    )
