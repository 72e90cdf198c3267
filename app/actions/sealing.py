"""Seal what is personal for its row, before the transaction, which holds up other writers."""

from app.core import chain
from app.core.events import NOBODY
from app.core.evidence import Evidence, dumps
from app.core.phone import PhoneNumber
from app.core.vault import Vault
from app.store import ledger, numbers


def newcomer(
    vault: Vault, number: PhoneNumber, number_key: bytes, *, keep: bool
) -> numbers.Newcomer:
    """Return a number as it is written down if it is new.

    Args:
        vault: hashes and seals.
        number: of a person.
        number_key: its key under the newest secret.
        keep: whether to keep the number itself, sealed, beside its hash.
    """
    origin = chain.begin(number)
    return numbers.Newcomer(
        number_key=number_key,
        sealed=vault.seal(number.e164, bound_to=numbers.binding(number_key)) if keep else None,
        chain=origin.chain,
        sealed_salt=vault.seal(origin.salt.hex(), bound_to=numbers.salt_binding(number_key)),
    )


def nobody(vault: Vault) -> numbers.Newcomer:
    """Return what facts that are about no number are filed under."""
    origin = chain.begin(None)
    salt = vault.seal(origin.salt.hex(), bound_to=numbers.salt_binding(NOBODY))
    return numbers.Newcomer(number_key=NOBODY, sealed=None, chain=origin.chain, sealed_salt=salt)


def contents(vault: Vault, evidence: Evidence, source: str, source_ref: str) -> ledger.Contents:
    """Return what a fact rests on, sealed for the event of that source and reference, with its commitment."""
    written = dumps(evidence)
    return ledger.Contents(
        sealed=vault.seal(written, bound_to=ledger.evidence_binding(source, source_ref)),
        commitment=chain.commitment(written),
    )
