"""Twilio's REST API as our programs see it: against a real server that behaves like Twilio."""

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from app.core.errors import CarrierAway, CarrierRefused, CarrierUnreached, Misconfigured
from app.upstream.twilio import TwilioApi, translated
from tests.cast import ACCOUNT, ALICE, LONG_CODE, TOKEN
from tests.twilio_api import Fault
from tests.twilio_api import TwilioApi as SmallTwilio


@pytest.fixture(name="api")
def _api(twilio_api: SmallTwilio) -> TwilioApi:
    return TwilioApi({ACCOUNT: TOKEN}, twilio_api.url)


def test_every_product_and_every_page_is_asked_there(
    api: TwilioApi, twilio_api: SmallTwilio
) -> None:
    """Messages, messaging services and alerts; a next page that is named by an absolute address too."""
    for place in range(5):
        twilio_api.account.receives(ALICE, LONG_CODE, f"message {place}")
        twilio_api.account.add_service()
    client = api.client(ACCOUNT)

    with translated():
        assert len(list(client.messages.stream(page_size=2))) == 5
        assert len(list(client.messaging.v1.services.stream(page_size=2))) == 5
        assert list(client.monitor.v1.alerts.stream()) == []


@pytest.mark.parametrize(
    "fault", [Fault(status=429), Fault(status=500), Fault(status=503), Fault(cut=True)]
)
def test_what_may_be_well_later_is_said_so(
    api: TwilioApi, twilio_api: SmallTwilio, fault: Fault
) -> None:
    """Too many, their fault, or no answer at all."""
    twilio_api.account.goes_wrong(fault, times=9)

    with pytest.raises(CarrierAway), translated():
        api.client(ACCOUNT).api.accounts(ACCOUNT).fetch()


def test_silence_is_not_borne_for_long(api: TwilioApi, twilio_api: SmallTwilio) -> None:
    """Every call has a time-out."""
    twilio_api.account.goes_wrong(Fault(wait_s=30), times=9)

    with pytest.raises(CarrierAway), translated():
        api.client(ACCOUNT, timeout=0.2).api.accounts(ACCOUNT).fetch()


def test_a_refusal_keeps_twilios_own_code(api: TwilioApi, twilio_api: SmallTwilio) -> None:
    """And repeats no number."""
    twilio_api.account.block(ALICE, sender=LONG_CODE)

    with pytest.raises(CarrierRefused) as caught, translated():
        api.client(ACCOUNT).messages.create(to=ALICE, from_=LONG_CODE, body="Hello")

    assert (caught.value.status, caught.value.carrier_code) == (400, 21610)
    assert ALICE not in str(caught.value)


def test_an_account_without_a_token_is_a_matter_of_the_settings(api: TwilioApi) -> None:
    """Before anything is asked."""
    with pytest.raises(Misconfigured):
        api.client("AC" + "f" * 32)


@pytest.mark.parametrize(
    ("base", "edge", "region"),
    [
        ("https://api.twilio.com", None, None),
        ("https://api.dublin.ie1.twilio.com", "dublin", "ie1"),
        ("https://api.ie1.twilio.com", None, "ie1"),
    ],
)
def test_twilios_own_addresses_are_its_regions(
    base: str, edge: str | None, region: str | None
) -> None:
    """One host cannot serve all products there: the package makes each product's own."""
    client = TwilioApi({ACCOUNT: TOKEN}, base).client(ACCOUNT)

    assert (client.edge, client.region) == (edge, region)


# --- handing on


MEDIA = [("MediaUrl", "a"), ("MediaUrl", "b")]
FORM = urlencode([("To", ALICE), ("From", LONG_CODE), ("Body", "Hello"), *MEDIA])


def test_a_form_is_handed_on_and_the_answer_is_twilios_own(
    api: TwilioApi, twilio_api: SmallTwilio
) -> None:
    """Whatever its status: a no is no error here."""
    taken = api.forward(ACCOUNT, FORM)
    refused = api.forward(ACCOUNT, "Body=x")

    (sent,) = twilio_api.account.sends
    assert (taken.status, refused.status) == (201, 400)
    assert json.loads(taken.body)["sid"] == sent.sid
    assert taken.content_type == "application/json;charset=utf-8"
    assert sent.form["MediaUrl"] == ["a", "b"]


@pytest.mark.parametrize("fault", [Fault(cut=True), Fault(cut=True, acts=True), Fault(wait_s=30)])
def test_a_form_that_went_out_without_an_answer_may_have_been_carried_out(
    api: TwilioApi, twilio_api: SmallTwilio, fault: Fault
) -> None:
    """It is not handed on a second time."""
    api.forward(ACCOUNT, FORM)
    twilio_api.account.goes_wrong(fault)

    with pytest.raises(CarrierAway) as caught:
        api.forward(ACCOUNT, FORM, timeout=0.3)

    assert type(caught.value) is CarrierAway
    assert len(twilio_api.account.seen) == 2


@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:9", "http://no-such-host.invalid", "https://127.0.0.1:9"]
)
def test_a_twilio_that_cannot_be_reached_was_not_asked(base: str) -> None:
    """Nobody listens, or there is nobody of that name."""
    with pytest.raises(CarrierUnreached):
        TwilioApi({ACCOUNT: TOKEN}, base).forward(ACCOUNT, FORM)


def test_threads_do_not_get_each_others_answers(api: TwilioApi, twilio_api: SmallTwilio) -> None:
    """Each has connections of its own."""
    people = [f"+1201555{place:04}" for place in range(100, 200)]

    def send(to: str) -> bool:
        answer = api.forward(ACCOUNT, urlencode({"To": to, "From": LONG_CODE, "Body": "x"}))
        return bool(json.loads(answer.body)["to"] == to)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(send, people))


def test_a_scheduled_message_is_canceled_once(api: TwilioApi, twilio_api: SmallTwilio) -> None:
    """Asked again, Twilio says no."""
    api.forward(ACCOUNT, FORM + "&ScheduleType=fixed")
    (sent,) = twilio_api.account.sends

    api.cancel(ACCOUNT, sent.sid)

    assert sent.status == "canceled"
    with pytest.raises(CarrierRefused):
        api.cancel(ACCOUNT, sent.sid)


# --- a token that is rotated


@pytest.mark.parametrize("taken", [["old"], ["new"], ["old", "new"]])
def test_while_a_token_is_rotated_a_message_goes_out_once_with_the_one_that_twilio_takes(
    twilio_api: SmallTwilio, taken: list[str]
) -> None:
    """A 401 says that nothing was sent. The token that was taken comes first from then on."""
    twilio_api.account.tokens = taken
    api = TwilioApi({ACCOUNT: ("new", "old")}, twilio_api.url)

    answers = [api.forward(ACCOUNT, FORM) for _ in range(2)]

    assert [answer.status for answer in answers] == [201, 201]
    assert len(twilio_api.account.sends) == 2
    assert api.client(ACCOUNT).password == ("new" if "new" in taken else "old")


def test_a_scheduled_message_is_canceled_with_the_token_that_twilio_takes(
    twilio_api: SmallTwilio,
) -> None:
    """The STOP may come when the token has changed since the message."""
    api = TwilioApi({ACCOUNT: ("new", "old")}, twilio_api.url)
    twilio_api.account.tokens = ["old"]
    api.forward(ACCOUNT, FORM + "&ScheduleType=fixed")
    twilio_api.account.tokens = ["new"]

    api.cancel(ACCOUNT, twilio_api.account.sends[0].sid)

    assert twilio_api.account.sends[0].status == "canceled"


def test_no_token_that_twilio_takes_is_twilios_own_401(twilio_api: SmallTwilio) -> None:
    """For a message and for a cancellation alike."""
    api = TwilioApi({ACCOUNT: ("new", "old")}, twilio_api.url)
    twilio_api.account.tokens = ["other"]

    assert api.forward(ACCOUNT, FORM).status == 401
    with pytest.raises(CarrierRefused) as caught:
        api.cancel(ACCOUNT, "SM" + "0" * 32)
    assert caught.value.status == 401


@pytest.mark.parametrize("fault", [Fault(status=429), Fault(status=503), Fault(status=400)])
def test_any_other_no_is_not_tried_with_another_token(
    twilio_api: SmallTwilio, fault: Fault
) -> None:
    """Only a 401 says that it was the token, and that nothing was done."""
    api = TwilioApi({ACCOUNT: (TOKEN, "old")}, twilio_api.url)
    twilio_api.account.goes_wrong(fault)

    assert api.forward(ACCOUNT, FORM).status == fault.status
    assert len(twilio_api.account.seen) == 1
