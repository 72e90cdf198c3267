"""What the person did not write is not read."""

import pytest

from app.core.intent import Intent, classify
from app.core.intent.outbound import own_words


@pytest.mark.parametrize(
    "text",
    [
        "Liked “Reply STOP to end”",
        'Loved "Text STOP to opt out"',
        "Laughed at “Msg rates may apply. Text STOP to end”",
        "\u200eRemoved a heart from “Reply STOP to opt out”",
        "Reacted 🎉 to “Sale! STOP to quit”",
        "Auto: thanks for writing. Reply STOP to opt out",
        "[Automated] STOP is not monitored here",
        "On Monday Alice wrote:\nstop texting me",
        "> stop texting me",
    ],
)
def test_a_reaction_or_a_quote_is_no_request(text: str) -> None:
    """The words quoted are our own, or another person's."""
    assert classify(text).intent is Intent.NONE


@pytest.mark.parametrize(
    "text",
    [
        "Stop (sent with Slam Effect)",
        "STOP\nSent from my iPhone",
        '"STOP"',
        "Liked “Sale ends tonight”\nstop texting me",
        'You wrote "Carol, can we count on your vote this year?" STOP',
    ],
)
def test_what_stands_beside_it_is_read(text: str) -> None:
    """Effects, signatures and quotes are taken away, the rest is heard."""
    assert classify(text).intent is Intent.OPT_OUT


@pytest.mark.parametrize(
    "text", ["plain", 'a "quotation of some length here" b', "x > y\n> z", "“" * 50]
)
def test_places_in_the_text_stay_the_same(text: str) -> None:
    """What is blanked becomes spaces."""
    assert len(own_words(text)) == len(text)
