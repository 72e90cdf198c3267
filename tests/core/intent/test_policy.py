"""The policy: what suppresses at once, what only probably, what says nothing."""

import pytest

from app.core.intent import Certainty, Hearing, Intent, classify

DEFINITE = [
    "STOP",
    "Please stop, thank you",
    "Stop 🛑",
    "No stop",
    "Not Bob. Stop.",
    "F off STOP",
    "No. Quit",
    "remove me",
    "Please take me off of your list",
    "loose my number",
    "don't text me again",
    "stop sending me messages",
    "No more texts",
    "unsubscribe me",
    "I want to opt out",
    "quit texting me",
    "I never signed up for this, stop",
    "Cancel my order and stop texting me",
    "I already said stop",
    "If you don't stop texting me I will report you",
    "wish you would stop texting me",
    "Hi Alice, please take me off your contact list. Thanks, Carol",
    "Stop (sent with Slam Effect)",
    "Stop\nSent from my iPhone",
    "I would prefer not to receive texts",
    "How do I unsubscribe",
    "Carol no longer votes here, take her off your list",
    "Do not email, call or text me",
    "this is spam, remove this number",
    "Cease all contact immediately",
]

PROBABLE = [
    "leave me alone",
    "not interested",
    "go away",
    "Blocked",
    "fuck off",
    "👎",
    "🛑",
    "🖕",
    "enough already",
    "don't text me at work",
    "stop the promos but keep my delivery updates",
    "stop calling me, text is fine",
    "only text me about my order",
    "Stop Alice",
    "my lawyer will hear about this",
]

NOTHING = [
    "stop the lies",
    "can you stop by later",
    "when does it end",
    "cancel my appointment",
    "I quit smoking",
    "end of the month",
    "don't stop",
    "the bus stop on Main",
    "she told me to stop texting her",
    "Liked “Sale! Reply STOP to end”",
    "Vote for Alice! Txt STOP to end",
    "if I text STOP will I lose points?",
    "stop by",
    "who is this?",
    "I want to cancel my membership",
    "YES",
    "no",
    "why don't you text me",
    "don't text him, text me",
    "fuck you",
    "you are a liar",
    "We have got to STOP this bill!",
    "Auto-reply: out until Monday. Text STOP to opt out",
    "please text less often",
    "123456",
    "",
    "don't forget to text me",
    "remove the late fee",
    "take the onions off please",
    "I don't want to unsubscribe",
    "Reacted 👍 to “Reply STOP to opt out”",
    "> Reply STOP to end\nhow much is it?",
]


@pytest.mark.parametrize("text", DEFINITE)
def test_a_plain_request_is_definite(text: str) -> None:
    """A reasonable person could not read it otherwise."""
    reading = classify(text)
    assert (reading.intent, reading.certainty) == (Intent.OPT_OUT, Certainty.DEFINITE)


@pytest.mark.parametrize("text", PROBABLE)
def test_a_likely_request_is_probable(text: str) -> None:
    """It suppresses at once, and a person looks at it later."""
    reading = classify(text)
    assert (reading.intent, reading.certainty) == (Intent.OPT_OUT, Certainty.PROBABLE)


@pytest.mark.parametrize("text", NOTHING)
def test_the_same_words_elsewhere_say_nothing(text: str) -> None:
    """Other meanings, negation, reported speech, quoted marketing."""
    reading = classify(text)
    assert reading.intent is Intent.NONE
    assert reading.certainty is None


@pytest.mark.parametrize("text", ["No thanks", "too many texts", "spam", "why are you texting me"])
def test_an_unclear_refusal_is_told_apart(text: str) -> None:
    """Not enough alone; two within 30 days are."""
    reading = classify(text)
    assert reading.intent is Intent.NONE
    assert reading.unclear_negative


@pytest.mark.parametrize("text", ["STOPALL", "stop all", "unsubscribe from all", "End all"])
def test_everything_is_noticed(text: str) -> None:
    """The request reaches beyond one program."""
    assert classify(text).everything


@pytest.mark.parametrize(
    "text",
    [
        "wrong number",
        "You have the wrong person",
        "I'm not Bob",
        "she is deceased",
        "Not Alice",
    ],
)
def test_a_wrong_number_is_its_own_intent(text: str) -> None:
    """The consent on file is not this person's."""
    assert classify(text).intent is Intent.WRONG_NUMBER


def test_a_wrong_number_with_a_request_says_both() -> None:
    """Whichever comes first names the reading; the other is kept beside it."""
    first = classify("Wrong number. Stop.")
    assert (first.intent, first.also) == (Intent.WRONG_NUMBER, Intent.OPT_OUT)
    second = classify("Stop. Texting me, wrong person")
    assert (second.intent, second.also) == (Intent.OPT_OUT, Intent.WRONG_NUMBER)
    third = classify("Wrong number, take me off your list")
    assert (third.intent, third.also) == (Intent.OPT_OUT, Intent.WRONG_NUMBER)


def test_bare_negatives_are_a_setting() -> None:
    """NO, N and S answer questions unless the program invites them."""
    inviting = Hearing(bare_negatives=True)
    for text in ("no", "N", "S"):
        assert classify(text).intent is Intent.NONE
        assert classify(text, hearing=inviting).intent is Intent.OPT_OUT


def test_stop_with_an_argument_is_a_setting() -> None:
    """STOP ADS opts out, or is left to the program."""
    assert classify("STOP ADS").intent is Intent.OPT_OUT
    assert classify("STOP ADS", hearing=Hearing(stop_with_argument=False)).intent is Intent.NONE
    assert classify("STOP", hearing=Hearing(stop_with_argument=False)).intent is Intent.OPT_OUT


def test_a_program_adds_words_but_takes_none_away() -> None:
    """The seven words, STOP, START and HELP keep their meaning."""
    own = Hearing(
        opt_out_words=("no gracias Alice", "START", "HELP"),
        opt_in_words=("SAVE30", "stop", "revoke"),
        help_words=("Opt Out", "que es esto"),
    )
    assert classify("No gracias, Alice!", hearing=own).intent is Intent.OPT_OUT
    assert classify("save30", hearing=own).intent is Intent.OPT_IN
    assert classify("Qué es esto", hearing=own).intent is Intent.HELP
    for word in ("stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe"):
        assert classify(word, hearing=own).intent is Intent.OPT_OUT
    assert classify("START", hearing=own).intent is Intent.OPT_IN
    assert classify("HELP", hearing=own).intent is Intent.HELP


@pytest.mark.parametrize("language", [None, "es", "zz", "DE-at", ""])
def test_a_language_hint_never_loses_a_stop(language: str | None) -> None:
    """STOP is understood everywhere, and so is every other language's word."""
    for text in ("STOP", "ARRET", "停止", "stop texting me", "no me manden mensajes"):
        assert classify(text, language=language).intent is Intent.OPT_OUT
