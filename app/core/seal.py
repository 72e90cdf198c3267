"""Seals: all events since the last seal are closed under one signed root, and linked to the seal before."""

import base64
import json
import struct
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FIRST = bytes(32)
"""What stands in the first seal for the hash of the one before."""

KEY_BYTES = 32
_SEAL = b"stoplist seal v1"
_NUMBERS = struct.Struct(">QQQQq")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """One seal.

    Attributes:
        id: 1, 2, 3, ... without a gap.
        previous: the hash of the seal before, or `FIRST`.
        first_event: the id of the first event under it.
        last_event: of the last.
        events: how many.
        sealed_at: microseconds since 1970, UTC.
        root: of the Merkle tree over the hashes of the events, in the order of their ids.
        public_key: of who signed, Ed25519, 32 bytes.
        signature: over `said()`.
    """

    id: int
    previous: bytes
    first_event: int
    last_event: int
    events: int
    sealed_at: int
    root: bytes
    public_key: bytes
    signature: bytes

    def said(self) -> bytes:
        """Return the bytes that are signed.

        Raises:
            ValueError: it holds what no seal can.
        """
        hashes = (self.previous, self.root, self.public_key)
        if any(type(held) is not bytes or len(held) != KEY_BYTES for held in hashes):
            raise ValueError("no seal can hold this")
        counted = (self.id, self.first_event, self.last_event, self.events, self.sealed_at)
        try:
            numbers = _NUMBERS.pack(*counted)
        except struct.error as fault:
            raise ValueError("no seal can hold this") from fault
        return _SEAL + self.previous + numbers + self.root + self.public_key

    def digest(self) -> bytes:
        """Return the hash that the next seal carries, 32 bytes.

        Raises:
            ValueError: it holds what no seal can.
        """
        return sha256(self.said()).digest()

    def write(self) -> str:
        """Return the seal as one line of JSON, as a witness keeps it; what is bytes is in hexadecimal."""
        said = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return json.dumps({k: v.hex() if isinstance(v, bytes) else v for k, v in said.items()})

    @classmethod
    def read(cls, line: str) -> "Seal":
        """Read what `write` wrote.

        Raises:
            ValueError: it is no seal.
        """
        said = json.loads(line)
        try:
            given: dict[str, Any] = {
                name: int(said[name]) if field.type is int else bytes.fromhex(said[name])
                for name, field in cls.__dataclass_fields__.items()
            }
        except (KeyError, TypeError) as fault:
            raise ValueError("not a seal") from fault
        return cls(**given)

    def is_signed(self) -> bool:
        """Tell whether the signature is that of the public key beside it."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(self.signature, self.said())
        except (InvalidSignature, ValueError, TypeError):
            return False
        return True


class SealKey:
    """The key that signs.

    Args:
        seed: 32 random bytes.
    """

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    def __repr__(self) -> str:
        return f"SealKey({self.public.hex()})"

    def seal(self, **said: int | bytes) -> Seal:
        """Return a signed seal; the keywords are those fields of `Seal` that are not the key's own."""
        open_: Seal = Seal(**said, public_key=self.public, signature=b"")  # type: ignore[arg-type]
        signature = self._key.sign(open_.said())
        return Seal(**said, public_key=self.public, signature=signature)  # type: ignore[arg-type]


def seed_of(written: str) -> bytes:
    """Read a key as it is written down: 32 bytes in Base64 of either alphabet, as `openssl rand -base64 32` prints.

    Raises:
        ValueError: it is not that.
    """
    alike = written.strip().replace("-", "+").replace("_", "/").rstrip("=")
    try:
        seed = base64.b64decode(alike + "=" * (-len(alike) % 4), validate=True)
    except ValueError:  # binascii.Error among them
        raise ValueError("is not Base64") from None
    if len(seed) != KEY_BYTES:
        raise ValueError(f"does not hold {KEY_BYTES} bytes")
    return seed
