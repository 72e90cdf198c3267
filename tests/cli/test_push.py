"""`stoplist twilio push`, against a real server that behaves like Twilio."""

import json
from collections.abc import Callable

import pytest

from tests.cast import ACCOUNT, ALICE, BOB, LONG_CODE, TOKEN
from tests.cli.conftest import Ran
from tests.conftest import Web
from tests.twilio_api import Fault, TwilioApi

Run = Callable[..., Ran]
NOBODY = "+10005550100"


@pytest.fixture(name="push")
def _push(stoplist: Run, twilio_api: TwilioApi, monkeypatch: pytest.MonkeyPatch, web: Web) -> Run:
    """Return a function that runs the command against the small Twilio."""
    monkeypatch.setenv("STOPLIST_TWILIO_API_URL", twilio_api.url)
    monkeypatch.setenv("STOPLIST_TWILIO_PUSH", "on")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", ACCOUNT)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
    web.put_program("default", senders=[LONG_CODE])
    return lambda *more: stoplist("twilio", "push", *more)


def _opted_out(web: Web, *people: str) -> None:
    for to in people:
        assert web.post("/v1/opt-outs", {"to": to, "source": "agent"}).status_code == 201


def test_opt_outs_are_told_in_words_and_in_json(push: Run, twilio_api: TwilioApi, web: Web) -> None:
    """Exit code 0; the second run has nothing to tell, unless it is asked to tell all again."""
    _opted_out(web, ALICE, BOB)

    words, nothing, again = push(), push("--json"), push("--all", "--json")

    assert (words.code, nothing.code, again.code) == (0, 0, 0)
    assert words.out.startswith("2 consents told, 0 not taken, 0 without an answer.")
    assert (json.loads(nothing.out)["told"], json.loads(again.out)["told"]) == (0, 2)
    assert twilio_api.account.blocks == {(LONG_CODE, ALICE), (LONG_CODE, BOB)}


def test_what_twilio_will_not_take_is_a_finding_without_the_number(push: Run, web: Web) -> None:
    """Exit code 1, for as long as it is kept."""
    _opted_out(web, NOBODY)

    first, second = push(), push("--json")

    assert (first.code, second.code) == (1, 1)
    assert "code 30646 INVALID_CONTACT_ID" in first.out
    assert [each["fault"] for each in json.loads(second.out)["kept"]] == ["INVALID_CONTACT_ID"]
    assert NOBODY[1:] not in first.out + first.err + second.out + second.err


def test_twilio_away_is_exit_code_3_and_the_rest_waits(
    push: Run, twilio_api: TwilioApi, web: Web
) -> None:
    """Nothing is lost."""
    _opted_out(web, ALICE)
    twilio_api.account.goes_wrong(Fault(status=503))

    away = push("--json")

    assert away.code == 3
    assert (json.loads(away.out)["waiting"], json.loads(away.out)["is_away"]) == (1, True)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("STOPLIST_TWILIO_PUSH", "off", "STOPLIST_TWILIO_PUSH=on"),
        ("STOPLIST_STORE_NUMBERS", "never", "no number is kept"),
        ("TWILIO_AUTH_TOKEN", "", "TWILIO_AUTH_TOKEN"),
    ],
)
def test_where_it_cannot_work_it_says_so(
    push: Run,
    twilio_api: TwilioApi,
    web: Web,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    words: str,
) -> None:
    """Exit code 2, and Twilio is not asked."""
    _opted_out(web, ALICE)
    monkeypatch.setenv(name, value)

    ran = push()

    assert (ran.code, words in ran.err) == (2, True)
    assert not twilio_api.account.seen


def test_an_account_without_the_api_is_wrong_use(
    push: Run, twilio_api: TwilioApi, web: Web
) -> None:
    """It says what the account needs."""
    _opted_out(web, ALICE)
    twilio_api.account.has_consents = False

    ran = push()

    assert (ran.code, "Consent Management API" in ran.err) == (2, True)
