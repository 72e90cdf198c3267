"""`stoplist purge` and `stoplist hold`: what is deleted when its time has come, and what is not."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from app.actions import holds
from app.actions.purge import Keep, due
from app.actions.purge import purge as purge_now
from app.cli import options
from app.cli.rfc3339 import timestamp

_WORDS = {
    "bodies": "texts of messages",
    "evidence": "texts and consents that facts rested on",
    "messages": "messages of no consequence",
    "numbers": "numbers of whom nothing else is held",
    "answers": "answers to sends, and the keys to ask for them again",
}


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would go, and delete nothing.")
@options.as_json
@options.data_dir
def purge(dry_run: bool, as_json: bool, data_dir: Path | None) -> None:
    """Delete what is no longer needed. Opt-outs are never deleted, nor what a hold keeps."""
    services = options.services(data_dir)
    keep = Keep(evidence=timedelta(days=services.settings.keep_evidence_days))
    now = datetime.now(UTC)
    if dry_run:
        gone = due(services.db, keep, now=now)
    else:
        with Console(stderr=True).status("Purging"):
            gone = purge_now(
                services.db, services.vault, keep, now=now, on_progress=lambda _some: None
            )
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, **asdict(gone)}))
        return
    click.echo("Would be deleted:" if dry_run else "Deleted:")
    for name, words in _WORDS.items():
        click.echo(f"  {getattr(gone, name):>10,}  {words}")


@click.group()
def hold() -> None:
    """Place and release litigation holds: what is held is not deleted."""


@hold.command("set")
@click.argument("number", required=False)
@click.option("--program", help="Hold all that was said to a program, in place of a number.")
@click.option("--reason", required=True, help="Why: a case, a letter. It is sealed.")
@options.data_dir
def set_hold(number: str | None, program: str | None, reason: str, data_dir: Path | None) -> None:
    """Hold all that is known of NUMBER, or of a program."""
    if (number is None) == (program is None):
        raise click.UsageError("name a NUMBER or a --program")
    services = options.services(data_dir)
    now = datetime.now(UTC)
    if program is not None:
        placed = holds.hold_program(
            services.db, services.vault, program=program, reason=reason, now=now
        )
    else:
        placed = holds.hold_number(
            services.db,
            services.vault,
            to=number or "",
            region=services.settings.default_region,
            reason=reason,
            now=now,
        )
    click.echo(f"The hold {placed} stands. Release it with `stoplist hold release {placed}`.")


@hold.command("release")
@click.argument("hold_id", metavar="ID", type=click.IntRange(min=1))
@options.data_dir
def release(hold_id: int, data_dir: Path | None) -> None:
    """Release the hold ID."""
    holds.release(options.services(data_dir).db, hold_id, now=datetime.now(UTC))
    click.echo(f"The hold {hold_id} is released.")


@hold.command("list")
@options.as_json
@options.data_dir
def list_holds(as_json: bool, data_dir: Path | None) -> None:
    """List every hold, released ones too."""
    services = options.services(data_dir)
    rows = [
        {
            "id": each.id,
            "of": each.program or "a number",
            "reason": each.reason,
            "placed_at": timestamp(each.placed_at),
            "released_at": timestamp(each.released_at),
        }
        for each in holds.listed(services.db, services.vault)
    ]
    if as_json:
        click.echo(json.dumps(rows))
        return
    table = Table("id", "of", "reason", "placed", "released")
    for row in rows:
        table.add_row(*(str(value or "") for value in row.values()))
    Console().print(table)
