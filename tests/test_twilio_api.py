"""The Twilio of the tests, seen through Twilio's own client: what it shows is what our programs will meet."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests.cast import ACCOUNT, ALICE, BOB, LONG_CODE, SHORT_CODE, TOKEN, TOLL_FREE
from tests.twilio_api import Alert, Fault, Rerouted, ShortCode, TwilioApi

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _send(client: Client, to: str = ALICE, **more: Any) -> Any:
    return client.messages.create(**{"to": to, "from_": LONG_CODE, "body": "Hello", **more})


def _refused(act: Callable[[], object]) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        act()
    return caught.value.status, caught.value.code


def test_a_send_is_taken_and_can_be_read(twilio_api: TwilioApi) -> None:
    """The answer says queued; a later look says sent."""
    client = twilio_api.client()

    sent = _send(client)

    assert (sent.status, sent.to, sent.from_, sent.date_sent) == ("queued", ALICE, LONG_CODE, None)
    assert client.messages(sent.sid).fetch().status == "sent"
    assert [message.form["Body"] for message in twilio_api.account.sends] == [["Hello"]]


def test_two_equal_sends_are_two_messages(twilio_api: TwilioApi) -> None:
    """Twilio knows no idempotency key."""
    client = twilio_api.client()

    sids = {_send(client).sid for _ in range(2)}

    assert len(sids) == len(twilio_api.account.sends) == 2


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"to": ""}, 21604),
        ({"from_": ""}, 21603),
        ({"body": ""}, 21602),
        ({"to": "nobody"}, 21211),
    ],
)
def test_a_send_that_is_not_whole_is_refused(
    twilio_api: TwilioApi, form: dict[str, str], code: int
) -> None:
    """With Twilio's code for what is missing."""
    assert _refused(lambda: _send(twilio_api.client(), **form)) == (400, code)
    assert not twilio_api.account.sends


def test_a_block_holds_for_one_sender_and_is_refused_at_once(twilio_api: TwilioApi) -> None:
    """21610 where a number sends; another number gets through."""
    twilio_api.account.block(ALICE, sender=LONG_CODE)
    client = twilio_api.client()

    assert _refused(lambda: _send(client)) == (400, 21610)
    assert _send(client, from_=TOLL_FREE).status == "queued"


def test_a_block_shows_late_behind_a_service(twilio_api: TwilioApi) -> None:
    """A messaging service takes the message and fails it afterwards."""
    service = twilio_api.account.add_service()
    twilio_api.account.block(ALICE, sender=service.sid)
    client = twilio_api.client()

    sent = client.messages.create(to=ALICE, messaging_service_sid=service.sid, body="Hello")

    later = client.messages(sent.sid).fetch()
    assert (sent.status, later.status, later.error_code) == ("accepted", "failed", 21610)


def test_a_scheduled_message_can_be_cancelled_once(twilio_api: TwilioApi) -> None:
    """And one that went out cannot."""
    client = twilio_api.client()
    planned = _send(client, schedule_type="fixed", send_at=NOON, messaging_service_sid="MG1")

    cancelled = client.messages(planned.sid).update(status="canceled")

    assert (planned.status, cancelled.status) == ("scheduled", "canceled")
    again = _refused(lambda: client.messages(planned.sid).update(status="canceled"))
    assert again[1] == 30409


def test_lists_come_in_pages_newest_first(twilio_api: TwilioApi) -> None:
    """What arrives while the pages are turned moves nothing."""
    for minute in range(5):
        twilio_api.account.receives(
            ALICE, LONG_CODE, str(minute), at=NOON + timedelta(minutes=minute)
        )
    pages = twilio_api.client().messages.stream(page_size=2)

    first = next(pages).body
    twilio_api.account.receives(BOB, LONG_CODE, "late", at=NOON + timedelta(hours=1))

    assert [first, *(message.body for message in pages)] == ["4", "3", "2", "1", "0"]


def test_messages_are_found_by_address_and_time(twilio_api: TwilioApi) -> None:
    """Times of day are looked at only if the test says so: whether Twilio does is not known."""
    for hour in (-30, 0, 1):
        twilio_api.account.receives(ALICE, LONG_CODE, f"{hour}", at=NOON + timedelta(hours=hour))
    twilio_api.account.receives(BOB, TOLL_FREE, "other", at=NOON)

    def found(**filters: Any) -> list[str]:
        return [message.body for message in twilio_api.client().messages.list(**filters)]

    assert found(to=LONG_CODE, date_sent_after=NOON + timedelta(hours=1)) == ["1", "0"]
    assert found(to=LONG_CODE, date_sent_before=NOON) == ["1", "0", "-30"]
    assert found(from_=BOB) == ["other"]
    twilio_api.account.whole_days = False
    assert found(to=LONG_CODE, date_sent_after=NOON + timedelta(hours=1)) == ["1"]
    assert found(to=LONG_CODE, date_sent_before=NOON) == ["0", "-30"]


def test_numbers_are_listed_and_changed(twilio_api: TwilioApi) -> None:
    """Fragments of a URL included."""
    number = twilio_api.account.add_number(LONG_CODE, sms_url="https://old.example.com/sms")
    client = twilio_api.client()
    url = "https://sms.example.com/webhooks/twilio/messages#rc=3"

    before = client.incoming_phone_numbers.list()
    after = client.incoming_phone_numbers(number.sid).update(sms_url=url, sms_fallback_url=url)

    assert [each.sms_url for each in before] == ["https://old.example.com/sms"]
    assert (after.sms_url, after.sms_fallback_url, after.sms_method) == (url, url, "POST")
    assert client.incoming_phone_numbers(number.sid).fetch().sms_url == number.sms_url == url


def test_services_and_their_senders_are_listed_over_pages(twilio_api: TwilioApi) -> None:
    """The next page of a product is named by a URL at Twilio's own host; the client still comes here."""
    number = twilio_api.account.add_number(LONG_CODE)
    services = [
        twilio_api.account.add_service(number, ShortCode(short_code=SHORT_CODE)) for _ in range(3)
    ]
    client = twilio_api.client()

    found = client.messaging.v1.services.list(page_size=2)

    assert [each.sid for each in found] == [each.sid for each in services]
    first = client.messaging.v1.services(services[0].sid)
    assert [each.phone_number for each in first.phone_numbers.list()] == [LONG_CODE]
    assert [each.short_code for each in first.short_codes.list()] == [SHORT_CODE]
    changed = first.update(
        inbound_request_url="https://x.example", use_inbound_webhook_on_number=True
    )
    assert (changed.inbound_request_url, changed.use_inbound_webhook_on_number) == (
        "https://x.example",
        True,
    )


def test_alerts_tell_what_was_asked_only_one_by_one(twilio_api: TwilioApi) -> None:
    """By level and day."""
    url = "https://sms.example.com/webhooks/twilio/messages"
    alert = Alert(
        error_code="11200", request_url=url, date_generated=NOON, request_variables="Body=STOP"
    )
    twilio_api.account.alerts = [
        alert,
        Alert(error_code="11321", request_url=url, log_level="warning"),
    ]
    client = twilio_api.client()

    found = client.monitor.v1.alerts.list(log_level="error", start_date=NOON, end_date=NOON)

    assert [(each.error_code, each.request_variables) for each in found] == [("11200", None)]
    assert client.monitor.v1.alerts(alert.sid).fetch().request_variables == "Body=STOP"


def test_the_account_answers_to_its_own_credentials_alone(twilio_api: TwilioApi) -> None:
    """To each auth token during rotation and to API keys; to nobody else."""
    twilio_api.account.tokens.append("secondary")
    twilio_api.account.api_keys["SK" + "1" * 32] = "secret"

    def fetch(user: str, password: str) -> str:
        http_client = Rerouted(twilio_api.url, timeout=10)
        client = Client(user, password, ACCOUNT, http_client=http_client)
        return str(client.api.v2010.accounts(ACCOUNT).fetch().status)

    assert fetch(ACCOUNT, TOKEN) == fetch(ACCOUNT, "secondary") == "active"
    assert fetch("SK" + "1" * 32, "secret") == "active"
    assert _refused(lambda: fetch(ACCOUNT, "wrong")) == (401, 20003)
    assert requests.get(f"{twilio_api.url}/v1/Alerts", timeout=10).status_code == 401


def test_what_is_not_there_is_not_found(twilio_api: TwilioApi) -> None:
    """Messages, resources, other accounts."""
    client = twilio_api.client()

    assert _refused(client.messages("SM" + "0" * 32).fetch) == (404, 20404)
    assert _refused(client.api.v2010.accounts("AC" + "9" * 32).fetch) == (404, 20404)
    assert _refused(lambda: client.calls("CA" + "0" * 32).fetch()) == (404, 20404)


@pytest.mark.parametrize(("status", "code"), [(429, 20429), (500, 20500), (503, 20503)])
def test_an_error_befalls_the_next_requests_alone(
    twilio_api: TwilioApi, status: int, code: int
) -> None:
    """And nothing is sent."""
    twilio_api.account.goes_wrong(Fault(status=status), times=2)
    client = twilio_api.client()

    assert [_refused(lambda: _send(client)) for _ in range(2)] == [(status, code)] * 2
    assert _send(client).status == "queued"
    assert len(twilio_api.account.sends) == 1


@pytest.mark.parametrize("acts", [False, True])
def test_a_connection_is_cut_before_or_after_the_deed(twilio_api: TwilioApi, acts: bool) -> None:
    """The sender sees the same."""
    twilio_api.account.goes_wrong(Fault(cut=True, acts=acts, only="POST .*/Messages"))

    with pytest.raises(requests.ConnectionError):
        _send(twilio_api.client())

    assert len(twilio_api.account.sends) == acts


def test_slowness_outlasts_a_time_out_but_not_the_deed(twilio_api: TwilioApi) -> None:
    """What timed out was sent all the same; the end of the test waits for nobody."""
    twilio_api.account.goes_wrong(Fault(wait_s=60, only="POST"))
    client = twilio_api.client(timeout=0.2)

    with pytest.raises(requests.Timeout):
        _send(client)

    assert len(client.messages.list()) == len(twilio_api.account.sends) == 1


def test_its_clock_can_be_wrong(twilio_api: TwilioApi) -> None:
    """As the Date header shows."""
    twilio_api.account.skew = timedelta(hours=-2)

    date = requests.get(twilio_api.url, timeout=10).headers["Date"]

    behind = datetime.now(UTC) - parsedate_to_datetime(date)
    assert abs(behind - timedelta(hours=2)) < timedelta(seconds=30)


def test_a_base_url_moves_one_product_and_its_first_pages(twilio_api: TwilioApi) -> None:
    """Which is why our programs give the package an HTTP client that moves them all."""
    for _ in range(3):
        twilio_api.account.receives(ALICE, LONG_CODE, "Hi")
        twilio_api.account.add_service()
    client = Client(ACCOUNT, TOKEN, http_client=_Local(timeout=10))
    client.api.base_url = client.messaging.base_url = twilio_api.url

    assert len(client.messages.list(page_size=2)) == 3
    with pytest.raises(TwilioException, match=r"messaging\.twilio\.com"):
        client.messaging.v1.services.list(page_size=2)


class _Local(TwilioHttpClient):  # type: ignore[misc]  # twilio is untyped
    """Twilio's HTTP client that goes nowhere but to this machine."""

    def request(self, method: str, url: str, *rest: Any, **more: Any) -> Any:
        """Refuse to go to Twilio."""
        if "twilio.com" in url:
            raise TwilioException(url)
        return super().request(method, url, *rest, **more)
