"""The fold: any history has one answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from app.core.events import EVERYTHING, REVIEW, Cause, Event, Kind
from app.core.intent import Certainty
from app.core.program import Terms
from app.core.standing import UNHEARD, Decision, Reason, awaits_yes, decide, fold

START = datetime(2026, 1, 1, tzinfo=UTC)
PROGRAM, OTHER = "orders", "promotions"


WISHES = [Kind.OPTED_OUT, Kind.OPTED_IN, Kind.WRONG_NUMBER]


def happened(
    kind: Kind,
    minute: int,
    scope: str = EVERYTHING,
    certainty: Certainty | None = None,
    cause: Cause | None = None,
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
        source_ref=f"{kind}{minute}{scope}{certainty}{cause}",
        certainty=certainty,
        cause=cause,
    )


def dismissed(event: Event) -> Event:
    """Return the event that voids another."""
    return replace(event, kind=Kind.DISMISSED, source=REVIEW, source_ref=event.name, certainty=None)


EVENTS = st.lists(
    st.builds(
        happened,
        st.sampled_from([kind for kind in Kind if kind is not Kind.DISMISSED]),
        st.integers(min_value=0, max_value=5),
        st.sampled_from([EVERYTHING, PROGRAM, OTHER]),
        st.sampled_from([None, *Certainty]),
        st.sampled_from([None, Cause.OPERATOR, Cause.LEGAL]),
    ),
    max_size=8,
)


def _decide(
    events: list[Event], program: str = PROGRAM, *, requires_consent: bool = False
) -> Decision:
    return decide(fold(events).values(), Terms(id=program, requires_consent=requires_consent))


@given(events=EVENTS, order=st.randoms())
def test_order_of_arrival_does_not_matter(events: list[Event], order: Random) -> None:
    """A carrier may deliver late and out of order: what is believed is the same."""
    shuffled = list(events)
    order.shuffle(shuffled)

    assert _decide(shuffled) == _decide(events)


@given(EVENTS, st.booleans())
def test_any_history_has_the_answer_of_its_newest_words(
    events: list[Event], requires_consent: bool
) -> None:
    """Held against the contract, written out a second time as plainly as can be."""
    concerning = [e for e in events if e.scope in (EVERYTHING, PROGRAM)]

    def newest(*kinds: Kind, scope: str | None = None) -> list[Event]:
        some = [e for e in concerning if e.kind in kinds and scope in (None, e.scope)]
        return [e for e in some if e.occurred_at == max(e.occurred_at for e in some)]

    blocked = any(
        e.kind is Kind.BLOCKED
        for scope in (EVERYTHING, PROGRAM)
        for e in newest(Kind.BLOCKED, Kind.UNBLOCKED, scope=scope)
    )
    said = {e.kind for e in newest(*WISHES)}
    ended = max((e.occurred_at for e in concerning if e.kind is Kind.DEACTIVATED), default=START)
    agreed = [
        e
        for e in [*newest(Kind.OPTED_IN, *WISHES), *newest(Kind.CONSENT_IMPORTED)]
        if e.kind in {Kind.OPTED_IN, Kind.CONSENT_IMPORTED}
        and (e.occurred_at > ended or not newest(Kind.DEACTIVATED))
    ]
    reason = None
    if blocked:
        reason = Reason.BLOCKED
    elif Kind.OPTED_OUT in said:
        reason = Reason.OPTED_OUT
    elif Kind.WRONG_NUMBER in said:
        reason = Reason.WRONG_NUMBER
    elif requires_consent and not agreed:
        reason = Reason.NO_CONSENT

    decision = _decide(events, requires_consent=requires_consent)

    assert (decision.allowed, decision.reason) == (reason is None, reason)


@given(EVENTS, st.randoms())
def test_a_dismissed_fact_is_as_if_it_had_never_been(events: list[Event], chance: Random) -> None:
    """Whether the dismissal comes first or last."""
    distinct = list({event.name: event for event in events}.values())
    voided = [event for event in distinct if chance.random() < 0.4]
    told = [*distinct, *map(dismissed, voided)]
    chance.shuffle(told)

    assert fold(told) == fold(event for event in distinct if event not in voided)


@given(EVENTS)
def test_a_block_survives_whatever_the_person_says_after_it(events: list[Event]) -> None:
    """Only an operator lifts it."""
    others = [e for e in events if e.kind not in {Kind.BLOCKED, Kind.UNBLOCKED}]

    assert _decide([happened(Kind.BLOCKED, 0), *others]).reason is Reason.BLOCKED
    lifted = [happened(Kind.BLOCKED, 0), happened(Kind.UNBLOCKED, 1), *others]
    assert _decide(lifted) == _decide(others)


def test_a_lift_ends_the_block_of_its_own_scope_alone() -> None:
    """A block of everything is not lifted for one program."""
    blocked = [happened(Kind.BLOCKED, 1), happened(Kind.BLOCKED, 1, PROGRAM)]

    assert _decide([*blocked, happened(Kind.UNBLOCKED, 2, PROGRAM)]).reason is Reason.BLOCKED
    assert _decide([*blocked, happened(Kind.UNBLOCKED, 2)]).scope == PROGRAM
    assert _decide([*blocked, happened(Kind.UNBLOCKED, 2)], OTHER).allowed


def test_a_number_given_up_ends_consent_and_no_opt_out() -> None:
    """Whoever holds it next agreed to nothing; a refusal harms them in nothing."""
    given_up = happened(Kind.DEACTIVATED, 2)

    for agreed in (Kind.OPTED_IN, Kind.CONSENT_IMPORTED):
        before = [happened(agreed, 1, PROGRAM), given_up]
        assert _decide(before, requires_consent=True).reason is Reason.NO_CONSENT
        assert _decide(before).allowed
        after = [given_up, happened(agreed, 3, PROGRAM)]
        assert _decide(after, requires_consent=True).allowed
    assert _decide([happened(Kind.OPTED_OUT, 1), given_up]).reason is Reason.OPTED_OUT


def test_an_imported_consent_never_overrides_a_refusal() -> None:
    """However new the record says that it is."""
    for refusal in (Kind.OPTED_OUT, Kind.WRONG_NUMBER):
        events = [happened(refusal, 1), happened(Kind.CONSENT_IMPORTED, 5, PROGRAM)]
        assert not _decide(events, requires_consent=True).allowed


def test_a_yes_is_awaited_from_the_question_to_the_answer() -> None:
    """And no longer than the time that is given for it."""
    asked, answered = happened(Kind.CONSENT_ASKED, 2, PROGRAM), happened(Kind.OPTED_OUT, 3)

    assert awaits_yes(fold([asked]).values(), PROGRAM, START)
    assert not awaits_yes(fold([asked]).values(), OTHER, START)
    assert not awaits_yes(fold([asked, answered]).values(), PROGRAM, START)
    assert not awaits_yes(fold([asked]).values(), PROGRAM, START + timedelta(minutes=3))
    assert _decide([asked], requires_consent=True).reason is Reason.NO_CONSENT


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
