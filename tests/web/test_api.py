"""The check endpoints."""

from collections.abc import Callable
from datetime import datetime

import pytest

from app.actions import keys
from app.actions.keys import Role
from tests.cast import ALICE, BOB, CAROL
from tests.conftest import Web

FIELDS = [
    "to",
    "program",
    "allowed",
    "reason",
    "scope",
    "since",
    "certainty",
    "retry_at",
    "decision",
    "checked_at",
]


def test_an_unknown_number_is_allowed(web: Web) -> None:
    """The answer has every field of the contract, in its order."""
    answer = web.check(CAROL)

    assert list(answer) == FIELDS
    assert (answer["to"], answer["program"], answer["allowed"]) == (CAROL, "default", True)
    assert answer["reason"] is answer["scope"] is answer["since"] is None


def test_a_refusal_says_why_and_since_when(web: Web) -> None:
    """Times are UTC with a Z."""
    web.message("SM1", ALICE, "stop")

    answer = web.check("(201) 555-0123")

    assert (answer["to"], answer["allowed"], answer["reason"]) == (ALICE, False, "opted_out")
    assert (answer["scope"], answer["certainty"]) == ("*", "definite")
    for field in ("since", "checked_at"):
        assert answer[field].endswith("Z")
        assert datetime.fromisoformat(answer[field]).tzinfo is not None


@pytest.mark.parametrize("to", ["", "hello", "12345", "x" * 5000, "+1\0", "+12015550"])
def test_what_is_no_phone_number_is_refused_as_such(web: Web, to: str) -> None:
    """It cannot be sent to, which is an answer and no error."""
    answer = web.check(to)

    assert (answer["to"], answer["allowed"], answer["reason"]) == (to, False, "invalid_number")


def test_a_national_number_is_read_in_the_region_given(web: Web) -> None:
    """`region` of the request, else the setting."""
    assert web.check("020 7946 0123", region="gb")["to"] == "+442079460123"
    assert web.check("020 7946 0123")["reason"] == "invalid_number"


def test_bulk_answers_in_the_order_of_the_request(web: Web) -> None:
    """With counts, and with the same answers as one by one."""
    web.message("SM1", ALICE, "stop")

    answer = web.post("/v1/check/bulk", {"to": [CAROL, ALICE, "x", ALICE, BOB]}).json

    assert answer is not None
    assert [r["to"] for r in answer["results"]] == [CAROL, ALICE, "x", ALICE, BOB]
    assert [r["reason"] for r in answer["results"]] == [
        None,
        "opted_out",
        "invalid_number",
        "opted_out",
        None,
    ]
    assert (answer["allowed"], answer["refused"]) == (2, 3)


def test_bulk_takes_ten_thousand_and_no_more(web: Web) -> None:
    """One over is 413, not a silent cut."""
    numbers = [f"+1201555{n:04}" for n in range(10_000)]
    web.message("SM1", numbers[-1], "stop")

    answer = web.post("/v1/check/bulk", {"to": numbers})
    over = web.post("/v1/check/bulk", {"to": [*numbers, ALICE]})

    assert answer.json is not None
    assert over.json is not None
    assert (answer.status_code, answer.json["refused"]) == (200, 1)
    assert (over.status_code, over.json["code"]) == (413, "too_many_numbers")


def test_bulk_of_nothing_is_answered(web: Web) -> None:
    """An empty list has an empty answer."""
    answer = web.post("/v1/check/bulk", {"to": []}).json

    assert answer is not None
    assert (answer["allowed"], answer["results"]) == (0, [])


@pytest.mark.parametrize("path", ["/v1/check", "/v1/check/bulk"])
@pytest.mark.parametrize("program", ["none-such", "", "Ä", "\0", "x" * 100])
def test_an_unknown_program_is_422(web: Web, path: str, program: str) -> None:
    """A typo must not be answered for the default program."""
    to = ALICE if path == "/v1/check" else [ALICE]

    response = web.post(path, {"to": to, "program": program})

    assert response.json is not None
    assert (response.status_code, response.json["code"]) == (422, "unknown_program")


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"to": 1},
        {"to": None},
        {"to": ALICE, "programme": "x"},
        {"to": ALICE, "region": "XX"},
    ],
)
def test_a_body_of_another_shape_is_400_in_the_one_error_shape(web: Web, body: object) -> None:
    """And says which field, never what stood in it."""
    response = web.post("/v1/check", body)

    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    assert response.json is not None
    assert list(response.json) == ["type", "title", "status", "detail", "code"]
    assert response.json["code"] == "malformed_request"
    assert ALICE not in response.text


def test_a_field_name_that_is_a_number_is_not_repeated(web: Web) -> None:
    """No number in an error, wherever it stood."""
    assert ALICE not in web.post("/v1/check", {"to": "x", ALICE: 1}).text


def test_without_a_valid_key_nothing_is_answered(web: Web) -> None:
    """401 with a challenge."""
    for headers in (
        {},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": f"Basic {web.bearer}"},
    ):
        response = web.client.post("/v1/check", json={"to": ALICE}, headers=headers)

        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_key_without_the_role_is_403(web: Web) -> None:
    """The key is valid, but not for this."""
    made = keys.create(
        web.services.db, name="reader", roles=[Role.READ], now=datetime.now().astimezone()
    )

    response = web.client.post(
        "/v1/check", json={"to": ALICE}, headers={"Authorization": f"Bearer {made.bearer}"}
    )

    assert response.json is not None
    assert (response.status_code, response.json["code"]) == (403, "forbidden")


def test_json_must_be_declared(web: Web) -> None:
    """415 in the one error shape."""
    headers = {"Authorization": f"Bearer {web.bearer}", "Content-Type": "text/plain"}

    response = web.client.post("/v1/check", data=b'{"to": "x"}', headers=headers)

    assert response.json is not None
    assert (response.status_code, response.json["code"]) == (415, "unsupported_media_type")


def test_a_body_over_the_limit_is_413(web: Web) -> None:
    """Before it is read."""
    headers = {"Authorization": f"Bearer {web.bearer}", "Content-Type": "application/json"}

    response = web.client.post("/v1/check", data=b"x" * 2_000_000, headers=headers)

    assert response.json is not None
    assert (response.status_code, response.json["code"]) == (413, "too_large")


def test_consent_is_required_where_the_program_says_so(make_web: Callable[..., Web]) -> None:
    """No word is no consent."""
    web = make_web()
    with web.services.db.begin() as tx:
        tx.exec_driver_sql("UPDATE programs SET requires_consent = true")

    assert web.check(BOB)["reason"] == "no_consent"
    web.message("SM1", BOB, "start")
    assert web.check(BOB)["allowed"] is True
