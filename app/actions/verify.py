"""Verify the ledger: chains, evidence, seals, and a witness's word."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from app.core import chain
from app.core.chain import Entry
from app.core.errors import Unsealable
from app.core.examination import Examination, Finding, HeldNumber
from app.core.phone import PhoneNumber
from app.core.vault import Vault
from app.store import ledger, numbers, seals
from app.store.database import Database


@dataclass(frozen=True, slots=True)
class _Opener:
    """Opens what is sealed, to hold it against what was hashed."""

    vault: Vault

    def evidence(self, entry: Entry, sealed: bytes) -> str:
        binding = ledger.evidence_binding(entry.source, entry.source_ref)
        return self.vault.open(sealed, bound_to=binding)

    def is_theirs(self, held: HeldNumber) -> bool:
        """Tell whether number, key and chain belong together, as far as they are kept."""
        if held.sealed is None:
            return True
        key = held.number_key
        try:
            number = PhoneNumber(e164=self.vault.open(held.sealed, bound_to=numbers.binding(key)))
            if key not in self.vault.number_keys(number):
                return False
            if held.sealed_salt is None:
                return True
            salt = self.vault.open(held.sealed_salt, bound_to=numbers.salt_binding(key))
            return chain.belongs(held.chain, bytes.fromhex(salt), number)
        except (Unsealable, ValueError, TypeError):
            return False


def examination(vault: Vault) -> Examination:
    """Begin an examination, which counts what it sees."""
    opener = _Opener(vault)
    return Examination(opener.evidence, opener.is_theirs)


def verify(
    db: Database,
    examined: Examination,
    *,
    trusted: Collection[bytes],
    witness: Iterable[str] | None = None,
) -> Iterator[Finding]:
    """Yield everything that is wrong with the ledger. It streams, over one instant, beside a running service.

    Args:
        db: the database.
        examined: from `examination`.
        trusted: the public keys that seals may be signed with; none: any.
        witness: what an outside witness holds, line by line.

    Raises:
        Unavailable: the database cannot be reached.
    """
    with db.snapshot(unhurried=True) as connection:
        yield from findings(connection, examined, trusted=trusted, witness=witness)


def findings(
    connection: Connection,
    examined: Examination,
    *,
    trusted: Collection[bytes],
    witness: Iterable[str] | None = None,
) -> Iterator[Finding]:
    """Yield what `verify` does, over what one connection sees."""
    yield from examined.chains(seals.events_by_number(connection), seals.numbers(connection))
    yield from examined.seals_over(seals.hashes(connection), seals.held(connection), trusted)
    yield from examined.witnessed(witness or (), lambda place: seals.find(connection, place))
