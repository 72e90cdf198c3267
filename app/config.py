"""The settings: one table, read from the environment, strict; every fault is found before any is reported.

A secret may stand in a file instead: `NAME_FILE` names it. No secret is ever part of a message or a
`repr`.
"""

import difflib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.core.errors import Misconfigured
from app.core.phone import is_region
from app.core.seal import seed_of

_SHORTEST_SECRET = 16
_FEWEST_EVIDENCE_DAYS = 1827


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table.

    Attributes:
        name: of the environment variable.
        read: turns its text into a value; raises `ValueError` with words that complete "NAME ...".
        default: the value when it is not set.
        help: what it does, in one sentence, for people.
        secret: whether it may stand in `NAME_FILE`, and is never shown.
    """

    name: str
    read: Callable[[str], Any]
    default: Any
    help: str
    secret: bool = False


def _text(raw: str) -> str:
    return raw


def _choice(*allowed: str) -> Callable[[str], str]:
    def read(raw: str) -> str:
        if raw not in allowed:
            raise ValueError(f"must be {' or '.join(allowed)}")
        return raw

    return read


def _words(raw: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in raw.replace("\n", ",").split(",") if word.strip())
    if not words:
        raise ValueError("holds no value")
    return words


def _secret_keys(raw: str) -> tuple[str, ...]:
    keys = _words(raw)
    if any(len(key) < _SHORTEST_SECRET for key in keys):
        raise ValueError(f"must hold secrets of at least {_SHORTEST_SECRET} characters each")
    return keys


def _seal_keys(raw: str) -> tuple[bytes, ...]:
    return tuple(seed_of(key) for key in _words(raw))


def _public_url(raw: str) -> str:
    try:
        parts = urlsplit(raw.strip())
        parts.port  # noqa: B018  # reading it is what checks it
    except ValueError:
        raise ValueError("is not a URL") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
        raise ValueError("must look like https://sms.example.com, with no query")
    # Carriers sign the URL without the user and the fragment that may stand in their own settings.
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")


def _region(raw: str) -> str:
    if not is_region(raw):
        raise ValueError("must be a two-letter country code such as US")
    return raw.upper()


def _days(raw: str) -> int:
    if not raw.isascii() or not raw.isdigit() or not 0 < int(raw) <= 36_500:  # noqa: PLR2004
        raise ValueError("must be a whole number of days, 1 to 36500")
    return int(raw)


def _evidence_days(raw: str) -> int:
    days = _days(raw)
    if days < _FEWEST_EVIDENCE_DAYS:
        raise ValueError(f"must be at least {_FEWEST_EVIDENCE_DAYS}, which are five years")
    return days


def _object(raw: str) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except ValueError:
        raise ValueError("is not JSON") from None
    if not isinstance(value, dict):
        raise ValueError("must be a JSON object")
    return value


def _accounts(raw: str) -> dict[str, tuple[str, ...]]:
    accounts = _object(raw)
    for tokens in accounts.values():
        if (
            not isinstance(tokens, list)
            or not tokens
            or not all(isinstance(t, str) and t for t in tokens)
        ):
            raise ValueError('must map each AccountSid to a list of tokens: {"AC...": ["token"]}')
    return {account: tuple(tokens) for account, tokens in accounts.items()}


def _shared_keys(raw: str) -> dict[str, str]:
    keys = _object(raw)
    if not keys or not all(isinstance(secret, str) and secret for secret in keys.values()):
        raise ValueError(
            'must map each shared key id to its secret: {"webhooks_sharedkey_...": "secret"}'
        )
    return keys


SETTINGS = (
    Setting("STOPLIST_DATABASE_URL", _text, None,
            "The database, `postgresql://...` or `sqlite:///...`; else `DATABASE_URL`; else `stoplist.db` in the "
            "data directory.", secret=True),
    Setting("DATABASE_URL", _text, None,
            "The database, as hosting providers name it; used when `STOPLIST_DATABASE_URL` is not set.", secret=True),
    Setting("STOPLIST_DATA_DIR", Path, Path("stoplist-data"),
            "Where the embedded database and the secrets made on first start are kept."),
    Setting("STOPLIST_SECRET_KEYS", _secret_keys, (),
            "Secrets that numbers and texts are protected with, comma-separated, newest first. Must be set on "
            "PostgreSQL; on SQLite one is made in the data directory.", secret=True),
    Setting("STOPLIST_SEAL_KEY", _seal_keys, (),
            "The Ed25519 key that seals of the ledger are signed with: 32 random bytes in Base64, as `openssl rand "
            "-base64 32` prints; several, comma-separated, newest first, once it was changed. Else one is made in the "
            "data directory.", secret=True),
    Setting("STOPLIST_PUBLIC_URL", _public_url, None,
            "The address at which carriers reach this service, such as `https://sms.example.com`; without it, "
            "the proxy's `X-Forwarded-Proto` and `X-Forwarded-Host` are believed."),
    Setting("STOPLIST_DEFAULT_REGION", _region, "US",
            "The country whose national spelling of numbers is assumed where there is no country code."),
    Setting("STOPLIST_STOP_SCOPE", _choice("all", "program"), "all",
            "What a STOP ends: `all` that is sent, or the `program` of the sender that was texted."),
    Setting("STOPLIST_STORE_NUMBERS", _choice("sealed", "never"), "sealed",
            "`sealed` keeps each number encrypted so that it can be exported; `never` keeps its keyed hash alone."),
    Setting("STOPLIST_KEEP_BODIES_DAYS", _days, 30,
            "Days until the text of a message of no consequence is due for deletion."),
    Setting("STOPLIST_KEEP_EVIDENCE_DAYS", _evidence_days, 3653,
            "Days until what a fact rests on (a text, a consent) is due for deletion: five years at least, ten by "
            "default. Opt-outs themselves never lapse."),
    Setting("STOPLIST_LOG_FORMAT", _choice("json", "text"), "json", "How log lines are written."),
    Setting("STOPLIST_ACCESS_KEY", _text, None,
            "An access key for `stoplist simulate` to ask the check with; else the one in the data directory.",
            secret=True),
    Setting("TWILIO_ACCOUNT_SID", _text, None, "The AccountSid that `TWILIO_AUTH_TOKEN` belongs to."),
    Setting("TWILIO_AUTH_TOKEN", _words, (),
            "The auth token that Twilio signs webhooks with; several, comma-separated, while it is rotated.",
            secret=True),
    Setting("STOPLIST_TWILIO_ACCOUNTS", _accounts, {},
            "Tokens of several accounts or subaccounts: a JSON object, AccountSid to a list of tokens.", secret=True),
    Setting("STOPLIST_TWILIO_SHARED_KEYS", _shared_keys, {},
            "Twilio's SharedKeys, a JSON object of id to secret. When set, webhooks must be signed with one of them "
            "by HMAC-SHA256, and the weaker auth token signature is refused.", secret=True),
    Setting("STOPLIST_TWILIO_API_URL", _public_url, "https://api.twilio.com",
            "Twilio's REST API, or one of its regions, such as `https://api.dublin.ie1.twilio.com`."),
    Setting("STOPLIST_TWILIO_PUSH", _choice("off", "on"), "off",
            "`on` lets `stoplist twilio push` tell Twilio's Consent Management API of opt-outs, for accounts that have "
            "it."),
    Setting("STOPLIST_CONSOLE", _choice("off", "on"), "off", "Reserved: no effect in this version."),
    Setting("STOPLIST_PAGES", _choice("off", "on"), "off", "Reserved: no effect in this version."),
)  # fmt: skip

_BY_NAME = {setting.name: setting for setting in SETTINGS}
_NAMES = frozenset(_BY_NAME) | {f"{s.name}_FILE" for s in SETTINGS if s.secret}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings as read, each under its name in lower case; what is secret is left out of `repr`."""

    database_url: str | None = field(repr=False)
    data_dir: Path
    secret_keys: tuple[str, ...] = field(repr=False)
    seal_key: tuple[bytes, ...] = field(repr=False)
    public_url: str | None
    default_region: str
    stop_scope: str
    store_numbers: str
    keep_bodies_days: int
    keep_evidence_days: int
    log_format: str
    access_key: str | None = field(repr=False)
    twilio_account_sid: str | None
    twilio_auth_token: tuple[str, ...] = field(repr=False)
    twilio_accounts: Mapping[str, tuple[str, ...]] = field(repr=False)
    twilio_shared_keys: Mapping[str, str] = field(repr=False)
    twilio_api_url: str
    twilio_push: str

    @property
    def twilio_tokens(self) -> Mapping[str, tuple[str, ...]]:
        """Every auth token of every Twilio account that is named, the one to use first."""
        accounts = dict(self.twilio_accounts)
        if self.twilio_account_sid and self.twilio_auth_token:
            own = (*accounts.get(self.twilio_account_sid, ()), *self.twilio_auth_token)
            accounts = {**accounts, self.twilio_account_sid: own}
        return accounts

    @property
    def is_embedded(self) -> bool:
        """Whether the database is the SQLite file of the data directory."""
        return self.database_url is None


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read every setting from an environment.

    Args:
        environ: such as `os.environ`. An empty value counts as not set.

    Raises:
        Misconfigured: with every fault found.
    """
    faults: list[str] = [
        _unknown(name)
        for name in sorted(environ)
        if name.startswith("STOPLIST_") and name not in _NAMES
    ]
    values = {setting.name: _value(setting, environ, faults) for setting in SETTINGS}
    if faults:
        raise Misconfigured(*faults)
    given = {name.removeprefix("STOPLIST_").lower(): value for name, value in values.items()}
    given["database_url"] = values["STOPLIST_DATABASE_URL"] or values["DATABASE_URL"]
    return Settings(**{field: given[field] for field in Settings.__dataclass_fields__})


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, _NAMES, n=1)
    return f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else "")


def _value(setting: Setting, environ: Mapping[str, str], faults: list[str]) -> Any:
    raw = environ.get(setting.name, "").strip()
    path = environ.get(f"{setting.name}_FILE", "").strip() if setting.secret else ""
    if raw and path:
        faults.append(f"{setting.name} and {setting.name}_FILE are both set; keep one")
        return setting.default
    try:
        if path:
            raw = Path(path).read_text(encoding="utf-8").strip()
        return setting.read(raw) if raw else setting.default
    except (OSError, UnicodeDecodeError):
        faults.append(f"{setting.name}_FILE names a file that cannot be read")
    except ValueError as fault:
        faults.append(f"{setting.name} {fault}")
    return setting.default
