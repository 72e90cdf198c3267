"""What the logs hold, and what they never hold."""

import json
from collections.abc import Callable

import pytest

from tests.cast import ALICE
from tests.conftest import Web

SPELLINGS = (ALICE, ALICE[1:], ALICE[2:], "%2B12015550123", "201-555-0123", "please stop texting")


def test_a_request_is_one_line_without_url_number_or_text(
    make_web: Callable[..., Web], capfd: pytest.CaptureFixture[str]
) -> None:
    """Method, route template, status, milliseconds."""
    web = make_web()
    web.message("SM1", ALICE, "please stop texting me")
    web.check(ALICE)
    web.post("/v1/check", {"to": 1, ALICE: 2})
    web.client.get(f"/v1/{ALICE}?to={ALICE}")

    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]

    requests = [line for line in lines if line["event"] == "request"]
    assert [line["status"] for line in requests] == [200, 200, 400, 404]
    assert [line["route"] for line in requests] == [
        "/webhooks/<carrier>/messages", "/v1/check", "/v1/check", None,
    ]  # fmt: skip
    assert all(line["ms"] >= 0 and line["method"] in {"GET", "POST"} for line in requests)
    assert not [spelling for spelling in SPELLINGS if spelling in json.dumps(lines)]


def test_a_mistake_of_ours_is_logged_by_place_and_not_by_value(
    make_web: Callable[..., Web], capfd: pytest.CaptureFixture[str]
) -> None:
    """The message of an exception may quote a number: it stays out, and the client sees neither."""
    web = make_web()
    web.app.config["PROPAGATE_EXCEPTIONS"] = False

    @web.app.get("/broken")
    def broken() -> str:
        raise RuntimeError(f"cannot text {ALICE}")

    response = web.client.get("/broken")

    logged = capfd.readouterr().err
    assert response.status_code == 500
    assert ALICE not in response.text + logged
    assert "RuntimeError" in logged
    assert "broken:" in logged


def test_words_for_a_terminal(
    make_web: Callable[..., Web], capfd: pytest.CaptureFixture[str]
) -> None:
    """`STOPLIST_LOG_FORMAT=text`."""
    make_web(STOPLIST_LOG_FORMAT="text").client.get("/healthz")

    assert "info request method=GET route=/healthz status=200" in capfd.readouterr().err
