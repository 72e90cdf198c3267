"""The chain of one number's events: each is hashed with the hash of the one before, as `docs/ledger.md` says it.

The chain of a number is named by a commitment to it: a hash of the number with a random salt. Who is shown salt and
number can see that the chain is theirs; without the salt, nobody can guess the number from the name. It stays what it
is when the secrets of the vault change. Of what a fact rests on, the hash covers a commitment as well, so that the
contents can be sealed anew, or deleted, and the chain still holds.
"""

import hmac
import os
import struct
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from app.core.phone import PhoneNumber

HASH_BYTES = 32
SALT_BYTES = 16
START = bytes(HASH_BYTES)
"""What stands in the first event of a chain for the hash of the one before."""

_EVENT = b"stoplist event v1"
_NUMBER = b"stoplist number v1"
_EVIDENCE = b"stoplist evidence v1"
_NUMBERS = struct.Struct(">Qqq")
_LENGTH = struct.Struct(">I")
_NONE = b"\x00"
_SOME = b"\x01"


class Entry(NamedTuple):
    """An event as the chain sees it: the columns of its row, raw. There are millions of them: a tuple is cheap.

    Attributes:
        id: its place in the ledger.
        chain: the name of the number's chain, 32 bytes.
        previous: the hash of the number's event before, or `START`.
        occurred_at: microseconds since 1970, UTC; so is `recorded_at`.
        evidence: the commitment to what the fact rests on; `None`: it rests on nothing.
    """

    id: int
    chain: bytes
    previous: bytes
    kind: str
    scope: str
    occurred_at: int
    recorded_at: int
    source: str
    source_ref: str
    certainty: str | None
    rule: str | None
    rulepack: str | None
    cause: str | None
    evidence: bytes | None


@dataclass(frozen=True, slots=True)
class Head:
    """Where a number's chain stands.

    Attributes:
        chain: its name.
        previous: the hash of its last event, or `START`.
        next_id: the place in the ledger that is kept for its next event.
    """

    chain: bytes
    previous: bytes
    next_id: int


@dataclass(frozen=True, slots=True)
class Origin:
    """How a new chain is named.

    Attributes:
        chain: the name.
        salt: what shows, together with the number, that the chain is the number's. It is a secret.
    """

    chain: bytes
    salt: bytes


def begin(number: PhoneNumber | None) -> Origin:
    """Name a chain for a number that has none; `None`: for facts that are about no number."""
    salt = os.urandom(SALT_BYTES)
    return Origin(_named(salt, number), salt)


def belongs(chain: bytes, salt: bytes, number: PhoneNumber) -> bool:
    """Tell whether a chain was begun for a number."""
    return hmac.compare_digest(_named(salt, number), chain)


def commitment(evidence: str) -> bytes:
    """Return the 32 bytes that stand in the hash for what a fact rests on.

    Args:
        evidence: as `app.core.evidence.dumps` wrote it, with the salt that keeps it from being guessed.
    """
    return sha256(_EVIDENCE + evidence.encode("utf-8", "surrogatepass")).digest()


def encode(entry: Entry) -> bytes:
    """Return the bytes that an event's hash is taken of.

    Raises:
        ValueError: the row holds what no event can.
    """
    try:
        return b"".join(
            (
                _EVENT,
                _hash(entry.chain),
                _hash(entry.previous),
                _NUMBERS.pack(entry.id, entry.occurred_at, entry.recorded_at),
                _text(entry.kind),
                _text(entry.scope),
                _text(entry.source),
                _text(entry.source_ref),
                _text(entry.certainty),
                _text(entry.rule),
                _text(entry.rulepack),
                _text(entry.cause),
                _NONE if entry.evidence is None else _SOME + _hash(entry.evidence),
            )
        )
    except (AttributeError, TypeError, UnicodeError, struct.error) as fault:
        raise ValueError("no event can hold this") from fault


def digest(entry: Entry) -> bytes:
    """Return the hash of an event, 32 bytes.

    Raises:
        ValueError: the row holds what no event can.
    """
    return sha256(encode(entry)).digest()


def _named(salt: bytes, number: PhoneNumber | None) -> bytes:
    return sha256(_NUMBER + salt + (number.key_form if number else "").encode()).digest()


def _hash(held: bytes) -> bytes:
    if type(held) is not bytes or len(held) != HASH_BYTES:
        raise ValueError("not a hash")
    return held


def _text(text: str | None) -> bytes:
    if text is None:
        return _NONE
    written = text.encode()
    return _SOME + _LENGTH.pack(len(written)) + written
