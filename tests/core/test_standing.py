"""The fold: any history has one answer."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from app.core.events import EVERYTHING, Event, Kind
from app.core.intent import Certainty
from app.core.standing import UNHEARD, Decision, Reason, decide, fold

START = datetime(2026, 1, 1, tzinfo=UTC)
PROGRAM, OTHER = "orders", "promotions"


def happened(
    kind: Kind, minute: int, scope: str = EVERYTHING, certainty: Certainty | None = None
) -> Event:
    """Return an event of one number, some minutes after the start."""
    moment = START + timedelta(minutes=minute)
    return Event(
        number_key=b"k" * 16,
        kind=kind,
        scope=scope,
        occurred_at=moment,
        recorded_at=moment,
        source="test",
        source_ref=f"{kind}{minute}{scope}",
        certainty=certainty,
    )


EVENTS = st.lists(
    st.builds(
        happened,
        st.sampled_from(Kind),
        st.integers(min_value=0, max_value=5),
        st.sampled_from([EVERYTHING, PROGRAM, OTHER]),
        st.sampled_from([None, *Certainty]),
    ),
    max_size=8,
)


def _decide(
    events: list[Event], program: str = PROGRAM, *, requires_consent: bool = False
) -> Decision:
    return decide(fold(events).values(), program, requires_consent=requires_consent)


@given(events=EVENTS, order=st.randoms())
def test_order_of_arrival_does_not_matter(events: list[Event], order: Random) -> None:
    """A carrier may deliver late and out of order: what is believed is the same."""
    shuffled = list(events)
    order.shuffle(shuffled)

    assert _decide(shuffled) == _decide(events)


@given(EVENTS)
def test_any_history_has_an_answer_that_the_newest_word_gives(events: list[Event]) -> None:
    """Refused exactly when a newest word in scope refuses."""
    concerns = [e for e in events if e.kind.is_word and e.scope in (EVERYTHING, PROGRAM)]
    newest = max((e.occurred_at for e in concerns), default=None)
    refusing = any(e.kind.refuses for e in concerns if e.occurred_at == newest)

    assert _decide(events).allowed is not refusing


def test_an_unknown_number_is_allowed_unless_consent_is_required() -> None:
    """The program says whether silence is enough."""
    assert _decide([]) == UNHEARD
    assert _decide([], requires_consent=True).reason is Reason.NO_CONSENT


def test_a_late_arriving_older_start_never_lifts_a_newer_stop() -> None:
    """Time of saying counts, not time of arrival."""
    events = [happened(Kind.OPTED_OUT, 2), happened(Kind.OPTED_IN, 1, PROGRAM)]

    assert _decide(events).reason is Reason.OPTED_OUT


def test_a_stop_then_a_start_on_one_program_leaves_every_other_refused() -> None:
    """A STOP ends everything; a START begins one program again."""
    events = [happened(Kind.OPTED_OUT, 1), happened(Kind.OPTED_IN, 2, PROGRAM)]

    assert _decide(events, PROGRAM).allowed is True
    assert _decide(events, OTHER).reason is Reason.OPTED_OUT


def test_on_a_tie_the_opt_out_wins() -> None:
    """When both were said in the same instant, silence harms nobody."""
    events = [happened(Kind.OPTED_IN, 1, PROGRAM), happened(Kind.OPTED_OUT, 1)]

    assert _decide(events).reason is Reason.OPTED_OUT


def test_a_wrong_number_is_refused_as_such() -> None:
    """The person texted is not the one meant."""
    assert _decide([happened(Kind.WRONG_NUMBER, 1)]).reason is Reason.WRONG_NUMBER


def test_asking_for_help_changes_nothing() -> None:
    """HELP is answered and is no word about messages."""
    events = [happened(Kind.OPTED_OUT, 1), happened(Kind.HELP_ASKED, 2)]

    assert _decide(events).reason is Reason.OPTED_OUT
