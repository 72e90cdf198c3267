"""Keywords alone, with courtesies, in any dress."""

import pytest

from app.core.intent import Hearing, Intent, classify


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop.",
        "  Stop!! ",
        "ＳＴＯＰ",
        "STОP",
        "s t o p",
        "stoooop",
        "Please stop",
        "stop 🛑",
        "«STOP»",
        "stopall",
        "Opt out",
        "opt-out",
        "OPTOUT",
        "revoke",
        "QUIT",
        "end",
        "Cancel",
        "unsubscribe",
        "ARRÊT",
        "arret",
    ],
)
def test_a_keyword_is_heard_in_any_dress(text: str) -> None:
    """Case, width, accents, marks, look-alike letters and courtesies change nothing."""
    assert classify(text).intent is Intent.OPT_OUT


def test_a_bare_yes_says_nothing_unless_the_program_asked() -> None:
    """YES answers questions more often than it subscribes."""
    assert classify("YES").intent is Intent.NONE
    assert classify("YES", hearing=Hearing(yes_opts_in=True)).intent is Intent.OPT_IN
