"""A message that somebody asks us to hand on to Twilio: to whom, from whom, when; read from the form it is sent by.

    To=%2B12015550123&From=%2B12015550100&Body=Hello&MediaUrl=https%3A%2F%2F...&MediaUrl=https%3A%2F%2F...

https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

from app.core.errors import InvalidNumber, MalformedRequest
from app.core.phone import PhoneNumber, SenderKind, canonical, sender

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_ONCE = ("to", "from", "messagingservicesid", "scheduletype", "sendat")
_MOST_FIELDS = 1000
_MOST_ADDRESS_CHARACTERS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message to be sent.

    Attributes:
        is_addressed: whether it names a recipient at all.
        number: the recipient; `None`: what is named is no number.
        sender: the address it is sent from; `None`: none is named, or it cannot be one.
        service: the messaging service it goes through; likewise.
        send_at: when it goes out, if it is scheduled. Aware, UTC.
        form: what is handed on: every parameter in its place, with the recipient spelled as it was checked.
        canonical_form: what two equal requests have in common.
    """

    is_addressed: bool
    number: PhoneNumber | None = field(repr=False)
    sender: str | None
    service: str | None
    send_at: datetime | None
    form: str = field(repr=False)
    canonical_form: str = field(repr=False)

    @property
    def senders(self) -> tuple[str, ...]:
        """The addresses that say for which program it is, the first that is mapped to one."""
        return tuple(address for address in (self.sender, self.service) if address)


def read(body: bytes, region: str) -> Outgoing:
    """Read a form.

    Args:
        body: as it came.
        region: whose national spelling of numbers is assumed where there is no country code.

    Raises:
        MalformedRequest: it is no form in UTF-8, says twice what can be said once, or schedules for no instant.
    """
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        raise MalformedRequest("the body is not a form in UTF-8") from None
    given = {name: _only(pairs, name) for name in _ONCE}
    number, address = _recipient(given["to"], region)
    form = [(name, address if _is(name, "to") else value) for name, value in pairs]
    return Outgoing(
        is_addressed=bool(given["to"]),
        number=number,
        sender=_sender(given["from"], region),
        service=_sender(given["messagingservicesid"], region),
        send_at=_send_at(given["scheduletype"], given["sendat"]),
        form=urlencode(form),
        canonical_form=urlencode(sorted(pairs, key=lambda pair: pair[0])),
    )


def _is(name: str, parameter: str) -> bool:
    # Whether Twilio minds the case is not known, so that nothing may hang on it.
    return name.strip().casefold() == parameter


def _only(pairs: list[tuple[str, str]], parameter: str) -> str:
    values = {value.strip() for name, value in pairs if _is(name, parameter)}
    if len(values) > 1:
        raise MalformedRequest("To, From, MessagingServiceSid, SendAt and ScheduleType stand once")
    return values.pop() if values else ""


def _recipient(raw: str, region: str) -> tuple[PhoneNumber | None, str]:
    """Read a recipient; return the number, and the address in a spelling that is read in one way only.

    A number with no country code may be another person's elsewhere: it is handed on as it was checked.
    """
    channel, colon, bare = raw.rpartition(":")
    try:
        if colon and not bare.startswith("+"):
            raise InvalidNumber("a channel's address without a number")
        number = canonical(bare, region)
    except InvalidNumber:
        return None, raw
    return number, channel + colon + (bare if _E164.fullmatch(bare) else number.e164)


def _sender(raw: str, region: str) -> str | None:
    """Return one of our addresses as it is mapped to a program, however it is spelled."""
    if not raw or not raw.isprintable():
        return None
    given = sender(raw)
    if given.kind is SenderKind.ALPHANUMERIC and not any(c.isalpha() for c in given.address):
        try:
            given = sender(canonical(given.address, region).e164)
        except InvalidNumber:
            return None
    return given.address if len(given.address) <= _MOST_ADDRESS_CHARACTERS else None


def _send_at(schedule: str, written: str) -> datetime | None:
    if not schedule and not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise MalformedRequest(
            "SendAt must be an ISO 8601 time with its zone, as 2030-01-31T16:00:00Z"
        )
    return moment.astimezone(UTC)
