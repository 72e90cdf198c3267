"""The guard as a part of somebody else's program: its key, its logs, what it loads, its page."""

import logging
import pickle
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import responses
from twilio.http.http_client import TwilioHttpClient

import app.guard
from app.guard import CheckFailed, GuardedHttpClient
from tests.cast import ACCOUNT, ALICE, TOKEN
from tests.guard.sends import (
    ALLOWED,
    CHECK,
    CHECK_URL,
    REFUSED,
    guarded,
    send,
    urls,
)


@pytest.mark.parametrize(
    ("url", "key"),
    [("stoplist.example.com", "key"), ("ftp://x", "key"), (CHECK_URL, ""), (CHECK_URL, "a\nb")],
)
def test_what_cannot_be_an_address_or_a_key_is_said_at_once(url: str, key: str) -> None:
    """Without repeating it."""
    with pytest.raises(ValueError, match="must be an a"):
        GuardedHttpClient(url, key)


def test_the_key_is_shown_whatever_a_netrc_says(
    wire: responses.RequestsMock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `.netrc` would otherwise put credentials of its own in its place."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine stoplist.example.com login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    wire.post(CHECK, json=ALLOWED)

    send(guarded())

    assert wire.calls[0].request.headers["Authorization"] == "Bearer key"


def test_no_number_stands_in_a_log_line(
    wire: responses.RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    """The guard logs nothing, and the package no body of a request."""
    caplog.set_level(logging.DEBUG)
    wire.post(CHECK, json=ALLOWED)

    send(guarded())

    assert "Twilio API Request" in caplog.text
    assert ALICE[1:] not in caplog.text


def test_a_failed_check_survives_the_way_between_processes() -> None:
    """Task queues pickle what is raised."""
    failed = pickle.loads(pickle.dumps(CheckFailed("the check was away", "/path")))  # noqa: S301

    assert (str(failed), failed.status, failed.uri) == (
        "Not sent: the check was away",
        503,
        "/path",
    )


def test_twilio_is_not_waited_for_without_end() -> None:
    """Unless the sender brings an HTTP client of their own."""
    own = TwilioHttpClient()

    assert GuardedHttpClient(CHECK_URL, "key")._inner.timeout == 30
    assert GuardedHttpClient(CHECK_URL, "key", http_client=own)._inner is own


def test_a_sender_loads_neither_the_server_nor_a_database() -> None:
    """Nothing of ours but the guard, no Flask, no SQLAlchemy."""
    program = "import sys, app.guard; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()

    assert {name for name in loaded if name.partition(".")[0] == "app"} == {
        "app",
        "app.guard",
        "app.guard.check",
        "app.guard.clients",
    }
    assert not {"flask", "sqlalchemy", "werkzeug", "phonenumbers", "cryptography"} & set(loaded)


def test_the_folder_works_under_another_name(tmp_path: Path) -> None:
    """A sender may have an `app` of their own."""
    shutil.copytree(Path(app.guard.__file__).parent, tmp_path / "smsguard")

    subprocess.run(
        [sys.executable, "-c", "from smsguard import GuardedHttpClient"], cwd=tmp_path, check=True
    )


def test_the_examples_of_its_page_run(wire: responses.RequestsMock) -> None:
    """Each block of Python of `docs/guard.md`, one behind the other; the asynchronous one is only compiled."""
    page = (Path(__file__).parents[2] / "docs" / "guard.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    wire.post(CHECK, json=REFUSED)
    later: list[str] = []
    names = {
        "account_sid": ACCOUNT,
        "auth_token": TOKEN,
        "access_key": "key",
        "try_again_later": later.append,
    }

    for block in blocks:
        exec(compile(block, "docs/guard.md", "exec"), names)  # noqa: S102

    assert len(blocks) == 4
    assert not later
    assert urls(wire) == [CHECK]
