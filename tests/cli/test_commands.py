"""The commands, as typed."""

import json
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.cast import ALICE, CAROL
from tests.live import Client, LiveServer


def run(
    server: LiveServer, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `stoplist` with the environment of a server."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        env={**server.environment, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(name="newcomer")
def _newcomer(make_live: Callable[..., LiveServer]) -> LiveServer:
    """A server with no configuration at all."""
    return make_live(TWILIO_AUTH_TOKEN="")


def test_the_first_start_says_all_that_a_newcomer_needs(newcomer: LiveServer) -> None:
    """The webhook's address, the first key, the next step; the second start shows no key."""
    said = newcomer.output.read_text()

    assert f"{newcomer.url}/webhooks/twilio/messages" in said
    assert newcomer.access_key in said
    assert "stoplist simulate" in said
    assert "No Twilio token is configured" in said
    assert newcomer.stop() == 0
    newcomer.output.unlink()
    newcomer.start()
    assert newcomer.access_key not in newcomer.output.read_text()


def test_simulate_then_check_then_keys(newcomer: LiveServer) -> None:
    """The newcomer's walk: a simulated STOP, a refusal, a key of one's own, its end."""
    url = ("--url", newcomer.url)
    simulated = run(newcomer, "simulate", "please STOP", "--from", ALICE, *url)
    assert simulated.returncode == 0, simulated.stderr
    assert re.search(r"webhook answers 200: .*<Message>.*no more messages", simulated.stdout)
    assert "check answers: refused, opted_out since" in simulated.stdout

    refused = run(newcomer, "check", ALICE)
    assert (refused.returncode, refused.stdout.split(":")[0]) == (1, "refused")
    allowed = run(newcomer, "check", CAROL, "--json")
    assert (allowed.returncode, json.loads(allowed.stdout)["allowed"]) == (0, True)

    made = run(newcomer, "keys", "create", "--name", "campaigns", "--role", "check")
    assert re.fullmatch(r"sl_[0-9a-f]{12}_[0-9a-f]{48}\n", made.stdout)
    listed = json.loads(run(newcomer, "keys", "list", "--json").stdout)
    assert [(key["name"], key["roles"]) for key in listed] == [
        ("first", ["admin"]),
        ("campaigns", ["check"]),
    ]
    assert run(newcomer, "keys", "revoke", listed[0]["id"]).returncode == 0
    assert Client(newcomer).check(ALICE).status_code == 401


def test_wrong_use_is_said_in_words_with_exit_code_2(newcomer: LiveServer) -> None:
    """Never a traceback."""
    for arguments in (["check"], ["nonsense"], ["keys", "create", "--name", "x", "--role", "king"]):
        failed = run(newcomer, *arguments)
        assert (failed.returncode, "Traceback" in failed.stderr) == (2, False)
    lost = run(newcomer, "check", ALICE, "--data-dir", str(newcomer.data_dir / "none"))
    assert (lost.returncode, "stoplist serve" in lost.stderr) == (2, True)
    misconfigured = run(newcomer, "check", ALICE, STOPLIST_STOP_SCOPE="x", STOPLIST_LOG_FORMAT="y")
    assert misconfigured.returncode == 2
    assert len(misconfigured.stderr.splitlines()) == 2


def test_what_cannot_be_reached_exits_with_3(newcomer: LiveServer) -> None:
    """A sender's script can tell a refusal from an outage."""
    away = {
        "STOPLIST_DATABASE_URL": "postgresql://u@127.0.0.1:9/d",
        "STOPLIST_SECRET_KEYS": "x" * 32,
    }
    assert run(newcomer, "check", ALICE, **away).returncode == 3
    assert (
        run(newcomer, "simulate", "STOP", "--from", ALICE, "--url", "http://127.0.0.1:9").returncode
        == 3
    )


def test_a_refused_simulation_exits_with_1(make_live: Callable[..., LiveServer]) -> None:
    """Signed with another token than the server knows."""
    server = make_live()
    refused = run(
        server, "simulate", "STOP", "--from", ALICE, "--url", server.url, TWILIO_AUTH_TOKEN="0" * 32
    )

    assert refused.returncode == 1
    assert "403" in refused.stdout
    assert Client(server).check(ALICE).json()["allowed"] is True


def test_an_unknown_program_or_key_is_wrong_use(newcomer: LiveServer) -> None:
    """A typo is no answer about a number."""
    assert run(newcomer, "check", ALICE, "--program", "none").returncode == 2
    assert run(newcomer, "keys", "revoke", "none").returncode == 2


def test_the_schema_can_be_brought_up_to_date_again(newcomer: LiveServer) -> None:
    """As a release step does at every deployment."""
    assert run(newcomer, "db", "upgrade").returncode == 0
