"""Twilio's REST API as our programs see it: against a real server that behaves like Twilio."""

import pytest

from app.core.errors import CarrierAway, CarrierRefused, Misconfigured
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
