"""Folding: one plain text whatever the phone."""

import pytest

from app.core.intent import classify
from app.core.intent.normalise import fold, locate, to_latin, tokenise, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don’t STOP", ("dont", "stop")),
        ("ＡＲＲÊＴ", ("arret",)),
        ("ⓈⓉⓄⓅ", ("stop",)),
        ("st\u200bop\ufeff", ("stop",)),
        ("停止", ("停", "止")),
        ("إلغاء", ("الغاء",)),
        ("Größe", ("grosse",)),
        ("opt-out", ("opt", "out")),
        ("\ud800stop\x00", ("stop",)),
    ],
)
def test_folding_leaves_plain_words(text: str, words: tuple[str, ...]) -> None:
    """Case, width, accents, invisible characters and lone surrogates go."""
    assert words_of(text) == words


def test_marks_stay_as_tokens() -> None:
    """Sentences and clauses can be told apart."""
    assert tokenise(fold("No... stop, please?!")) == ["no", "...", "stop", ",", "please", "?!"]


def test_look_alike_letters_are_read_as_latin() -> None:
    """Cyrillic and Greek twins."""
    assert to_latin("ѕтор") == "stop"
    assert classify("SТОP").rule == "en.keyword.stop"


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("Who's this? Please STOP texting me.", "STOP texting"),
        ("¡Oiga! No me manden más mensajes", "No me manden"),
        ("你好。不要再发短信给我", "不要再发"),
    ],
)
def test_the_span_points_into_the_text_as_given(text: str, heard: str) -> None:
    """A reader can see which words decided."""
    span = classify(text).span
    assert span is not None
    assert text[slice(*span)] == heard


def test_a_place_that_cannot_be_told_is_none() -> None:
    """Letters composed of parts have no single place."""
    assert locate("\u1112\u1161\u11ab", 0, 0) is None
    assert locate("one", 0, 5) is None
