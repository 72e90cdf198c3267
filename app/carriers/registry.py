"""The one place where a carrier is added."""

from collections.abc import Mapping
from typing import Protocol

from app.carriers.base import Carrier
from app.carriers.twilio import Twilio


class Secrets(Protocol):
    """Of the settings, what the carriers' signatures are checked with."""

    @property
    def twilio_auth_token(self) -> tuple[str, ...]:
        """Tokens of any account."""

    @property
    def twilio_accounts(self) -> Mapping[str, tuple[str, ...]]:
        """Tokens by account."""

    @property
    def twilio_shared_keys(self) -> Mapping[str, str]:
        """SharedKeys by id."""


def configured(secrets: Secrets, *, local_token: str | None) -> dict[str, Carrier]:
    """Return the carriers that have a secret, by name; one without is not mounted.

    Args:
        secrets: the settings.
        local_token: stands in for Twilio's token while none is configured, so that messages can be
            simulated.
    """
    carriers: list[Carrier] = []
    tokens = secrets.twilio_auth_token or ((local_token,) if local_token else ())
    if tokens or secrets.twilio_accounts or secrets.twilio_shared_keys:
        carriers.append(Twilio(tokens, secrets.twilio_accounts, secrets.twilio_shared_keys))
    return {carrier.name: carrier for carrier in carriers}
