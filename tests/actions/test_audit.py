"""Past messages, and the kept inbox, read by the rules."""

from datetime import UTC, datetime, timedelta

import pytest

from app.actions.audit import Audit, PastMessage, audit, moment
from app.actions.evaluate import Labelled, evaluate
from app.actions.receive import Policy, receive
from app.actions.replay import replay
from app.core.intent import Intent
from app.core.vault import Vault
from app.store.database import Database
from tests.actions.test_receive import message
from tests.cast import ALICE, BOB, CAROL

JANUARY, FEBRUARY = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 2, 5, tzinfo=UTC)


def _past(author: str, text: str, sent: datetime | None = JANUARY) -> PastMessage:
    return PastMessage(author=author, text=text, sent=sent, reference="")


def _audited(*messages: PastMessage) -> Audit:
    return list(audit(messages))[-1]


def test_what_a_whole_word_list_passes_over_is_counted() -> None:
    """By month and by rule."""
    report = _audited(
        _past(ALICE, "STOP"),
        _past(BOB, "please stop texting me"),
        _past(CAROL, "see you at nine", FEBRUARY),
    )

    assert (report.messages, report.refusals, report.missed) == (3, 2, 1)
    assert report.by_month == {"2026-01": 2}
    assert sum(report.by_rule.values()) == 2
    assert set(report.standing) == {ALICE, BOB}


def test_who_came_back_is_not_suppressed_in_whatever_order_the_export_is() -> None:
    """The newest word of each number counts."""
    came_back = _audited(_past(ALICE, "stop", JANUARY), _past(ALICE, "start", FEBRUARY))
    left_again = _audited(_past(ALICE, "start", JANUARY), _past(ALICE, "stop", FEBRUARY))

    assert came_back.standing == {}
    assert set(left_again.standing) == {ALICE}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-01-05T00:00:00Z", JANUARY),
        ("2026-01-05", JANUARY),
        ("Mon, 05 Jan 2026 00:00:00 +0000", JANUARY),
        ("2026-01-05T02:00:00+02:00", JANUARY),
        ("05.01.26", None),
        ("", None),
    ],
)
def test_a_time_is_read_as_exports_write_it(written: str, read: datetime | None) -> None:
    """What is ambiguous is no time at all."""
    assert moment(written) == read


def test_the_kept_inbox_is_read_anew_and_nothing_is_changed(db: Database, vault: Vault) -> None:
    """Old texts, today's rules."""
    policy = Policy(stop_scope="all", store_numbers=True, keep_bodies=timedelta(days=30))
    for place, text in enumerate(["stop", "see you"]):
        receive(db, vault, policy, message(text, f"SM{place}"), now=JANUARY)

    replayed = list(replay(db, vault))

    assert [(each.then, each.now.intent) for each in replayed] == [
        (Intent.OPT_OUT, Intent.OPT_OUT),
        (Intent.NONE, Intent.NONE),
    ]
    assert not any(each.newly_heard for each in replayed)


def test_recall_and_precision_are_counted_per_label() -> None:
    """And every miss is kept."""
    found = evaluate(
        [
            Labelled(Intent.OPT_OUT, "en", "stop"),
            Labelled(Intent.OPT_OUT, "en", "see you at nine"),
            Labelled(Intent.NONE, "en", "see you at ten"),
        ]
    )

    assert (found.recall(Intent.OPT_OUT), found.precision(Intent.OPT_OUT)) == (0.5, 1.0)
    assert (found.recall(Intent.NONE), found.precision(Intent.NONE)) == (1.0, 0.5)
    assert (found.recall(Intent.HELP), found.precision(Intent.HELP)) == (None, None)
    assert [miss.labelled.text for miss in found.misses] == ["see you at nine"]
