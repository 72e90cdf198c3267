"""Numbers that were given up, by Twilio's daily list."""

import json
from collections.abc import Callable, Iterator

import pytest
import requests
import responses

from tests.cast import ACCOUNT, ALICE, BOB, CAROL, TOKEN
from tests.cli.conftest import Ran
from tests.conftest import Web
from tests.twilio_api import TwilioApi

FILE = "https://files.example.com/deactivations"
DAY = "2026-06-01"
Run = Callable[..., Ran]


@pytest.fixture(name="files")
def _files() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as files:
        files.add_passthru("http://127.0.0.1")
        yield files


@pytest.fixture(name="read_list")
def _read_list(
    stoplist: Run, twilio_api: TwilioApi, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Ran]:
    monkeypatch.setenv("STOPLIST_TWILIO_API_URL", twilio_api.url)
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", ACCOUNT)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
    twilio_api.account.deactivations[DAY] = FILE
    return lambda *more: stoplist("twilio", "deactivations", "--date", DAY, "--json", *more)


def _opted_in_before(web: Web, to: str) -> None:
    told = {"to": to, "program": "offers", "source": "web", "occurred_at": "2026-05-01T00:00:00Z"}
    assert web.post("/v1/opt-ins", told).status_code == 201


def test_a_number_that_was_given_up_has_no_consent_and_keeps_its_opt_out(
    read_list: Run, files: responses.RequestsMock, web: Web
) -> None:
    """Read twice, noted once; of a stranger nothing is held."""
    web.put_program("offers", requires_consent=True)
    for to in (ALICE, BOB):
        _opted_in_before(web, to)
    web.post("/v1/opt-outs", {"to": BOB, "source": "agent", "occurred_at": "2026-05-02T00:00:00Z"})
    files.get(FILE, body="\n".join(number[1:] for number in (ALICE, BOB, CAROL)))
    assert web.check(ALICE, program="offers")["allowed"] is True

    first, second = (json.loads(read_list().out) for _ in range(2))

    assert first == {"listed": 3, "known": 2, "new": 2}
    assert second == {"listed": 3, "known": 2, "new": 0}
    assert web.check(ALICE, program="offers")["reason"] == "no_consent"
    assert web.check(BOB, program="offers")["reason"] == "opted_out"
    assert web.post("/v1/subjects/export", {"to": CAROL}).json["first_seen"] is None  # type: ignore[index]
    _opted_in = {"to": ALICE, "program": "offers", "source": "web"}
    web.post("/v1/opt-ins", _opted_in)
    assert web.check(ALICE, program="offers")["allowed"] is True


def test_a_list_that_cannot_be_read_is_said_so(
    read_list: Run, files: responses.RequestsMock, twilio_api: TwilioApi
) -> None:
    """Twilio says no, or the file is away."""
    files.get(FILE, status=503)
    assert read_list().code == 3
    files.replace("GET", FILE, body=requests.ConnectionError())
    assert read_list().code == 3
    twilio_api.account.deactivations.clear()
    assert read_list().code == 2


def test_rubbish_in_a_list_does_no_harm(read_list: Run, files: responses.RequestsMock) -> None:
    """Nor does an empty one."""
    files.get(FILE, body="hello\n\n55501\n,,\n")

    assert json.loads(read_list().out)["known"] == 0
