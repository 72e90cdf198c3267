"""The chain: an encoding that is exact, and commitments that neither leak nor bend."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import chain
from app.core.chain import START, Entry, digest, encode
from app.core.evidence import Evidence, dumps, loads
from app.core.phone import PhoneNumber
from tests.cast import ALICE, BOB

STOP = Entry(
    id=7,
    chain=b"c" * 32,
    previous=START,
    kind="opted_out",
    scope="*",
    occurred_at=1_780_000_000_000_000,
    recorded_at=1_780_000_000_250_000,
    source="twilio",
    source_ref="SM1",
    certainty="definite",
    rule="en.keyword.stop",
    rulepack="1",
    cause=None,
    evidence=b"e" * 32,
)
TEXTS = st.none() | st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)


def test_the_encoding_is_what_the_docs_say_byte_by_byte() -> None:
    """Written here by hand."""
    written = (
        b"stoplist event v1"
        + b"c" * 32
        + bytes(32)
        + (7).to_bytes(8, "big")
        + (1_780_000_000_000_000).to_bytes(8, "big", signed=True)
        + (1_780_000_000_250_000).to_bytes(8, "big", signed=True)
        + b"\x01\x00\x00\x00\x09opted_out"
        + b"\x01\x00\x00\x00\x01*"
        + b"\x01\x00\x00\x00\x06twilio"
        + b"\x01\x00\x00\x00\x03SM1"
        + b"\x01\x00\x00\x00\x08definite"
        + b"\x01\x00\x00\x00\x0fen.keyword.stop"
        + b"\x01\x00\x00\x00\x011"
        + b"\x00"
        + b"\x01"
        + b"e" * 32
    )

    assert encode(STOP) == written
    assert digest(STOP) == sha256(written).digest()


@given(st.tuples(*[TEXTS] * 8), st.tuples(*[TEXTS] * 8))
def test_no_two_events_have_one_encoding(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    """Texts cannot run into each other, and nothing is not the same as an empty text."""
    names = ("kind", "scope", "source", "source_ref", "certainty", "rule", "rulepack", "cause")
    first, second = (
        encode(STOP._replace(**dict(zip(names, texts, strict=True))))  # type: ignore[arg-type]
        for texts in (one, other)
    )

    assert (first == second) == (one == other)


@pytest.mark.parametrize("name", Entry._fields)
@pytest.mark.parametrize("wrong", [object(), "\ud800", 2**70, b"", b"x" * 31, 1.5])
def test_what_no_event_can_hold_is_a_value_error(name: str, wrong: object) -> None:
    """A row that somebody wrote by hand is invalid, never a crash."""
    with pytest.raises(ValueError, match="no"):
        encode(STOP._replace(**{name: wrong}))  # type: ignore[arg-type]


def test_a_chain_is_named_for_its_number_and_does_not_tell_it() -> None:
    """With the salt it can be shown whose it is; the names of one number's chains differ."""
    alice, bob = PhoneNumber(e164=ALICE), PhoneNumber(e164=BOB)
    origin = chain.begin(alice)

    assert chain.belongs(origin.chain, origin.salt, alice)
    assert not chain.belongs(origin.chain, origin.salt, bob)
    assert not chain.belongs(origin.chain, bytes(16), alice)
    assert chain.begin(alice).chain != origin.chain


def test_one_stop_is_not_committed_to_as_another() -> None:
    """The salt in the evidence keeps a text from being guessed by its commitment."""
    first, second = (dumps(Evidence(text="STOP")) for _ in range(2))

    assert loads(first) == loads(second) == Evidence(text="STOP")
    assert chain.commitment(first) != chain.commitment(second)
