"""What a carrier told us, before we believe any of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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


class Failure(StrEnum):
    """Why a message of ours did not arrive, as far as it says something of the number."""

    BLOCKED = "blocked"  # the carrier holds that the person opted out
    UNREACHABLE = (
        "unreachable"  # off, unknown, a landline: it says nothing of what the person wants
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What became of one message of ours, as its carrier tells.

    Attributes:
        carrier: the name of the carrier's adapter.
        message_id: the carrier's id of the message.
        recipient: the number it was sent to; `None` when it is no person's.
        failure: why it did not arrive; `None`: it did, or it is not known yet, or it tells nothing of the number.
        code: the carrier's own code of the failure, if it gives one.
    """

    carrier: str
    message_id: str
    recipient: PhoneNumber | None
    failure: Failure | None
    code: str | None
