"""A message that is to be handed on: what is read of its form, and what goes on."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import MalformedRequest
from app.core.outgoing import Outgoing, read
from tests.cast import ALICE, BOB, LONG_CODE

SERVICE = "MG" + "0" * 32


def _read(*pairs: tuple[str, str], region: str = "US") -> Outgoing:
    return read(urlencode(pairs).encode(), region)


def test_what_is_told_is_read() -> None:
    """Recipient, senders, time."""
    message = _read(
        ("To", ALICE),
        ("From", f"whatsapp:{LONG_CODE}"),
        ("MessagingServiceSid", SERVICE),
        ("ScheduleType", "fixed"),
        ("SendAt", "2030-01-31T18:00:00+02:00"),
    )

    assert message.number is not None
    assert message.number.e164 == ALICE
    assert message.senders == (LONG_CODE, SERVICE)
    assert message.send_at == datetime(2030, 1, 31, 16, tzinfo=UTC)


@given(st.lists(st.tuples(st.text(min_size=1), st.text())))
def test_every_parameter_but_the_recipient_goes_on_as_it_came(
    pairs: list[tuple[str, str]],
) -> None:
    """In the order it came, whatever it holds."""
    special = {"to", "from", "messagingservicesid", "scheduletype", "sendat"}
    others = [
        (name, value)
        for name, value in pairs
        if name.strip().casefold() not in special and (name + value).isprintable()
    ]

    message = _read(("To", ALICE), *others)

    assert parse_qsl(message.form, keep_blank_values=True) == [("To", ALICE), *others]


@pytest.mark.parametrize(
    ("written", "region", "handed_on"),
    [
        ("079 0123 4567", "GB", "+447901234567"),  # not left to be read as another country's
        ("+5215512345678", "US", "+5215512345678"),
        ("+1 (201) 555-0123", "GB", ALICE),
        ("whatsapp:+12015550123", "US", "whatsapp:+12015550123"),
    ],
)
def test_a_recipient_goes_on_in_a_spelling_that_is_read_in_one_way(
    written: str, region: str, handed_on: str
) -> None:
    """As it came where it is in E.164, else as it was checked."""
    message = _read(("To", written), region=region)

    assert dict(parse_qsl(message.form))["To"] == handed_on


@pytest.mark.parametrize("written", ["", "nobody", "12345", "messenger:12015550123", "a:b"])
def test_what_is_no_number_names_nobody(written: str) -> None:
    """Nothing is guessed."""
    message = _read(("To", written))

    assert message.number is None
    assert message.is_addressed is bool(written)


@pytest.mark.parametrize("written", ["x" * 65, "a\0b", "12345678901234567890"])
def test_what_cannot_be_a_sender_is_none(written: str) -> None:
    """It is handed on for Twilio to refuse, and looked up nowhere."""
    assert _read(("To", ALICE), ("From", written)).senders == ()


@pytest.mark.parametrize(
    "body",
    [
        b"To=%ff",
        b"To=\xff",
        urlencode([("To", ALICE), ("TO ", BOB)]).encode(),
        urlencode([("To", ALICE), ("SendAt", "tomorrow")]).encode(),
        urlencode([("To", ALICE), ("SendAt", "2030-01-01")]).encode(),
        b"&".join(b"a=1" for _ in range(1001)),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(body: bytes) -> None:
    """No number is repeated."""
    with pytest.raises(MalformedRequest) as caught:
        read(body, "US")

    assert ALICE not in str(caught.value)


def test_the_same_request_in_another_order_is_the_same() -> None:
    """But repeated parameters keep their own order."""
    one, two = ("MediaUrl", "1"), ("MediaUrl", "2")

    forms = [
        _read(*pairs).canonical_form
        for pairs in (
            [("To", ALICE), one, two],
            [one, ("To", ALICE), two],
            [two, one, ("To", ALICE)],
        )
    ]

    assert forms[0] == forms[1] != forms[2]
