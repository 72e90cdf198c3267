"""From what actions return to what is answered."""

from collections.abc import Mapping

from msgspec import UNSET

from app.actions.history import Told
from app.core.events import Event
from app.core.evidence import Consent
from app.core.standing import Decision
from app.web.shapes import facts


def event(event_id: int, held: Event, *, note: str | None = None) -> facts.EventAnswer:
    """Return the answer for one event."""
    return facts.EventAnswer(
        id=event_id,
        kind=held.kind,
        scope=held.scope,
        occurred_at=held.occurred_at,
        recorded_at=held.recorded_at,
        source=held.source,
        source_ref=held.source_ref,
        certainty=held.certainty,
        rule=held.rule,
        cause=held.cause or UNSET,
        note=note or UNSET,
    )


def told_event(told: Told) -> facts.ToldEvent:
    """Return the answer for one event of a history, with what it rests on; the words of messages are left out."""
    held, evidence = told.event, told.evidence
    return facts.ToldEvent(
        id=told.event_id,
        kind=held.kind,
        scope=held.scope,
        occurred_at=held.occurred_at,
        recorded_at=held.recorded_at,
        source=held.source,
        source_ref=held.source_ref,
        certainty=held.certainty,
        rule=held.rule,
        cause=held.cause or UNSET,
        note=(evidence.note if evidence else None) or UNSET,
        consent=_consent(evidence.consent) if evidence and evidence.consent else UNSET,
        honour_by=told.honour_by or UNSET,
    )


def standing(of_programs: Mapping[str, Decision]) -> dict[str, facts.StandingAnswer]:
    """Return the answer for how a number stands with every program."""
    return {
        program: facts.StandingAnswer(
            allowed=decision.allowed,
            reason=decision.reason,
            scope=decision.scope,
            since=decision.since,
            certainty=decision.certainty,
        )
        for program, decision in of_programs.items()
    }


def _consent(given: Consent) -> facts.ConsentGiven:
    return facts.ConsentGiven(
        **{name: getattr(given, name) for name in Consent.__dataclass_fields__}
    )
