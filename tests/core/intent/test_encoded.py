"""Texts that came encoded, or in parts."""

import base64

import pytest

from app.core.intent import Intent, classify
from app.core.intent.encoded import decoded


@pytest.mark.parametrize(
    "text", ["STOP", "please stop", "Ne m’envoyez plus de SMS", "remove me from your list 🛑"]
)
def test_a_stop_behind_base64_is_heard(text: str) -> None:
    """With line ends around it, too."""
    coded = base64.b64encode(text.encode()).decode()

    assert decoded(coded) == text
    assert classify(f"{coded}\r\n").intent is classify(text).intent is Intent.OPT_OUT


def test_a_word_that_is_base64_too_is_read_as_it_stands() -> None:
    """STOP is base64 of three bytes that say nothing."""
    for word in ("STOP", "QUIT", "unsubscribe"):
        assert classify(word).span == (0, len(word))


@pytest.mark.parametrize(
    "text", ["password", "AAAAAAAA", "12345678", "deadbeef", "a" * 1600, "====", "/+/+/+/+"]
)  # fmt: skip
def test_what_only_looks_encoded_asks_for_nothing(text: str) -> None:
    """Most words of eight letters are base64 of nothing that can be read."""
    assert classify(text).intent is Intent.NONE


@pytest.mark.parametrize("prefix", ["(1/2) ", "1/2 ", "[2/3]: "])
@pytest.mark.parametrize("text", ["STOP", "Stop texting me", "please remove me from"])
def test_the_number_of_a_part_is_no_word_of_the_person(prefix: str, text: str) -> None:
    """Nor does a text that breaks off hide what stands before it."""
    assert classify(prefix + text).intent is Intent.OPT_OUT
