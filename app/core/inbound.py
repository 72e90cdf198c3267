"""What a carrier told us, before we believe any of it."""

from dataclasses import dataclass
from datetime import datetime

from app.core.intent import Intent
from app.core.phone import PhoneNumber, Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """One message from a person, as its carrier delivered it.

    Attributes:
        carrier: the name of the carrier's adapter, such as `twilio`.
        message_id: the carrier's id of the message, the same on every redelivery.
        author: the person's number; `None` when the message is from an address that is no person's.
        author_address: the author's address as the carrier wrote it.
        sender: the address of ours that was texted.
        service: the messaging service the message came through, if any.
        channel: `sms`, `whatsapp`, `rcs`.
        text: the body exactly as sent, untrimmed.
        verdict: what the carrier itself made of the message, if it says; one more voice beside our
            own reading.
        carrier_answered: whether the carrier has answered the person by its own rules, so that we
            must not.
        occurred_at: the carrier's time of the message, if it gives one.
    """

    carrier: str
    message_id: str
    author: PhoneNumber | None
    author_address: str
    sender: Sender
    service: Sender | None
    channel: str
    text: str
    verdict: Intent | None
    carrier_answered: bool
    occurred_at: datetime | None
