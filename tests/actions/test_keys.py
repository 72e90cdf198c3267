"""Access keys."""

from datetime import UTC, datetime

import pytest

from app.actions import keys
from app.actions.keys import Role
from app.core.errors import Forbidden, Unauthenticated, UnknownKey
from app.store.database import Database

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def _made(db: Database, *roles: Role) -> keys.NewKey:
    return keys.create(db, name="campaigns", roles=roles, now=NOW)


@pytest.mark.parametrize("role", Role)
def test_a_key_may_do_what_its_role_says_and_no_more(db: Database, role: Role) -> None:
    """`admin` includes all."""
    made = _made(db, role)

    for asked in Role:
        if role in (asked, Role.ADMIN):
            keys.prove(db, made.bearer, asked)
        else:
            with pytest.raises(Forbidden):
                keys.prove(db, made.bearer, asked)


def test_a_key_may_have_several_roles(db: Database) -> None:
    """One key for a system that asks and records."""
    made = _made(db, Role.CHECK, Role.WRITE)

    keys.prove(db, made.bearer, Role.CHECK)
    keys.prove(db, made.bearer, Role.WRITE)


def test_a_revoked_key_ends_at_once(db: Database) -> None:
    """It is read anew each time."""
    made = _made(db, Role.CHECK)
    keys.prove(db, made.bearer, Role.CHECK)

    keys.revoke(db, made.id, now=NOW)

    with pytest.raises(Unauthenticated):
        keys.prove(db, made.bearer, Role.CHECK)
    assert keys.listed(db)[0].revoked_at == NOW


@pytest.mark.parametrize(
    "wrong", ["", "x", "sl_0_0", "sl_" + "0" * 12 + "_" + "0" * 48, "\0", "é" * 70]
)
def test_what_is_no_key_of_ours_is_refused(db: Database, wrong: str) -> None:
    """Malformed is invalid."""
    _made(db, Role.ADMIN)

    with pytest.raises(Unauthenticated):
        keys.prove(db, wrong, Role.CHECK)


def test_another_keys_secret_does_not_fit(db: Database) -> None:
    """The id finds the row; the secret proves."""
    one, other = _made(db, Role.CHECK), _made(db, Role.CHECK)

    with pytest.raises(Unauthenticated):
        keys.prove(db, one.bearer[:16] + other.bearer[16:], Role.CHECK)


def test_the_key_itself_is_not_held(db: Database) -> None:
    """Only a hash of it."""
    made = _made(db, Role.CHECK)

    assert made.bearer.split("_")[2].encode() not in bytes(keys.listed(db)[0].digest)


def test_a_key_that_does_not_exist_cannot_be_revoked(db: Database) -> None:
    """The operator mistyped; say so."""
    with pytest.raises(UnknownKey):
        keys.revoke(db, "nonsense", now=NOW)
