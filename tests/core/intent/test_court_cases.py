"""Texts that people sent to be left alone, as courts quoted them."""

import pytest

from app.core.intent import Hearing, Intent, classify

QUOTED = [
    # Epps v. Earth Fare
    "I would appreciate [it] if we discontinue any further texts",
    "Thank you but I would like the text messages to stop can we make that happen",
    "I'm simply asking for texts to stop. I would appreciate that. Thanks",
    # Viggiano v. Kohl's
    "I've changed my mind and don't want to receive these anymore.",
    "Please do not send any further messages.",
    "I don't want these messages anymore. This is your last warning!",
    # Rando v. Edible Arrangements
    "Take my contact info off please",
    "I want to confirm that I have been removed off your contacts",
    "I asked to be removed from this service a few times. Stop the messages.",
    "Again I want to stop this service thank you",
    "Thank you. I'd like my contact info removed",
    "Checking in today to see if my information is removed.",
    # Legg, Lanteri, Bosley, Torre, Rose, Gomez, Gabai
    "STOP ALL",
    "stop",
    "message to stop",
    "No stop",
    "Cease and Desist All Communication",
    "I do not wish to be contacted",
    "exit",
    "remove",
    # Schweitzer v. Comenity Bank
    "Can you just please stop calling? I'd appreciate that, thank you very much.",
    "if you guys cannot call me, like, in the morning and during the work day",
]


@pytest.mark.parametrize("text", QUOTED)
def test_a_text_quoted_in_court_is_an_opt_out(text: str) -> None:
    """Under the rule of 2025 a reasonable person's understanding decides."""
    assert classify(text).intent is Intent.OPT_OUT


@pytest.mark.parametrize("text", ["S", "no"])
def test_the_single_letters_are_heard_where_they_were_invited(text: str) -> None:
    """Dudek v. Surf Clean Energy; Mokled v. Hanna Cars."""
    assert classify(text, hearing=Hearing(bare_negatives=True)).intent is Intent.OPT_OUT
