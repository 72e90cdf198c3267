"""Which secrets the data was written with.

A number's key depends on a secret. Started with another secret, every look-up would miss and every
check would be allowed. So the database remembers a fingerprint of each secret that wrote to it, and
a connection without those secrets is refused: fail closed.
"""

from typing import Any

from app.core.errors import Unavailable

_NOTE = "INSERT INTO vault_secrets (fingerprint) VALUES (?) ON CONFLICT DO NOTHING"


def prove(driver: Any, fingerprints: tuple[str, ...], *, mark: str) -> None:
    """Refuse a new connection whose database was written with a secret we do not hold; note a new secret.

    Args:
        driver: a new connection of the driver's own, in autocommit.
        fingerprints: of the configured secrets, newest first.
        mark: the driver's placeholder, `?` or `%s`.

    Raises:
        Unavailable: a secret is missing.
    """
    known = {row[0] for row in driver.execute("SELECT fingerprint FROM vault_secrets").fetchall()}
    missing = known.difference(fingerprints)
    if missing:
        raise Unavailable(
            "STOPLIST_SECRET_KEYS lacks a secret that this database was written with "
            f"(fingerprint {', '.join(sorted(missing))}): put it back at the end of the list"
        )
    if fingerprints[0] not in known:
        note = _NOTE.replace("?", mark)
        driver.execute(note, (fingerprints[0],))
