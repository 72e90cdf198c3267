"""Any string gives a reading, in time that grows with its length alone."""

import os
import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.intent import Intent, Reading, classify
from app.core.intent.rulepack import rulepack

EXAMPLES = int(os.environ.get("STOPLIST_FUZZ_EXAMPLES", "40000"))

anything = st.text(st.characters(codec=None), max_size=200)
words = st.lists(st.sampled_from(sorted(rulepack().automaton.vocabulary)), max_size=40)
messages = st.one_of(
    anything, words.map(" ".join), st.tuples(anything, words.map(". ".join)).map("".join)
)


def check(text: str) -> None:
    """Read a text twice, and look at what a reading promises."""
    reading = classify(text)
    assert isinstance(reading, Reading)
    assert (reading.intent is Intent.NONE) == (reading.certainty is None)
    if reading.span is not None:
        start, end = reading.span
        assert 0 <= start < end <= len(text)
    assert classify(text) == reading


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(messages)
def test_any_text_gives_a_reading(text: str) -> None:
    """No string raises, and the same string always reads the same."""
    check(text)


@pytest.mark.slow
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(messages)
def test_a_great_many_texts_give_readings(text: str) -> None:
    """`STOPLIST_FUZZ_EXAMPLES=1000000` makes it a million."""
    check(text)


@pytest.mark.parametrize(
    "text",
    ["", "\x00", "\ud800", "\udfff\ud800", "a" * 3_000_000, "stop " * 500_000, "“" * 100_000],
)
def test_odd_and_huge_texts_give_readings(text: str) -> None:
    """Nothing, NULs, lone surrogates, megabytes."""
    assert isinstance(classify(text), Reading)


def salad(rng: random.Random, length: int) -> str:
    """Make the worst text there is for the table: words of the rules in no order."""
    parts: list[str] = []
    while sum(map(len, parts)) + len(parts) < length:
        parts.append(rng.choice(SALAD))
    return " ".join(parts)[:length]


SALAD = [
    "stop",
    "quit",
    "dont",
    "do",
    "not",
    "text",
    "texting",
    "me",
    "my",
    "number",
    "remove",
    "take",
    "off",
    "list",
    "your",
    "please",
    "want",
    "to",
    "receive",
    "these",
    "the",
    "any",
    "more",
    "no",
    "messages",
    "unsubscribe",
    "opt",
    "out",
    "i",
    "you",
    "said",
    "told",
    "again",
    "never",
    "send",
    "sending",
    "from",
]


@pytest.mark.slow
def test_time_grows_with_length_alone() -> None:
    """Four times the text takes about four times as long, for the worst of many salads."""
    rng = random.Random(7)

    def worst(length: int) -> float:
        times = []
        for _ in range(60):
            text = salad(rng, length)
            begun = time.process_time()
            classify(text)
            times.append(time.process_time() - begun)
        return sorted(times)[len(times) // 2]

    worst(1_600)
    assert worst(1_600) < 12 * max(worst(400), 1e-4)
