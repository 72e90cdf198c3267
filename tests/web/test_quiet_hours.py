"""Quiet hours through HTTP: whose clock counts, and what each setting does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.actions.check import check, check_bulk
from app.core.standing import Decision
from tests.cast import ALICE, BOB
from tests.conftest import Web

NIGHT = datetime(2026, 6, 2, 4, 0, tzinfo=UTC)  # midnight in New Jersey, where area code 201 is
MORNING = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)  # 8 there
Ask = Callable[..., Decision]


@pytest.fixture(name="ask")
def _ask(web: Web) -> Ask:
    """Return a function that asks at an instant, one by one and in bulk, which must agree."""

    def ask(to: str = ALICE, program: str = "offers", at: datetime = NIGHT) -> Decision:
        services: Any = web.services
        where: dict[str, Any] = {"program": program, "region": "US", "now": at}
        one = check(services.db, services.vault, to=to, **where).decision
        (_, other) = check_bulk(services.db, services.vault, to=["x", to], **where)
        assert one == other.decision
        return one

    return ask


def test_at_night_a_program_may_be_silent_until_the_morning(web: Web, ask: Ask) -> None:
    """Refused, with the next instant at which it may be sent."""
    web.put_program("offers", quiet_hours="block")

    assert ask() == Decision(allowed=False, reason="quiet_hours", retry_at=MORNING)  # type: ignore[arg-type]
    assert ask(at=MORNING) == Decision(allowed=True)
    assert ask(at=MORNING - timedelta(microseconds=1)).retry_at == MORNING


def test_a_program_may_be_advised_alone(web: Web, ask: Ask) -> None:
    """Allowed, and told from when it would be well; off by default."""
    web.put_program("offers", quiet_hours="advise")

    assert ask() == Decision(allowed=True, retry_at=MORNING)
    assert ask(program="default") == Decision(allowed=True)


def test_what_the_person_said_comes_first(web: Web, ask: Ask) -> None:
    """And missing consent too: it will not be better in the morning."""
    web.put_program("offers", quiet_hours="block", requires_consent=True)
    assert ask().reason == "no_consent"

    web.message("SM1", ALICE, "STOP")
    assert (ask().reason, ask().retry_at) == ("opted_out", None)


@pytest.mark.parametrize("known", [{"time_zone": "Asia/Tokyo"}, {"postcode": "96813"}])
def test_where_a_person_lives_counts_more_than_their_number(
    web: Web, ask: Ask, known: dict[str, str]
) -> None:
    """As their consent tells: it is 13 o'clock in Tokyo and 18 o'clock in Honolulu."""
    web.put_program("offers", quiet_hours="block")
    consent = {"wording": "Yes", "medium": "web form", **known}
    for to in (ALICE, BOB):
        web.post(
            "/v1/opt-ins",
            {
                "to": to,
                "program": "offers",
                "source": "web",
                "consent": consent if to == ALICE else None,
            },
        )

    assert ask(BOB).reason == "quiet_hours"
    assert ask(ALICE) == replace(ask(ALICE), allowed=True, reason=None, retry_at=None)


def test_a_time_zone_that_does_not_exist_is_refused(web: Web) -> None:
    """When it is recorded, so that nobody is surprised at night."""
    consent = {"wording": "Yes", "medium": "paper", "time_zone": "Mars/Olympus"}

    response = web.post(
        "/v1/opt-ins", {"to": ALICE, "program": "default", "source": "web", "consent": consent}
    )

    assert (response.status_code, response.json["code"]) == (422, "unacceptable")  # type: ignore[index]


def test_over_http_the_answer_holds_its_retry_at(web: Web) -> None:
    """A satellite phone is nowhere: always quiet, and nobody can say until when."""
    web.put_program("default", quiet_hours="block")

    answer = web.check("+881612345678")

    assert (answer["allowed"], answer["reason"], answer["retry_at"]) == (False, "quiet_hours", None)
