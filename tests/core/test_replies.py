"""What people are answered."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.replies import _SENTENCES, Reply, in_time, render

GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("language", _SENTENCES)
@pytest.mark.parametrize("reply", Reply)
def test_every_text_is_one_segment(language: str, reply: Reply) -> None:
    """160 characters of the GSM alphabet, with the longest brand and contact there may be."""
    text = render(reply, language=language, brand="B" * 40, contact="c" * 60)

    assert set(text) <= GSM
    assert len(text) <= 160


@pytest.mark.parametrize("reply", Reply)
def test_a_language_without_texts_is_answered_in_english(reply: Reply) -> None:
    """Nobody is left without an answer."""
    assert render(reply, language="th", brand=None, contact=None) == render(
        reply, language="en", brand=None, contact=None
    )


def test_a_confirmation_names_the_brand_and_the_way_back() -> None:
    """And says that no more messages come."""
    text = render(Reply.OPTED_OUT, language=None, brand="Example Shop", contact=None)

    assert text.startswith("Example Shop: ")
    assert "no more messages" in text
    assert "START" in text


def test_after_five_minutes_no_confirmation_is_sent() -> None:
    """47 CFR 64.1200(a)(12)."""
    assert in_time(NOW, NOW + timedelta(minutes=5))
    assert not in_time(NOW, NOW + timedelta(minutes=5, microseconds=1))
