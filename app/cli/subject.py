"""`stoplist subject` and `stoplist erase`: a person's rights."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from app.actions import subject as actions
from app.actions.subject import Subject
from app.cli import options
from app.cli.rfc3339 import timestamp


@click.group()
def subject() -> None:
    """Answer a person who asks what is held of them."""


@subject.command()
@click.argument("number")
@options.as_json
@options.data_dir
def export(number: str, as_json: bool, data_dir: Path | None) -> None:
    """Show everything that is held of NUMBER, in plain words or as JSON."""
    services = options.services(data_dir)
    held = actions.export(
        services.db, services.vault, to=number, region=services.settings.default_region
    )
    document = json.dumps(actions.as_document(held), indent=2, default=timestamp)
    click.echo(document if as_json else "\n".join(_in_words(held)))


@click.command()
@click.argument("number")
@click.option(
    "--evidence-too",
    is_flag=True,
    help="Also the evidence of the last five years, which the law of some countries wants kept.",
)
@options.yes
@options.data_dir
def erase(number: str, evidence_too: bool, yes: bool, data_dir: Path | None) -> None:
    """Erase what is held of NUMBER, down to the bare suppression, and say what stays and why."""
    services = options.services(data_dir)
    if not yes:
        click.confirm("Erase what is held of this number? It cannot be undone.", abort=True)
    erased = actions.erase(
        services.db,
        services.vault,
        to=number,
        region=services.settings.default_region,
        evidence_too=evidence_too,
        now=datetime.now(UTC),
    )
    click.echo(
        f"Erased: {erased.numbers} sealed numbers and places, {erased.bodies} texts of messages, "
        f"{erased.evidence} texts and consents that facts rested on."
    )
    click.echo("What stays:")
    for words in actions.what_stays(evidence_too=evidence_too):
        click.echo(f"  - {words}")


def _in_words(held: Subject) -> list[str]:
    if held.first_seen is None:
        return [f"Nothing is held of {held.story.to}."]
    kept = "encrypted, and as a keyed hash" if held.number_is_kept else "as a keyed hash alone"
    lines = [f"{held.story.to} is known since {timestamp(held.first_seen)}. It is held {kept}."]
    if held.place:
        known = " and ".join(filter(None, (held.place.postcode, held.place.time_zone)))
        lines.append(f"Where the person lives, as their consent told: {known}.")
    if held.under_hold:
        lines.append("A litigation hold keeps all of it from being deleted.")
    lines.append("How it stands:")
    for program, decision in held.story.standing.items():
        answer = "may be texted" if decision.allowed else f"is not texted ({decision.reason})"
        lines.append(f"  - by the program {program} it {answer}")
    lines.append("What happened:")
    for told in held.story.events:
        event, evidence = told.event, told.evidence
        lines.append(
            f"  - {timestamp(event.occurred_at)} {event.kind} ({event.scope}), told by {event.source}"
        )
        if evidence and evidence.text is not None:
            lines.append(f"      the words: {evidence.text!r}")
        if evidence and evidence.note is not None:
            lines.append(f"      a note: {evidence.note!r}")
        if evidence and evidence.consent is not None:
            lines.append(
                f"      agreed to {evidence.consent.wording!r} by {evidence.consent.medium}"
            )
    lines.append("Messages:")
    for message in held.messages:
        words = "text deleted" if message.text is None else repr(message.text)
        until = timestamp(message.held.purge_after)
        lines.append(
            f"  - {timestamp(message.held.received_at)} to {message.held.sender}: {words}"
            + (f", to be deleted after {until}" if until else "")
        )
    return lines
