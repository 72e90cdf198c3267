"""Seals: signed over every part, by a key as people write it down."""

import base64
from dataclasses import fields, replace

import pytest

from app.core.seal import FIRST, Seal, SealKey, seed_of

KEY = SealKey(bytes(range(32)))
SEAL = KEY.seal(
    id=1, previous=FIRST, first_event=1, last_event=9, events=8, sealed_at=1, root=b"r" * 32
)


def test_the_signed_bytes_are_what_the_docs_say() -> None:
    """Written here by hand."""
    numbers = b"".join(n.to_bytes(8, "big") for n in (1, 1, 9, 8, 1))

    assert SEAL.said() == b"stoplist seal v1" + bytes(32) + numbers + b"r" * 32 + KEY.public
    assert SEAL.is_signed()


@pytest.mark.parametrize("field", fields(Seal), ids=lambda field: field.name)
def test_no_part_can_be_changed(field) -> None:  # type: ignore[no-untyped-def]
    """The signature is over all of it."""
    held = getattr(SEAL, field.name)
    other = held + 1 if isinstance(held, int) else bytes([held[0] ^ 1]) + held[1:]

    for changed in (other, b""):
        forged = replace(SEAL, **{field.name: changed})  # type: ignore[arg-type]
        assert not forged.is_signed()


def test_a_key_is_read_in_either_alphabet_and_never_shown() -> None:
    """As `openssl rand -base64 32` and Python's `secrets` write it."""
    seed = bytes(range(224, 256))
    for written in (base64.b64encode(seed), base64.urlsafe_b64encode(seed).rstrip(b"=")):
        assert seed_of(written.decode() + "\n") == seed
    assert seed.hex() not in repr(SealKey(seed))
    for wrong in ("", "short", "é" * 43, "A" * 44 + "=="):
        with pytest.raises(ValueError, match=r"Base64|32 bytes"):
            seed_of(wrong)
