"""Numbers and texts at rest: a keyed hash to look a number up, an authenticated seal to hold what may be read back.

A phone number has so few digits that any plain hash of it is undone in seconds; only a key kept
outside the database makes the hash worth something. Secrets come as a list, newest first: the
newest writes, all of them read.
"""

import hmac
import os
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.core.errors import Unsealable
from app.core.phone import PhoneNumber

NUMBER_KEY_BYTES = 16
_NONCE_BYTES = 12
MARK_BYTES = 4
_FORMAT = b"\x01"


class Vault:
    """Keyed hashes and seals under one or more secrets.

    Args:
        secrets: the secrets as configured, newest first; at least one.
    """

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._keys = tuple(_Keys(secret.encode()) for secret in secrets)
        self._newest = self._keys[0]

    def __repr__(self) -> str:
        return f"Vault({len(self._keys)} secrets)"

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """A name for each secret, newest first, from which the secret cannot be found."""
        return tuple(keys.fingerprint for keys in self._keys)

    def number_key(self, number: PhoneNumber) -> bytes:
        """Return the 16 bytes under which new facts about a number are filed."""
        return self._newest.number_key(number)

    def number_keys(self, number: PhoneNumber) -> tuple[bytes, ...]:
        """Return every key under which facts about a number may be filed, newest secret first."""
        return tuple([keys.number_key(number) for keys in self._keys])

    @property
    def mark(self) -> bytes:
        """The short name of the newest secret, which stands in what it sealed or signed."""
        return self._newest.mark

    def tag(self, said: bytes) -> bytes:
        """Return 32 bytes that only a holder of the newest secret can have made of these."""
        return self._newest.tag(said)

    def proves(self, mark: bytes, said: bytes, tag: bytes) -> bool:
        """Tell whether a tag, or its beginning, was made of these bytes under the secret of that mark."""
        for keys in self._keys:
            if keys.mark == mark:
                return bool(tag) and hmac.compare_digest(keys.tag(said)[: len(tag)], tag)
        return False

    def request_hashes(self, said: bytes) -> tuple[bytes, ...]:
        """Return a keyed hash of a request, 32 bytes, under every secret, newest first."""
        return tuple(keys.request_hash(said) for keys in self._keys)

    def seal(self, plain: str, *, bound_to: bytes) -> bytes:
        """Encrypt a text for one row.

        Args:
            plain: what to hold; any string, lone surrogates included.
            bound_to: what names the row and column. The same bytes are needed to open it, so that a
                sealed value moved to another row does not open.
        """
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._newest.aead.encrypt(nonce, plain.encode("utf-8", "surrogatepass"), bound_to)
        return _FORMAT + self._newest.mark + nonce + sealed

    def open(self, sealed: bytes, *, bound_to: bytes) -> str:
        """Decrypt what `seal` made for the same row.

        Raises:
            Unsealable: no secret of ours made it, or it was damaged or moved.
        """
        head = len(_FORMAT) + MARK_BYTES
        mark, nonce = sealed[len(_FORMAT) : head], sealed[head : head + _NONCE_BYTES]
        for keys in self._keys:
            if keys.mark == mark and sealed[: len(_FORMAT)] == _FORMAT:
                try:
                    plain = keys.aead.decrypt(nonce, sealed[head + _NONCE_BYTES :], bound_to)
                except (InvalidTag, ValueError) as fault:
                    raise Unsealable(
                        "a sealed value was damaged, or moved to another row"
                    ) from fault
                return plain.decode("utf-8", "surrogatepass")
        raise Unsealable("a sealed value was made with a secret that is not configured")


class _Keys:
    """What is derived from one secret: a key for hashing, a key for sealing, a name."""

    def __init__(self, secret: bytes) -> None:
        self._inner, self._outer = _hmac_states(_derive(secret, b"stoplist number key v1"))
        self._signing = hmac.new(_derive(secret, b"stoplist decision v1"), digestmod=sha256)
        self._asking = hmac.new(_derive(secret, b"stoplist request v1"), digestmod=sha256)
        self.aead = AESGCM(_derive(secret, b"stoplist seal v1"))
        self.fingerprint = _derive(secret, b"stoplist fingerprint v1")[:8].hex()
        self.mark = bytes.fromhex(self.fingerprint)[:MARK_BYTES]

    def number_key(self, number: PhoneNumber) -> bytes:
        # HMAC from its two keyed states: half the time of the standard library's, for each number of each list.
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(number.key_form.encode())
        outer.update(inner.digest())
        digest: bytes = outer.digest()
        return digest[:NUMBER_KEY_BYTES]

    def request_hash(self, said: bytes) -> bytes:
        asking = self._asking.copy()
        asking.update(said)
        return asking.digest()

    def tag(self, said: bytes) -> bytes:
        signing = self._signing.copy()
        signing.update(said)
        return signing.digest()


def _hmac_states(key: bytes) -> tuple[Any, Any]:
    """Return the hash states with which an HMAC-SHA-256 under a key of up to 64 bytes begins and ends (RFC 2104)."""
    block = key.ljust(sha256().block_size, b"\0")
    return sha256(bytes(b ^ 0x36 for b in block)), sha256(bytes(b ^ 0x5C for b in block))


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret)
