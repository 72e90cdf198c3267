"""The composition root: from settings to the services that actions are called with."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from app import data_dir
from app.config import Settings, read_settings
from app.core.errors import Misconfigured
from app.core.seal import SealKey, seed_of
from app.core.vault import Vault
from app.store.database import Database, parse_url
from app.upstream.twilio import TwilioApi


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What a running program holds.

    Attributes:
        settings: as read.
        db: the database; nothing is opened until it is used.
        vault: hashes and seals.
        twilio: Twilio's REST API, for the accounts whose token is in the settings.
        local_token: signs simulated messages where no carrier has a secret; `None` where one has.
    """

    settings: Settings
    db: Database
    vault: Vault
    twilio: TwilioApi
    local_token: str | None = field(repr=False)


def settings_from(
    environ: Mapping[str, str] | None = None, *, data_directory: Path | None = None
) -> Settings:
    """Read the settings from the environment; a data directory named on the command line wins.

    Raises:
        Misconfigured: with every fault found.
    """
    settings = read_settings(os.environ if environ is None else environ)
    return replace(settings, data_dir=data_directory) if data_directory else settings


def wire(settings: Settings, *, make: bool, proven: bool = True) -> Services:
    """Put the services together.

    Args:
        settings: as read.
        make: whether to make the data directory and its secrets where they are missing: yes for
            what serves, no for what only looks.
        proven: whether connections prove that the data was written with our secrets: all but
            migrations do.

    Raises:
        Misconfigured: a setting is missing, or nothing was made yet.
    """
    home = settings.data_dir
    url = parse_url(settings.database_url or f"sqlite:///{home / data_dir.DATABASE}")
    if url.get_backend_name() == "postgresql" and not settings.secret_keys:
        raise Misconfigured(
            "STOPLIST_SECRET_KEYS must be set on PostgreSQL, the same for every process: a long random string, "
            "such as `openssl rand -base64 32` prints. Keep a copy: without it no number can be looked up again."
        )
    if not make and settings.is_embedded and not (home / data_dir.DATABASE).exists():
        raise Misconfigured(
            f"there is no {home / data_dir.DATABASE} yet: start `stoplist serve` first, or name the place with "
            "--data-dir, STOPLIST_DATA_DIR or STOPLIST_DATABASE_URL"
        )
    if make and (settings.is_embedded or not settings.secret_keys):
        data_dir.make(home)
    if make and settings.is_embedded:
        data_dir.make_private_file(home, data_dir.DATABASE)
    vault = Vault(settings.secret_keys or _secrets_of(home, make=make))
    return Services(
        settings=settings,
        db=Database(url, fingerprints=vault.fingerprints if proven else ()),
        vault=vault,
        twilio=TwilioApi(settings.twilio_tokens, settings.twilio_api_url),
        local_token=_local_token(settings, home),
    )


def seal_keys(settings: Settings, *, make: bool) -> tuple[SealKey, ...]:
    """Return the keys that seals are signed with, newest first; none where there are none yet.

    Args:
        settings: as read.
        make: whether to make one, in the data directory, where there is none.

    Raises:
        Misconfigured: the file in the data directory holds no key.
    """
    if settings.seal_key:
        return tuple(SealKey(seed) for seed in settings.seal_key)
    home = settings.data_dir
    if make:
        data_dir.make(home)
        data_dir.read_or_make_secret(home, data_dir.SEAL_KEY)
    try:
        held = (data_dir.read(home, data_dir.SEAL_KEY) or "").split(",")
        return tuple(SealKey(seed_of(key)) for key in held if key)
    except ValueError as fault:
        raise Misconfigured(f"{home / data_dir.SEAL_KEY} {fault}: restore it") from None


def _secrets_of(home: Path, *, make: bool) -> tuple[str, ...]:
    if make:
        return tuple(data_dir.read_or_make_secret(home, data_dir.SECRET_KEYS).split(","))
    held = data_dir.read(home, data_dir.SECRET_KEYS)
    if not held:
        raise Misconfigured(
            f"{home / data_dir.SECRET_KEYS} is missing: restore it, or set STOPLIST_SECRET_KEYS"
        )
    return tuple(held.split(","))


def _local_token(settings: Settings, home: Path) -> str | None:
    """Return the token for simulated messages, only while no real one is configured."""
    if settings.twilio_auth_token or settings.twilio_accounts or settings.twilio_shared_keys:
        return None
    return data_dir.read_or_make_secret(home, data_dir.LOCAL_TOKEN) if home.is_dir() else None
