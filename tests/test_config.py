"""The settings: strict, and every fault at once."""

from pathlib import Path

import pytest

from app.config import SETTINGS, read_settings
from app.core.errors import Misconfigured
from app.data_dir import LOCAL_TOKEN, SECRET_KEYS
from app.wiring import wire
from tests.cast import ACCOUNT, SECRET, TOKEN


def _faults(**environ: str) -> tuple[str, ...]:
    with pytest.raises(Misconfigured) as caught:
        read_settings(environ)
    return caught.value.faults


def test_with_nothing_configured_the_defaults_hold() -> None:
    """The embedded database, everything strict."""
    settings = read_settings({"PATH": "/bin", "STOPLIST_PUBLIC_URL": ""})

    assert settings.is_embedded
    assert (settings.default_region, settings.stop_scope, settings.log_format) == (
        "US",
        "all",
        "json",
    )
    assert settings.public_url is None


def test_every_fault_is_reported_at_once() -> None:
    """The operator mends the lot in one go."""
    faults = _faults(
        STOPLIST_STOP_SCOPE="some",
        STOPLIST_KEEP_BODIES_DAYS="-1",
        STOPLIST_DEFAULT_REGION="XX",
        STOPLIST_PUBLIC_URL="sms.example.com",
        STOPLIST_TWILIO_ACCOUNTS="[]",
        STOPLIST_SECRET_KEYS="short",
    )

    assert len(faults) == 6


@pytest.mark.parametrize("raw", ["{", "[]", '{"AC1": "token"}', '{"AC1": []}', '{"AC1": [1]}'])
def test_accounts_that_are_not_lists_of_tokens_are_refused(raw: str) -> None:
    """A mistake here would refuse every webhook."""
    assert "STOPLIST_TWILIO_ACCOUNTS" in _faults(STOPLIST_TWILIO_ACCOUNTS=raw)[0]


def test_a_misspelt_setting_is_found_and_the_right_one_named() -> None:
    """Ignored, it would make a new secret."""
    assert _faults(STOPLIST_SECRET_KEY=SECRET) == (
        "STOPLIST_SECRET_KEY is not a setting; did you mean STOPLIST_SECRET_KEYS?",
    )


@pytest.mark.parametrize("setting", [s for s in SETTINGS if s.secret], ids=lambda s: s.name)
def test_a_secret_may_stand_in_a_file_but_not_in_two_places(setting, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """`NAME_FILE`, as container platforms hand secrets over."""
    file = tmp_path / "secret"
    file.write_text(
        "A" * 43
        if setting.name == "STOPLIST_SEAL_KEY"
        else '{"AC1": ["0123456789abcdef"]}'
        if "ACCOUNTS" in setting.name
        else '{"k": "0123456789abcdef"}'
    )

    read_settings({f"{setting.name}_FILE": str(file)})
    assert "both set" in _faults(**{setting.name: "x" * 20, f"{setting.name}_FILE": str(file)})[0]
    assert "cannot be read" in _faults(**{f"{setting.name}_FILE": str(tmp_path / "none")})[0]


def test_lists_are_read_newest_first() -> None:
    """Tokens and secrets can be rotated; spaces and lines do not matter."""
    settings = read_settings({"TWILIO_AUTH_TOKEN": f" {TOKEN} ,\n{TOKEN[::-1]}"})

    assert settings.twilio_auth_token == (TOKEN, TOKEN[::-1])


def test_the_public_url_loses_what_carriers_do_not_sign() -> None:
    """User, fragment, trailing slash."""
    url = "https://user:pw@sms.example.com:8443/base/#rc=3"

    assert (
        read_settings({"STOPLIST_PUBLIC_URL": url}).public_url
        == "https://sms.example.com:8443/base"
    )


def test_no_secret_shows_in_a_repr_or_in_a_fault() -> None:
    """Settings and services can be printed."""
    secret = "hunter2-hunter2-hunter2"
    environ = {
        "STOPLIST_DATABASE_URL": f"postgresql://u:{secret}@h/d",
        "STOPLIST_SECRET_KEYS": secret,
        "TWILIO_AUTH_TOKEN": secret,
        "STOPLIST_TWILIO_ACCOUNTS": f'{{"{ACCOUNT}": ["{secret}"]}}',
        "STOPLIST_TWILIO_SHARED_KEYS": f'{{"k": "{secret}"}}',
        "STOPLIST_ACCESS_KEY": secret,
    }
    settings = read_settings(environ)

    assert secret not in repr(settings) + repr(wire(settings, make=False))
    for name in environ:
        faulty = {**environ, name: f"[{secret}", "STOPLIST_LOG_FORMAT": secret}
        assert not [fault for fault in _faults(**faulty) if secret in fault]


def test_postgresql_without_secrets_refuses_to_start_and_says_what_to_set() -> None:
    """Each process would make its own, and find nobody."""
    settings = read_settings({"DATABASE_URL": "postgres://u@h/d"})

    with pytest.raises(Misconfigured, match="STOPLIST_SECRET_KEYS must be set"):
        wire(settings, make=True)


def test_the_first_start_makes_its_secrets_once_and_keeps_them_private(tmp_path: Path) -> None:
    """Directory 0700, files 0600; the second start finds the same."""
    settings = read_settings({"STOPLIST_DATA_DIR": str(tmp_path / "data")})

    first, second = wire(settings, make=True), wire(settings, make=True)

    assert settings.data_dir.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in settings.data_dir.iterdir()} == {0o600}
    assert {SECRET_KEYS, LOCAL_TOKEN} <= {file.name for file in settings.data_dir.iterdir()}
    assert first.vault.fingerprints == second.vault.fingerprints
    assert first.local_token == second.local_token


def test_what_only_looks_makes_nothing(tmp_path: Path) -> None:
    """A command in the wrong directory says so, and leaves no trace."""
    settings = read_settings({"STOPLIST_DATA_DIR": str(tmp_path / "data")})

    with pytest.raises(Misconfigured, match="stoplist serve"):
        wire(settings, make=False)

    assert not settings.data_dir.exists()


def test_a_lost_secret_is_not_replaced_in_silence(tmp_path: Path) -> None:
    """A database without its secrets finds nobody: say so."""
    settings = read_settings({"STOPLIST_DATA_DIR": str(tmp_path)})
    wire(settings, make=True)
    (tmp_path / SECRET_KEYS).unlink()

    with pytest.raises(Misconfigured, match="restore it"):
        wire(settings, make=False)
