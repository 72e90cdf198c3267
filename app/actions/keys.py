"""Make, prove, list and revoke access keys."""

import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from app.core.errors import Forbidden, Unauthenticated, UnknownKey
from app.store import access_keys
from app.store.access_keys import HeldKey as HeldKey  # noqa: PLC0414  # the command line lists them
from app.store.access_keys import KeyProof
from app.store.database import Database

# sl_<id>_<secret>: the id finds the row, the secret of 192 random bits proves the bearer. A secret
# this long needs no slow hash: there is nothing to guess.
_KEY = re.compile(r"sl_([0-9a-f]{12})_([0-9a-f]{48})")


class Role(StrEnum):
    """What the bearer of a key may do."""

    CHECK = "check"  # ask before sending
    WRITE = "write"  # record opt-outs and opt-ins
    READ = "read"  # read history and events
    ADMIN = "admin"  # all of these, and programs, blocks, erasure


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key that was just made. `bearer` is the key itself; it is not held and cannot be shown again."""

    id: str
    bearer: str


def create(db: Database, *, name: str, roles: Sequence[Role], now: datetime) -> NewKey:
    """Make a key with one or more roles."""
    key_id, secret = secrets.token_hex(6), secrets.token_hex(24)
    held = HeldKey(
        id=key_id,
        name=name,
        roles=",".join(sorted({role.value for role in roles})),
        digest=sha256(secret.encode()).digest(),
        created_at=now,
        revoked_at=None,
    )
    with db.begin() as tx:
        access_keys.add(tx, held)
    return NewKey(id=key_id, bearer=f"sl_{key_id}_{secret}")


@dataclass(frozen=True, slots=True)
class Bearer:
    """A key as somebody shows it: its id, and the digest of its secret."""

    key_id: str
    digest: bytes


def shown(bearer: str) -> Bearer:
    """Read a key as it is shown, without asking whether it is a valid one.

    Raises:
        Unauthenticated: it is not of the form of ours.
    """
    match = _KEY.fullmatch(bearer)
    if match is None:
        raise Unauthenticated("the access key is not one of ours")
    return Bearer(match.group(1), sha256(match.group(2).encode()).digest())


def require(bearer: Bearer, proof: KeyProof | None, role: Role) -> None:
    """Hold a bearer against what is kept of the key.

    Raises:
        Unauthenticated: there is no such key, or no longer.
        Forbidden: a key without the role.
    """
    if proof is None or proof.revoked or not hmac.compare_digest(bearer.digest, proof.digest):
        raise Unauthenticated("the access key is unknown or was revoked")
    if not {role.value, Role.ADMIN.value} & set(proof.roles.split(",")):
        raise Forbidden(f"the access key does not have the role {role.value}")


def prove(db: Database, bearer: str, role: Role) -> None:
    """Prove that a bearer may act in a role. It is read anew each time: a revoked key ends at once.

    Raises:
        Unauthenticated: not a key, or no longer.
        Forbidden: a key without the role.
        Unavailable: it cannot be proven now.
    """
    given = shown(bearer)
    with db.reading() as connection:
        proof = access_keys.proof(connection, given.key_id)
    require(given, proof, role)


def listed(db: Database) -> list[HeldKey]:
    """Return every key, oldest first, revoked ones too."""
    with db.reading() as connection:
        return access_keys.listed(connection)


def revoke(db: Database, key_id: str, *, now: datetime) -> None:
    """End a key.

    Raises:
        UnknownKey: there is none of that id.
    """
    with db.begin() as tx:
        if not access_keys.revoke(tx, key_id, now):
            raise UnknownKey("there is no access key of that id")
