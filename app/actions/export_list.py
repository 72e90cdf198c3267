"""Give the list out: every number that is refused now, or every fact, with what tells where it came from."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.core.errors import Unsealable
from app.core.phone import PhoneNumber
from app.core.vault import Vault
from app.store import listing, numbers
from app.store.database import Database
from app.store.listing import Fact

__all__ = ["Export", "Exported", "Fact", "export"]


@dataclass(frozen=True, slots=True)
class Exported:
    """One fact.

    Attributes:
        number: the person's; `None`: only its hash is held, or none of our secrets opens it.
        fact: the rest.
    """

    number: PhoneNumber | None
    fact: Fact


@dataclass(frozen=True, slots=True)
class Export:
    """A list that goes out.

    Attributes:
        about: how many facts there are, at most.
        facts: each of them, streamed.
    """

    about: int
    facts: Iterator[Exported]


@contextmanager
def export(db: Database, vault: Vault, *, everything: bool = False) -> Iterator[Export]:
    """Open the list as it is at this instant; it is read as it is asked for.

    Args:
        db: the database.
        vault: opens the numbers.
        everything: whether to give out the whole ledger instead of what is refused now.

    Raises:
        Unavailable: the database cannot be reached, or went away in the middle.
    """
    with db.snapshot() as connection:
        about = listing.count(connection, everything=everything)
        found = listing.facts(connection, everything=everything)
        yield Export(about, (Exported(_number(vault, fact), fact) for fact in found))


def _number(vault: Vault, fact: Fact) -> PhoneNumber | None:
    if fact.sealed is None:
        return None
    try:
        opened = vault.open(fact.sealed, bound_to=numbers.binding(fact.number_key))
    except Unsealable:
        return None
    return PhoneNumber(e164=opened)
