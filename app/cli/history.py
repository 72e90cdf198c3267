"""`stoplist history`: one person's story, and what waits to be looked at."""

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from app.actions.history import History, Told
from app.actions.history import history as read_history
from app.cli import options
from app.cli.rfc3339 import timestamp


@click.command()
@click.argument("number")
@options.as_json
@options.data_dir
def history(number: str, as_json: bool, data_dir: Path | None) -> None:
    """Tell the story of NUMBER: how it stands with every program, and every fact, oldest first."""
    services = options.services(data_dir)
    known = read_history(
        services.db, services.vault, to=number, region=services.settings.default_region
    )
    if as_json:
        click.echo(json.dumps(_as_json(known)))
        return
    console = Console()
    standing = Table("program", "may text", "because", "since", title=known.to)
    for program, decision in known.standing.items():
        since = timestamp(decision.since) or ""
        standing.add_row(program, "yes" if decision.allowed else "no", decision.reason or "", since)
    console.print(standing)
    if not known.events:
        console.print("Nothing is known of it.")
        return
    events = Table("id", "said", "learned", "what", "scope", "by", "rule or cause", "honour by")
    for told in known.events:
        event = told.event
        events.add_row(
            str(told.event_id),
            timestamp(event.occurred_at),
            timestamp(event.recorded_at),
            event.kind,
            event.scope,
            event.name,
            event.rule or event.cause or "",
            str(told.honour_by or ""),
        )
    console.print(events)


def _as_json(known: History) -> dict[str, Any]:
    return {
        "to": known.to,
        "standing": {
            program: {
                "allowed": decision.allowed,
                "reason": decision.reason,
                "scope": decision.scope,
                "since": timestamp(decision.since),
                "certainty": decision.certainty,
            }
            for program, decision in known.standing.items()
        },
        "events": [_event(told) for told in known.events],
    }


def _event(told: Told) -> dict[str, Any]:
    event, evidence = told.event, told.evidence
    optional = {
        "cause": event.cause,
        "note": evidence.note if evidence else None,
        "honour_by": told.honour_by.isoformat() if told.honour_by else None,
    }
    return {
        "id": told.event_id,
        "kind": event.kind,
        "scope": event.scope,
        "occurred_at": timestamp(event.occurred_at),
        "recorded_at": timestamp(event.recorded_at),
        "source": event.source,
        "source_ref": event.source_ref,
        "certainty": event.certainty,
        "rule": event.rule,
        **{name: value for name, value in optional.items() if value is not None},
    }
