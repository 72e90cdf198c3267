"""Facts told over HTTP: what is taken, what is refused, and that nothing is doubled."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.actions import keys
from tests.cast import ALICE, BOB
from tests.conftest import Web

OUT, IN = "/v1/opt-outs", "/v1/opt-ins"
CONSENT = {
    "wording": "Text me offers",
    "medium": "web form",
    "url": "https://example.com/form",
    "ip": "192.0.2.7",
    "proof": "form 17",
    "postcode": "75201",
}


def test_an_opt_out_is_answered_with_its_event(web: Web) -> None:
    """Both times are kept: of the request, and of our knowing."""
    said = datetime.now(UTC) - timedelta(days=3)
    body = {"to": "(201) 555-0123", "source": "email", "source_ref": "case 7"}

    response = web.post(OUT, {**body, "occurred_at": said.isoformat(), "note": "asked by e-mail"})

    event = response.json
    assert event is not None
    assert response.status_code == 201
    assert list(event) == [
        "id", "kind", "scope", "occurred_at", "recorded_at", "source", "source_ref", "certainty", "rule", "note",
    ]  # fmt: skip
    assert (event["kind"], event["scope"], event["source_ref"]) == ("opted_out", "*", "case 7")
    assert datetime.fromisoformat(event["occurred_at"]) == said
    assert datetime.fromisoformat(event["recorded_at"]) > said
    assert web.check(ALICE)["reason"] == "opted_out"


def test_the_same_fact_told_again_is_the_one_that_is_held(web: Web) -> None:
    """201 once, then 200 with the same event."""
    body = {"to": ALICE, "source": "crm", "source_ref": "17"}

    first, again = web.post(OUT, body), web.post(OUT, body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert len(web.get("/v1/events").json["events"]) == 1  # type: ignore[index]


@pytest.mark.parametrize(
    ("path", "other"),
    [
        (IN, {"to": ALICE, "program": "default"}),
        (OUT, {"to": BOB}),
        (OUT, {"to": ALICE, "scope": "default"}),
    ],
)
def test_another_fact_under_the_same_reference_is_not_lost_in_silence(
    web: Web, path: str, other: dict[str, Any]
) -> None:
    """It is refused, and can be told under a reference of its own."""
    reference = {"source": "crm", "source_ref": "17"}
    web.post(OUT, {"to": ALICE, **reference})

    response = web.post(path, {**other, **reference})

    assert (response.status_code, response.json["code"]) == (409, "conflict")  # type: ignore[index]


def test_without_a_reference_each_is_a_fact_of_its_own(web: Web) -> None:
    """Nobody said that they are the same."""
    statuses = [web.post(OUT, {"to": ALICE, "source": "agent"}).status_code for _ in range(2)]

    assert statuses == [201, 201]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"to": "hello"}, 422, "invalid_number"),
        ({"to": ""}, 422, "invalid_number"),
        ({"to": 1}, 400, "malformed_request"),
        ({"source": "Review"}, 400, "malformed_request"),
        ({"source": "review"}, 422, "unacceptable"),
        ({"source": "a" * 33}, 400, "malformed_request"),
        ({"source": "a\x00"}, 400, "malformed_request"),
        ({"source_ref": ""}, 400, "malformed_request"),
        ({"source_ref": "a\x00b"}, 422, "unacceptable"),
        ({"source_ref": "x" * 129}, 400, "malformed_request"),
        ({"note": "x" * 2001}, 400, "malformed_request"),
        ({"occurred_at": "2026-01-01T00:00:00"}, 400, "malformed_request"),
        ({"occurred_at": "yesterday"}, 400, "malformed_request"),
        ({"occurred_at": "2199-01-01T00:00:00Z"}, 422, "unacceptable"),
        ({"occurred_at": "0001-01-01T00:00:00Z"}, 422, "unacceptable"),
        ({"occurred_at": "0001-01-01T00:00:00+23:59"}, 422, "unacceptable"),
        ({"scope": "none-such"}, 422, "unknown_program"),
        ({"scope": "Ä\x00"}, 422, "unknown_program"),
        ({"scope": ""}, 422, "unknown_program"),
        ({"region": "XX"}, 400, "malformed_request"),
        ({"more": 1}, 400, "malformed_request"),
    ],
)
def test_what_cannot_be_is_refused_in_words_that_do_not_repeat_it(
    web: Web, change: dict[str, Any], status: int, code: str
) -> None:
    """And nothing is stored."""
    response = web.post(OUT, {"to": ALICE, "source": "agent", **change})

    assert response.json is not None
    assert (response.status_code, response.json["code"]) == (status, code)
    assert ALICE not in response.text
    assert web.get("/v1/events").json == {"events": [], "next": 0}


def test_a_clock_that_is_a_little_fast_is_believed_to_be_now(web: Web) -> None:
    """A fact of the future would outrank what is said until then."""
    soon = datetime.now(UTC) + timedelta(minutes=2)

    event = web.post(OUT, {"to": ALICE, "source": "agent", "occurred_at": soon.isoformat()}).json

    assert event is not None
    assert event["occurred_at"] == event["recorded_at"]


def test_a_number_from_a_range_nobody_knows_is_heard_here_too(web: Web) -> None:
    """A STOP is never turned away because a number looks new."""
    new = "+99912345678"

    assert web.post(OUT, {"to": new, "source": "agent"}).status_code == 201
    assert web.check(new)["reason"] == "opted_out"


def test_consent_is_kept_as_evidence(web: Web) -> None:
    """Word for word, and shown to whoever reads the history."""
    web.post(IN, {"to": ALICE, "program": "default", "source": "web", "consent": CONSENT})

    (event,) = web.post("/v1/history", {"to": ALICE}).json["events"]  # type: ignore[index]

    assert {k: v for k, v in event["consent"].items() if v is not None} == CONSENT


def test_an_opt_in_names_a_program_that_exists(web: Web) -> None:
    """Consent to everything is consent to nothing in particular."""
    for program in ("*", "none-such"):
        response = web.post(IN, {"to": ALICE, "program": program, "source": "web"})
        assert (response.status_code, response.json["code"]) == (422, "unknown_program")  # type: ignore[index]


def test_history_tells_the_standing_by_program_and_every_event(web: Web) -> None:
    """Oldest first, with the day by which an opt-out had to be honoured."""
    web.put_program("orders", requires_consent=True)
    web.post(
        OUT, {"to": ALICE, "source": "agent", "occurred_at": "2026-06-05T12:00:00Z", "note": "rude"}
    )
    web.message("SM1", ALICE, "START")

    story = web.post("/v1/history", {"to": "201-555-0123"}).json

    assert story is not None
    assert story["to"] == ALICE
    assert {p: s["reason"] for p, s in story["standing"].items()} == {
        "default": None,
        "orders": "opted_out",
    }
    assert [event["kind"] for event in story["events"]] == ["opted_out", "opted_in"]
    assert (story["events"][0]["honour_by"], story["events"][0]["note"]) == ("2026-06-19", "rude")
    assert "START" not in str(story)


def test_the_history_of_a_stranger_is_empty(web: Web) -> None:
    """It is an answer, and no error."""
    story = web.post("/v1/history", {"to": BOB}).json

    assert story is not None
    assert (story["standing"]["default"]["allowed"], story["events"]) == (True, [])


def test_the_feed_goes_on_where_it_was_left(web: Web) -> None:
    """`next` is what to ask with, also when there is nothing new."""
    for place in range(5):
        web.post(OUT, {"to": ALICE, "source": "agent", "source_ref": str(place)})

    first = web.get("/v1/events?limit=3").json
    assert first is not None
    then = web.get(f"/v1/events?after={first['next']}").json
    assert then is not None

    refs = [event["source_ref"] for event in first["events"] + then["events"]]
    assert refs == ["0", "1", "2", "3", "4"]
    assert web.get(f"/v1/events?after={then['next']}").json == {"events": [], "next": then["next"]}


@pytest.mark.parametrize(
    "query", ["after=x", "after=-1", "limit=1001", "after=9" + "9" * 30, "limit=²"]
)
def test_a_query_that_is_no_number_is_400(web: Web, query: str) -> None:
    """In words that name it."""
    response = web.get(f"/v1/events?{query}")

    assert response.json is not None
    assert (response.status_code, response.json["code"]) == (400, "malformed_request")


@pytest.mark.parametrize(
    ("role", "paths"),
    [
        ("check", ()),
        ("write", (OUT, IN)),
        ("read", ("/v1/history", "/v1/decisions/verify")),
    ],
)
def test_each_endpoint_has_its_role(web: Web, role: str, paths: tuple[str, ...]) -> None:
    """403 without it; admin has all."""
    bearer = keys.create(
        web.services.db, name="t", roles=[keys.Role(role)], now=datetime.now(UTC)
    ).bearer
    every = (OUT, IN, "/v1/blocks", "/v1/blocks/lift", "/v1/history", "/v1/decisions/verify")
    let_in = {
        path
        for path in every
        if web.client.post(path, json={}, headers={"Authorization": f"Bearer {bearer}"}).status_code
        != 403
    }

    assert let_in == set(paths)
