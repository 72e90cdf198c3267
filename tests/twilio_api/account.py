"""What Twilio holds of one account: tests fill it, and read from it what was sent and asked."""

import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.cast import ACCOUNT, TOKEN
from tests.twilio_api.faults import Fault, Faults


def new_sid(prefix: str) -> str:
    """Return a new id as Twilio makes them, such as `SM` and 32 hexadecimal digits."""
    return prefix + uuid.uuid4().hex


def now() -> datetime:
    """Return the time in whole seconds, as Twilio keeps it."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(kw_only=True)
class Number:
    """A phone number of the account."""

    phone_number: str
    sid: str = field(default_factory=lambda: new_sid("PN"))
    friendly_name: str = ""
    sms_url: str = ""
    sms_method: str = "POST"
    sms_fallback_url: str = ""
    sms_fallback_method: str = "POST"
    sms_application_sid: str = ""
    status_callback: str = ""
    status_callback_method: str = "POST"


@dataclass(kw_only=True)
class ShortCode:
    """A short code of the account."""

    short_code: str
    sid: str = field(default_factory=lambda: new_sid("SC"))


@dataclass(kw_only=True)
class Service:
    """A messaging service: a pool of senders with webhooks of its own.

    Whether Advanced Opt-Out is on cannot be read by REST, and so does not stand here.
    """

    friendly_name: str = "Campaigns"
    sid: str = field(default_factory=lambda: new_sid("MG"))
    inbound_request_url: str | None = None
    inbound_method: str = "POST"
    fallback_url: str | None = None
    fallback_method: str = "POST"
    status_callback: str | None = None
    use_inbound_webhook_on_number: bool = False
    numbers: list[Number] = field(default_factory=list)
    short_codes: list[ShortCode] = field(default_factory=list)


@dataclass(kw_only=True)
class Message:
    """A message, sent or received.

    Attributes:
        date_sent: when it went out; of a received one, when its webhook was called.
        form: the parameters it was created with, as they came in.
    """

    to: str
    author: str | None
    body: str
    direction: str
    status: str
    sid: str = field(default_factory=lambda: new_sid("SM"))
    service_sid: str | None = None
    error_code: int | None = None
    media: int = 0
    date_created: datetime = field(default_factory=now)
    date_sent: datetime | None = None
    form: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass(kw_only=True)
class Alert:
    """An entry of the error log; what a single one holds beyond the list comes last."""

    error_code: str
    request_url: str
    sid: str = field(default_factory=lambda: new_sid("NO"))
    log_level: str = "error"
    alert_text: str = ""
    resource_sid: str = ""
    date_generated: datetime = field(default_factory=now)
    request_variables: str = ""
    response_body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request that came in, whatever became of it."""

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, list[str]]


@dataclass(kw_only=True)
class TwilioAccount:
    """One account, its credentials, what it holds, and what will go wrong.

    Attributes:
        tokens: auth tokens that the API takes: the primary one, and while it is rotated the secondary.
        api_keys: SK... to secret.
        messages: oldest first.
        blocks: (sender, recipient); a sender is a number or a messaging service.
        consents: (sender, recipient) to the status that was told last.
        unheard: recipients of whom the answer to a consent says nothing.
        has_consents: whether the account has the Consent Management API.
        skew: how far Twilio's clock, as its answers show it, is from this machine's.
        whole_days: whether `DateSent` filters look at the day alone, as they are documented; whether
            Twilio honours the time of day is not known.
        seen: every request that was authenticated.
    """

    sid: str = ACCOUNT
    tokens: list[str] = field(default_factory=lambda: [TOKEN])
    api_keys: dict[str, str] = field(default_factory=dict)
    friendly_name: str = "Example"
    status: str = "active"
    numbers: list[Number] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    deactivations: dict[str, str] = field(default_factory=dict)  # day: address of its list
    blocks: set[tuple[str, str]] = field(default_factory=set)
    consents: dict[tuple[str, str], str] = field(default_factory=dict)
    unheard: set[str] = field(default_factory=set)
    has_consents: bool = True
    skew: timedelta = timedelta(0)
    whole_days: bool = True
    seen: list[Seen] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def takes(self, user: str, password: str) -> bool:
        """Tell whether these are credentials of the account."""
        if user == self.sid:
            return password in self.tokens
        return user in self.api_keys and self.api_keys[user] == password

    def add_number(self, phone_number: str, **more: str) -> Number:
        """Give the account a number."""
        self.numbers.append(Number(phone_number=phone_number, **more))
        return self.numbers[-1]

    def add_service(self, *senders: Number | ShortCode, **more: str) -> Service:
        """Give the account a messaging service with these senders."""
        service = Service(
            numbers=[sender for sender in senders if isinstance(sender, Number)],
            short_codes=[sender for sender in senders if isinstance(sender, ShortCode)],
        )
        for name, value in more.items():
            setattr(service, name, value)
        self.services.append(service)
        return service

    def receives(
        self, author: str, to: str, body: str, *, at: datetime | None = None, sid: str | None = None
    ) -> Message:
        """Let a person text one of the account's numbers: it can be read by REST, no webhook is called."""
        moment = at or now()
        message = Message(
            to=to,
            author=author,
            body=body,
            direction="inbound",
            status="received",
            sid=sid or new_sid("SM"),
            date_created=moment,
            date_sent=moment,
        )
        with self.lock:
            self.messages.append(message)
        return message

    def block(self, recipient: str, *, sender: str) -> None:
        """Keep a recipient from being texted by a number, or by all numbers of a messaging service."""
        self.blocks.add((sender, recipient))

    def goes_wrong(self, fault: Fault, *, times: int = 1) -> None:
        """Let something go wrong with the next requests."""
        with self.lock:
            self.faults.add(fault, times)

    @property
    def sends(self) -> list[Message]:
        """What the account was asked to send and took, oldest first."""
        with self.lock:
            return [message for message in self.messages if message.direction == "outbound-api"]
