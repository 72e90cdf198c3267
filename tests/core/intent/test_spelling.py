"""Misspellings by the mistakes thumbs make, and the real words beside them."""

import pytest

from app.core.intent import Intent, classify
from app.core.intent.spelling import shortened, slips


@pytest.mark.parametrize(
    "text",
    [
        "srop",
        "stpo",
        "sotp",
        "dtop",
        "wuit",
        "qiut",
        "unsubcribe",
        "unsuscribe",
        "Unsubscirbe",
        "stop2end",
        "quot2end",
        "stop2emd",
        "STOP=END",
        "quit 2 end",
        "st0p",
        "5top",
        "$top",
        "stopppp",
        "sto p",
        "s.t.o.p",
        "removw me",
        "stop textin me",
        "stop texring me",
        "plesse stop texting",
        "pleasestop",
        "stoptextingme",
        "takemeoff",
        "cancle",
    ],
)
def test_a_slip_of_the_thumb_is_forgiven(text: str) -> None:
    """A neighbouring key, a letter dropped, doubled or swapped, words run together."""
    assert classify(text).intent is Intent.OPT_OUT


@pytest.mark.parametrize(
    "text",
    [
        "the shop is open",
        "atop the hill",
        "one step at a time",
        "spot on",
        "quite a day",
        "suit yourself",
        "quiet please the baby sleeps",
        "resting today",
        "exiting news",
        "my tests are done",
        "a massage would help",
        "top of the morning",
        "nice list of songs",
    ],
)
def test_real_words_keep_their_meaning(text: str) -> None:
    """Words that lie as near to a keyword as a slip does."""
    assert classify(text).intent is Intent.NONE


def test_slips_are_made_of_neighbouring_keys() -> None:
    """Keys that touch on the keyboard, and no others."""
    made = slips("stop")
    assert {"dtop", "stpo", "top", "stoop", "sttop", "stol"} <= made
    assert "zzop" not in made
    assert "mtop" not in made


def test_shortened_words_lose_letters_up_to_a_bound() -> None:
    """What two long words have in common when each lost a little."""
    assert shortened("abc", 1) == {"abc", "bc", "ac", "ab"}
    assert "a" in shortened("abc", 2)
