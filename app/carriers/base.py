"""What every carrier's adapter is given, and what it gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol
from urllib.parse import parse_qsl

from app.core.inbound import DeliveryReport, InboundMessage

_MOST_FIELDS = 200


@dataclass(frozen=True, kw_only=True)
class WireRequest:
    """One webhook request, as raw as it came.

    Attributes:
        url: the public address it was sent to: scheme, host, raw path and raw query, nothing
            decoded.
        headers: by lower-case name.
        body: the bytes, not decoded.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @cached_property
    def form(self) -> Mapping[str, list[str]] | None:
        """The form's fields as sent, untrimmed and empty ones too; `None` when the body is no readable form."""
        content_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type != "application/x-www-form-urlencoded":
            return None
        try:
            pairs = parse_qsl(
                self.body.decode("utf-8"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=_MOST_FIELDS,
            )
        except ValueError:
            return None
        fields: dict[str, list[str]] = {}
        for name, value in pairs:
            fields.setdefault(name, []).append(value)
        return fields


@dataclass(frozen=True, slots=True, kw_only=True)
class WireReply:
    """What the carrier is answered with."""

    body: bytes
    content_type: str


class Carrier(Protocol):
    """One carrier: verify first, parse second, reply last."""

    name: str

    def verify(self, request: WireRequest) -> None:
        """Prove that the carrier sent this.

        Raises:
            BadSignature: it did not, or not provably. Malformed is invalid; nothing else is ever
                raised.
        """

    def parse(self, request: WireRequest) -> InboundMessage:
        """Read a verified request.

        Raises:
            MalformedRequest: a field that every message has is missing.
        """

    def parse_report(self, request: WireRequest) -> DeliveryReport:
        """Read a verified report of what became of a message of ours.

        Raises:
            MalformedRequest: a field that every report has is missing.
        """

    def reply(self, text: str | None) -> WireReply:
        """Answer with a text to the person, or with nothing to say."""
