"""Twilio: inbound messages by form post, answered with TwiML.

    POST /webhooks/twilio/messages
    X-Twilio-Signature: RSOYDt4T1cUTdK1PDd93/VVr8B8=
    Content-Type: application/x-www-form-urlencoded

    MessageSid=SM...&AccountSid=AC...&From=%2B12015550123&To=%2B12015550100&Body=STOP&NumMedia=0&FromZip=

https://www.twilio.com/docs/messaging/guides/webhook-request
https://www.twilio.com/docs/usage/security
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from app.carriers.base import WireReply, WireRequest
from app.carriers.signatures import Algorithm, hmac_base64, is_one_of
from app.core.errors import BadSignature, MalformedRequest
from app.core.inbound import DeliveryReport, Failure, InboundMessage
from app.core.intent import Intent
from app.core.phone import Sender, SenderKind, person, sender, split_channel

SIGNATURE = "x-twilio-signature"
SIGNATURE_SETTINGS = "x-twilio-webhooks-signature-settings"

# Map OptOutType: intent. https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
_VERDICTS = {"STOP": Intent.OPT_OUT, "START": Intent.OPT_IN, "HELP": Intent.HELP}

# The whole messages that Twilio answers itself: its default list, and the toll-free network's own
# words. Standalone short codes and WhatsApp senders have no such list.
_DEFAULT_STOPS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
_DEFAULT_WORDS = frozenset(_DEFAULT_STOPS | {"START", "UNSTOP", "YES", "HELP", "INFO"})
_ANSWERED_BY_TWILIO = {
    SenderKind.LONG_CODE: _DEFAULT_WORDS,
    SenderKind.SERVICE: _DEFAULT_WORDS,
    SenderKind.ALPHANUMERIC: _DEFAULT_WORDS,  # RCS agents, whose opt-outs are one with SMS since 2026-03-16
    SenderKind.TOLL_FREE: frozenset({"STOP", "START", "UNSTOP", "HELP"}),
    SenderKind.SHORT_CODE: frozenset[str](),
}
# Map ErrorCode: failure. https://www.twilio.com/docs/api/errors
_FAILURES = {
    "21610": Failure.BLOCKED,
    "30003": Failure.UNREACHABLE,  # the handset is off or out of reach
    "30005": Failure.UNREACHABLE,  # nobody has the number, as far as the network knows
    "30006": Failure.UNREACHABLE,  # a landline, or a carrier that takes no texts
}
_LONGEST_CODE = 6
_EMPTY = b'<?xml version="1.0" encoding="UTF-8"?><Response />'
_NAME = re.compile(r"[\x21-\x7e]{1,64}")
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Twilio:
    """Twilio's webhooks, for one or more accounts.

    Args:
        tokens: auth tokens of any account; several while one is rotated.
        accounts: AccountSid to the tokens of that account, which are then the only ones it may sign
            with.
        shared_keys: SharedKey id to secret. Where there are any, only they may sign, by
            HMAC-SHA256.
    """

    name = "twilio"

    def __init__(
        self,
        tokens: tuple[str, ...],
        accounts: Mapping[str, tuple[str, ...]],
        shared_keys: Mapping[str, str],
    ) -> None:
        self._tokens = tokens
        self._accounts = accounts
        self._shared_keys = shared_keys

    def __repr__(self) -> str:
        return "Twilio()"

    def verify(self, request: WireRequest) -> None:
        """Check the signature over the public URL and every parameter.

        Raises:
            BadSignature: see `Carrier.verify`.
        """
        given = request.headers.get(SIGNATURE, "")
        parameters = request.form
        if not given or parameters is None:
            raise BadSignature("the signature is missing, or what it signs cannot be read")
        algorithm, secrets = self._secrets(request, parameters)
        tail = "".join(
            name + value
            for name, values in sorted(parameters.items())
            for value in sorted(set(values))
        )
        expected = [
            hmac_base64(secret, url + tail, algorithm)
            for url in _spellings(request.url)
            for secret in secrets
        ]
        if not is_one_of(given, expected):
            raise BadSignature(
                "the signature does not match: check the auth token and STOPLIST_PUBLIC_URL"
            )

    def parse(self, request: WireRequest) -> InboundMessage:
        """Read one inbound message.

        Raises:
            MalformedRequest: `MessageSid`, `From` or `To` is missing or unusable.
        """
        parameters = request.form or {}
        fields = {name: values[-1] for name, values in parameters.items()}
        message_id = fields.get("MessageSid") or fields.get("SmsSid") or ""
        if not _NAME.fullmatch(message_id):
            raise MalformedRequest("MessageSid is missing or is not an id")
        if not fields.get("From") or not fields.get("To"):
            raise MalformedRequest("From and To must be given")
        channel, author_address = split_channel(fields["From"])
        texted = _sender(fields["To"])
        service = fields.get("MessagingServiceSid")
        text = fields.get("Body", "")
        verdict = _VERDICTS.get(fields.get("OptOutType", "").strip().upper())
        return InboundMessage(
            carrier=self.name,
            message_id=message_id,
            author=person(author_address),
            author_address=author_address,
            sender=texted,
            service=_sender(service) if service else None,
            channel=channel,
            text=text,
            verdict=verdict,
            carrier_answered=verdict is not None or _answers(texted, channel, text),
            occurred_at=None,  # Twilio's form holds no time
        )

    def parse_report(self, request: WireRequest) -> DeliveryReport:
        """Read one status callback.

        Raises:
            MalformedRequest: `MessageSid` is missing or is not an id.
        """
        fields = {name: values[-1] for name, values in (request.form or {}).items()}
        message_id = fields.get("MessageSid") or fields.get("SmsSid") or ""
        if not _NAME.fullmatch(message_id):
            raise MalformedRequest("MessageSid is missing or is not an id")
        code = fields.get("ErrorCode", "").strip()
        return DeliveryReport(
            carrier=self.name,
            message_id=message_id,
            recipient=person(fields.get("To", "")),
            failure=_FAILURES.get(code),
            code=code if code.isascii() and code.isdigit() and len(code) <= _LONGEST_CODE else None,
        )

    def reply(self, text: str | None) -> WireReply:
        """Write TwiML: empty, or with one message."""
        if text is None:
            return WireReply(body=_EMPTY, content_type="text/xml; charset=utf-8")
        message = escape(_NOT_IN_XML.sub("", text))
        twiml = f'<?xml version="1.0" encoding="UTF-8"?><Response><Message>{message}</Message></Response>'
        return WireReply(body=twiml.encode(), content_type="text/xml; charset=utf-8")

    def _secrets(
        self, request: WireRequest, parameters: Mapping[str, list[str]]
    ) -> tuple[Algorithm, tuple[str, ...]]:
        """Return the algorithm and the secrets that may have signed; never a weaker one than configured."""
        if self._shared_keys:
            named = dict(
                part.strip().partition("=")[::2]
                for part in request.headers.get(SIGNATURE_SETTINGS, "").split(",")
            )
            secret = self._shared_keys.get(named.get("key", ""))
            if secret is None or named.get("algorithm") != "HMAC_SHA256":
                raise BadSignature(
                    "a SharedKey with HMAC_SHA256 is required, as STOPLIST_TWILIO_SHARED_KEYS says"
                )
            return "HMAC_SHA256", (secret,)
        account = parameters.get("AccountSid", [""])[-1]
        return "HMAC_SHA1", self._accounts.get(account, self._tokens)


def _spellings(url: str) -> tuple[str, ...]:
    """Return the URL as it is, without its port, and with the default port: which one Twilio signs varies."""
    parts = urlsplit(url)
    bare, port = re.fullmatch(r"(.*?)(:\d+)?", parts.netloc, re.DOTALL).groups()  # type: ignore[union-attr]
    head = f"{parts.scheme}://"
    tail = url[len(head) + len(parts.netloc) :]
    if port:
        return url, head + bare + tail
    return url, head + bare + (":443" if parts.scheme == "https" else ":80") + tail


def _sender(address: str) -> Sender:
    read = sender(address)
    if not _NAME.fullmatch(read.address.replace(" ", "")):
        raise MalformedRequest("To and MessagingServiceSid must be addresses")
    return read


def _answers(texted: Sender, channel: str, text: str) -> bool:
    """Tell whether Twilio answers this message itself: only a whole message of one word, whatever its case."""
    return channel != "whatsapp" and text.strip().upper() in _ANSWERED_BY_TWILIO[texted.kind]
