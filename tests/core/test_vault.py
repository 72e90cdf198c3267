"""Hashes and seals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Unsealable
from app.core.phone import PhoneNumber
from app.core.vault import Vault
from tests.cast import ALICE, SECRET

OTHER_SECRET = "another-secret-that-is-long-enough"
NUMBER = PhoneNumber(e164=ALICE)


def test_a_number_key_is_sixteen_bytes_that_depend_on_the_secret(vault: Vault) -> None:
    """Without the secret nobody can make it."""
    assert len(vault.number_key(NUMBER)) == 16
    assert vault.number_key(NUMBER) == Vault((SECRET,)).number_key(NUMBER)
    assert vault.number_key(NUMBER) != Vault((OTHER_SECRET,)).number_key(NUMBER)


def test_the_newest_secret_writes_and_all_of_them_read() -> None:
    """While secrets are rotated, a number is looked for under each."""
    before, during = Vault((SECRET,)), Vault((OTHER_SECRET, SECRET))
    sealed = before.seal("STOP", bound_to=b"row 1")

    assert during.number_keys(NUMBER)[1] == before.number_key(NUMBER)
    assert during.open(sealed, bound_to=b"row 1") == "STOP"
    assert during.number_key(NUMBER) == Vault((OTHER_SECRET,)).number_key(NUMBER)


@given(st.text())
def test_what_was_sealed_opens_as_it_was(vault: Vault, plain: str) -> None:
    """Any text comes back whole."""
    assert vault.open(vault.seal(plain, bound_to=b"row"), bound_to=b"row") == plain


def test_a_lone_surrogate_survives_the_seal(vault: Vault) -> None:
    """What cannot be written as UTF-8 is still kept."""
    assert vault.open(vault.seal("\ud83d", bound_to=b"row"), bound_to=b"row") == "\ud83d"


def test_a_sealed_value_moved_to_another_row_does_not_open(vault: Vault) -> None:
    """The seal is bound to its row."""
    sealed = vault.seal("STOP", bound_to=b"row 1")

    with pytest.raises(Unsealable):
        vault.open(sealed, bound_to=b"row 2")


@given(position=st.integers(min_value=0), flip=st.integers(min_value=1, max_value=255))
def test_a_damaged_value_does_not_open(vault: Vault, position: int, flip: int) -> None:
    """One flipped byte anywhere is noticed."""
    sealed = bytearray(vault.seal("STOP", bound_to=b"row"))
    sealed[position % len(sealed)] ^= flip

    with pytest.raises(Unsealable):
        vault.open(bytes(sealed), bound_to=b"row")


@given(st.binary(max_size=64))
def test_bytes_that_were_never_sealed_do_not_open(vault: Vault, sealed: bytes) -> None:
    """Nothing but `Unsealable` is raised."""
    with pytest.raises(Unsealable):
        vault.open(sealed, bound_to=b"row")


def test_a_secret_shows_neither_in_the_vault_nor_in_its_fingerprint() -> None:
    """Fingerprints can be logged."""
    vault = Vault((SECRET,))

    assert SECRET not in repr(vault)
    assert len(vault.fingerprints[0]) == 16
    assert vault.fingerprints == Vault((SECRET,)).fingerprints
