"""The webhook, from the outside."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from twilio.request_validator import RequestValidator

from app.factory import create_app
from tests.cast import ALICE, SHORT_CODE, TOKEN
from tests.conftest import Web
from tests.live import WEBHOOK, inbound_form

FORM = "application/x-www-form-urlencoded"


def _stored(web: Web) -> int:
    with web.services.db.reading() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM inbox")).scalar_one())


def test_a_stop_is_refused_from_its_answer_on(web: Web) -> None:
    """What was answered 200 is committed."""
    assert web.check(ALICE)["allowed"] is True

    response = web.message("SM1", ALICE, "please STOP")

    assert response.status_code == 200
    assert response.content_type.startswith("text/xml")
    answer = web.check(ALICE)
    assert (answer["allowed"], answer["reason"], answer["scope"]) == (False, "opted_out", "*")


def test_free_text_is_confirmed_and_a_bare_keyword_is_left_to_twilio(web: Web) -> None:
    """On a long code Twilio answers its own words."""
    assert b"<Message>" in web.message("SM1", ALICE, "please stop texting me").data
    assert b"<Message>" not in web.message("SM2", "+12015550130", "STOP").data
    assert b"<Message>" in web.message("SM3", "+12015550131", "STOP", to=SHORT_CODE).data


@pytest.mark.parametrize(
    "signature", [None, "", "x", "é", "L/OH5YylLD5NRKLltdqwSvS0BnU=", "x" * 4000]
)
def test_without_a_valid_signature_nothing_is_stored(web: Web, signature: str | None) -> None:
    """403, never 500."""
    headers = {} if signature is None else {"X-Twilio-Signature": signature}

    response = web.client.post(WEBHOOK, data=inbound_form("SM1", ALICE, "STOP"), headers=headers)

    assert response.json is not None
    assert (response.status_code, response.json["code"]) == (403, "bad_signature")
    assert _stored(web) == 0


@pytest.mark.parametrize("missing", ["MessageSid", "From", "To"])
def test_a_signed_message_without_what_it_needs_is_400(web: Web, missing: str) -> None:
    """In the one error shape, and nothing is stored."""
    response = web.message("SM1", ALICE, "STOP", **{"SmsSid": "", missing: ""})

    assert response.json is not None
    assert (response.status_code, response.json["code"]) == (400, "malformed_request")
    assert _stored(web) == 0


def test_a_carrier_without_a_secret_is_not_there(web: Web) -> None:
    """404, as any unknown path."""
    assert web.client.post("/webhooks/none-such/messages").status_code == 404


def test_without_any_token_there_is_no_webhook(make_web: Callable[..., Web]) -> None:
    """A carrier without a configured secret is not mounted."""
    web = make_web(TWILIO_AUTH_TOKEN="")  # and no data directory that could hold a local one

    assert web.message("SM1", ALICE, "STOP").status_code == 404


def test_the_public_url_is_what_is_signed(make_web: Callable[..., Web]) -> None:
    """With its port, whatever host the proxy names; path and query as they came."""
    web = make_web(STOPLIST_PUBLIC_URL="https://user:pw@sms.example.com:8443/#rc=3")
    form = inbound_form("SM1", ALICE, "STOP")
    target = f"{WEBHOOK}?x=%7Ea&y=%C3%A9%2F"
    signature = RequestValidator(TOKEN).compute_signature(
        f"https://sms.example.com:8443{target}", form
    )

    response = web.client.post(target, data=form, headers={"X-Twilio-Signature": signature})

    assert response.status_code == 200


def test_behind_a_proxy_the_forwarded_scheme_and_host_are_signed(web: Web) -> None:
    """Without a public URL, what the proxy says is believed for the signature alone."""
    form = inbound_form("SM1", ALICE, "STOP")
    signature = RequestValidator(TOKEN).compute_signature(f"https://sms.example.com{WEBHOOK}", form)
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "sms.example.com"}

    response = web.client.post(
        WEBHOOK, data=form, headers={"X-Twilio-Signature": signature, **forwarded}
    )

    assert response.status_code == 200


def test_text_of_any_script_is_kept_untrimmed(web: Web) -> None:
    """Unknown parameters are accepted and signed over."""
    response = web.message("SM1", ALICE, "  \t停止 🛑\r\n ", Unheard="of", Empty="")

    assert response.status_code == 200
    assert web.check(ALICE)["allowed"] is False


def test_a_nul_in_a_text_is_kept(web: Web) -> None:
    """PostgreSQL takes no NUL in a text; a sealed body is bytes."""
    assert web.message("SM1", ALICE, "STOP\0").status_code == 200
    assert web.check(ALICE)["allowed"] is False


def test_only_post_is_answered(web: Web) -> None:
    """405 in the one error shape."""
    response = web.client.get(WEBHOOK + "?" + urlencode(inbound_form("SM1", ALICE, "STOP")))

    assert response.status_code == 405
    assert response.content_type == "application/problem+json"


def test_the_application_is_made_without_touching_the_database(
    make_settings: Callable[..., object],
) -> None:
    """It starts while the database is away, and then answers 503."""
    settings = make_settings(STOPLIST_DATABASE_URL="postgresql://u@127.0.0.1:9/none")

    client = create_app(settings).test_client()  # type: ignore[arg-type]

    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert ready.json is not None
    assert (ready.status_code, ready.json["code"]) == (503, "unavailable")
    assert int(ready.headers["Retry-After"]) > 0
