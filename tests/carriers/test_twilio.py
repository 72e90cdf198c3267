"""Twilio's adapter: verify, parse, reply."""

from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from app.carriers.base import WireRequest
from app.carriers.twilio import SIGNATURE, SIGNATURE_SETTINGS, Twilio
from app.core.errors import BadSignature, MalformedRequest
from app.core.inbound import InboundMessage
from app.core.intent import Intent
from tests.cast import ACCOUNT, ALICE, LONG_CODE, SHORT_CODE, TOKEN, TOLL_FREE
from tests.live import inbound_form

URL = "https://sms.example.com/webhooks/twilio/messages"
FORM = "application/x-www-form-urlencoded"
OTHER_TOKEN = "f" * 32
SHARED_KEY = "webhooks_sharedkey_01"


def request(
    fields: dict[str, str] | list[tuple[str, str]], signature: str, url: str = URL, **headers: str
) -> WireRequest:
    """Return a request as the web floor hands it over."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return WireRequest(
        url=url,
        headers={"content-type": FORM, SIGNATURE: signature, **named},
        body=urlencode(fields).encode(),
    )


def signed(fields: dict[str, str], url: str = URL, token: str = TOKEN) -> WireRequest:
    """Return a request signed by Twilio's own validator."""
    return request(fields, RequestValidator(token).compute_signature(url, fields), url)


def parsed(text: str, **fields: str) -> InboundMessage:
    """Return a message as the adapter reads it."""
    return adapter().parse(signed(inbound_form("SM1", ALICE, text, **fields)))


def adapter(*tokens: str) -> Twilio:
    """Return an adapter that knows these tokens."""
    return Twilio(tokens or (TOKEN,), {}, {})


@pytest.mark.parametrize(
    ("token", "url", "fields", "signature"),
    [
        (
            "12345",
            "https://example.com/myapp.php?foo=1&bar=2",
            {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675310", "Digits": "1234",
             "From": "+14158675310", "To": "+18005551212"},
            "L/OH5YylLD5NRKLltdqwSvS0BnU=",
        ),
    ],
)  # fmt: skip
def test_the_published_test_vector_is_accepted(
    token: str, url: str, fields: dict[str, str], signature: str
) -> None:
    """The vector of Twilio's own documentation."""
    adapter(token).verify(request(fields, signature, url))


PARAMETERS = st.dictionaries(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=8),
    st.text(st.characters(codec="utf-8"), max_size=20),
    max_size=8,
)


@given(PARAMETERS)
def test_what_twilios_validator_signs_is_accepted(fields: dict[str, str]) -> None:
    """Any parameters: unknown ones, empty ones, untrimmed ones, any script."""
    adapter().verify(signed(fields))


@given(PARAMETERS, st.text(max_size=40))
def test_any_other_signature_is_refused_and_nothing_else_is_raised(
    fields: dict[str, str], signature: str
) -> None:
    """Malformed is invalid, never a crash."""
    with pytest.raises(BadSignature):
        adapter().verify(request(fields, signature))


@pytest.mark.parametrize(
    "url",
    [
        "https://sms.example.com:8443/webhooks/twilio/messages",
        "https://sms.example.com:443/webhooks/twilio/messages",
        "http://127.0.0.1:8000/webhooks/twilio/messages?x=%7Ea&y=%2F%C3%A9&z=a+b",
        "http://[::1]:8000/webhooks/twilio/messages",
    ],
)
def test_ports_and_escapes_in_the_url_are_signed_as_they_stand(url: str) -> None:
    """Nothing in the URL is decoded or tidied."""
    adapter().verify(signed({"MessageSid": "SM1"}, url))


def test_the_default_port_may_be_signed_or_not() -> None:
    """Twilio itself is not consistent."""
    with_port = URL.replace(".com", ".com:443")
    fields = {"MessageSid": "SM1"}
    signature = RequestValidator(TOKEN).compute_signature(with_port, fields)

    adapter().verify(request(fields, signature, URL))


def test_a_field_sent_twice_is_signed_once_per_value() -> None:
    """As Twilio's validator does it: distinct values, sorted."""
    fields = [("A", "2"), ("A", "1"), ("A", "2")]
    signature = RequestValidator(TOKEN).compute_signature(URL + "A1A2", {})

    adapter().verify(request(fields, signature))


def test_each_token_of_a_rotation_is_accepted() -> None:
    """The old primary signs until the new one is promoted."""
    for token in (TOKEN, OTHER_TOKEN):
        adapter(OTHER_TOKEN, TOKEN).verify(signed({"MessageSid": "SM1"}, token=token))


def test_an_account_with_tokens_of_its_own_signs_with_them_alone() -> None:
    """A subaccount cannot speak for its parent, nor the parent for it."""
    carrier = Twilio((TOKEN,), {ACCOUNT: (OTHER_TOKEN,)}, {})
    fields = {"AccountSid": ACCOUNT}

    carrier.verify(signed(fields, token=OTHER_TOKEN))
    with pytest.raises(BadSignature):
        carrier.verify(signed(fields, token=TOKEN))


def test_with_a_shared_key_only_its_sha256_signature_is_accepted() -> None:
    """Never a weaker algorithm than the one configured."""
    carrier = Twilio((TOKEN,), {}, {SHARED_KEY: "secret"})
    fields = {"MessageSid": "SM1"}
    strong = RequestValidator("secret").compute_signature(URL, fields, "HMAC_SHA256")
    weak = RequestValidator("secret").compute_signature(URL, fields, "HMAC_SHA1")

    named = {SIGNATURE_SETTINGS: f"key={SHARED_KEY},algorithm=HMAC_SHA256"}
    carrier.verify(request(fields, strong, **named))
    for refused in (
        request(fields, weak, **{SIGNATURE_SETTINGS: f"key={SHARED_KEY},algorithm=HMAC_SHA1"}),
        request(fields, weak, **named),
        request(fields, strong, **{SIGNATURE_SETTINGS: "key=another,algorithm=HMAC_SHA256"}),
        signed(fields),
    ):
        with pytest.raises(BadSignature):
            carrier.verify(refused)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (FORM, b"\xff\xfe"),
        (FORM, b"a=%ff"),
        (FORM, b"&".join(b"a=1" for _ in range(1000))),
        ("application/json", b"{}"),
        ("", b""),
    ],
)
def test_a_body_that_is_no_form_is_refused(content_type: str, body: bytes) -> None:
    """What cannot be read cannot have been signed."""
    headers = {"content-type": content_type, SIGNATURE: "x"}
    with pytest.raises(BadSignature):
        adapter().verify(WireRequest(url=URL, headers=headers, body=body))


def test_a_message_is_read_whole() -> None:
    """The text untrimmed, the channel apart, the verdict of the carrier as one more voice."""
    fields = {"OptOutType": "STOP", "MessagingServiceSid": "MG" + "0" * 32, "Unheard": "of"}
    form = inbound_form(
        "SM1", f"whatsapp:{ALICE}", "  Stop \n", to=f"whatsapp:{LONG_CODE}", **fields
    )

    message = adapter().parse(signed(form))

    assert message.author is not None
    assert message.author.e164 == ALICE
    assert (message.channel, message.text) == ("whatsapp", "  Stop \n")
    assert message.verdict is Intent.OPT_OUT
    assert message.service is not None
    assert message.occurred_at is None


@pytest.mark.parametrize("missing", ["MessageSid", "From", "To"])
def test_a_message_without_what_every_message_has_is_malformed(missing: str) -> None:
    """It cannot be kept apart from others, or belongs to nobody."""
    form = inbound_form("SM1", ALICE, "STOP")
    form |= {"SmsSid": "", missing: ""}

    with pytest.raises(MalformedRequest):
        adapter().parse(signed(form))


@pytest.mark.parametrize("strange", ["SM 1", "SM\0", "SM\u00e9", "S" * 65])
def test_an_id_that_is_no_id_is_malformed(strange: str) -> None:
    """Ids go into keys and are printable."""
    with pytest.raises(MalformedRequest):
        adapter().parse(signed(inbound_form(strange, ALICE, "STOP")))


@pytest.mark.parametrize(
    ("to", "text", "answered"),
    [
        (LONG_CODE, "STOP", True),
        (LONG_CODE, " stop ", True),
        (LONG_CODE, "Revoke", True),
        (LONG_CODE, "stop.", False),
        (LONG_CODE, "please stop", False),
        (LONG_CODE, "opt out", False),
        (LONG_CODE, "HELP", True),
        (TOLL_FREE, "STOP", True),
        (TOLL_FREE, "QUIT", False),
        (TOLL_FREE, "unstop", True),
        (SHORT_CODE, "STOP", False),
        (SHORT_CODE, "HELP", False),
        (f"whatsapp:{LONG_CODE}", "STOP", False),
    ],
)
def test_twilio_answers_only_its_own_words_on_its_own_kinds_of_sender(
    to: str, text: str, answered: bool
) -> None:
    """A long code's default list, a toll-free network's words; a short code has none."""
    form = inbound_form("SM1", ALICE, text, to=to)
    if to.startswith("whatsapp"):
        form["From"] = f"whatsapp:{ALICE}"

    assert adapter().parse(signed(form)).carrier_answered is answered


def test_under_advanced_opt_out_twilio_always_answers() -> None:
    """`OptOutType` says that it did."""
    assert parsed("pare", to=SHORT_CODE, OptOutType="STOP").carrier_answered


def test_the_reply_is_twiml() -> None:
    """Empty, or one message with everything escaped; never plain text, which would be sent as it is."""
    nothing, something = adapter().reply(None), adapter().reply('<&>"\0\ud83d')

    assert nothing.content_type.startswith("text/xml")
    assert len(ET.fromstring(nothing.body)) == 0
    assert ET.fromstring(something.body).findtext("Message") == '<&>"'
