"""`stoplist review`: what was understood only probably waits here for a person."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from app.actions import review as actions
from app.actions.review import Verdict
from app.cli import options
from app.cli.rfc3339 import timestamp


@click.group()
def review() -> None:
    """Look at what was understood only probably; until then it suppresses."""


@review.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@options.as_json
@options.data_dir
def list_reviews(limit: int, as_json: bool, data_dir: Path | None) -> None:
    """List what waits, oldest first."""
    waiting = actions.listed(options.services(data_dir).db, after=0, limit=limit)
    if as_json:
        rows = [
            {
                "id": each.id,
                "program": each.program,
                "received_at": timestamp(each.received_at),
                "intent": each.intent,
                "certainty": each.certainty,
                "rule": each.rule,
                "language": each.language,
            }
            for each in waiting
        ]
        click.echo(json.dumps(rows))
        return
    table = Table("id", "received", "program", "read as", "certainty", "rule")
    for each in waiting:
        table.add_row(
            str(each.id),
            f"{each.received_at:%Y-%m-%d %H:%M:%S}",
            each.program,
            each.intent,
            each.certainty or "",
            each.rule or "",
        )
    Console().print(table)


@review.command()
@click.argument("review_id", metavar="ID", type=click.IntRange(min=1))
@options.data_dir
def confirm(review_id: int, data_dir: Path | None) -> None:
    """Find that ID was understood rightly."""
    _close(review_id, Verdict.CONFIRMED, data_dir)


@review.command()
@click.argument("review_id", metavar="ID", type=click.IntRange(min=1))
@options.data_dir
def dismiss(review_id: int, data_dir: Path | None) -> None:
    """Find that ID was not what the person asked for: the fact is voided, as if it had never been."""
    _close(review_id, Verdict.DISMISSED, data_dir)


def _close(review_id: int, verdict: Verdict, data_dir: Path | None) -> None:
    services = options.services(data_dir)
    actions.close(services.db, review_id, verdict, now=datetime.now(UTC))
    click.echo(f"The review {review_id} is {verdict}.")
