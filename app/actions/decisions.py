"""Verify what a sender says it was told."""

from dataclasses import dataclass

from app.core import decision_token
from app.core.decision_token import Signed
from app.core.phone import canonical
from app.core.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A decision that is ours.

    Attributes:
        said: what it says.
        matches: whether it was given for the number that was named; `None`: none was.
    """

    said: Signed
    matches: bool | None


def verify(vault: Vault, token: str, *, to: str | None, region: str) -> Verified | None:
    """Read a decision back; `None`: it is none of ours, or was changed.

    Args:
        vault: whose secrets sign.
        token: as the check gave it.
        to: the number that it is said to be about, in any usual spelling; `None`: not asked.
        region: whose national spelling is assumed where there is no country code.

    Raises:
        InvalidNumber: `to` cannot be a phone number.
    """
    said = decision_token.read(vault, token.strip())
    keys = vault.number_keys(canonical(to, region)) if to is not None else None
    if said is None:
        return None
    return Verified(said=said, matches=None if keys is None else said.number_key in keys)
