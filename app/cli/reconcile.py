"""`stoplist twilio reconcile`: what did the webhook miss, and who was texted after a STOP?"""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from app.actions import reconcile as actions
from app.actions.receive import Policy
from app.actions.reconcile import Report
from app.cli import options
from app.cli.spans import Since
from app.core.errors import Misconfigured
from app.wiring import Services


@click.command()
@click.option(
    "--since", type=Since(), help="2d, 12h, 90m or a date; else where the last run ended."
)
@click.option("--account", help="One AccountSid; else all of the settings.")
@options.as_json
@options.data_dir
def reconcile(
    since: datetime | None, account: str | None, as_json: bool, data_dir: Path | None
) -> None:
    """Read Twilio's own list of messages again. Exits 1 when something was missed or sent wrongly."""
    services = options.services(data_dir)
    accounts = [account] if account else list(services.twilio.accounts)
    if not accounts:
        raise Misconfigured(
            "set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or STOPLIST_TWILIO_ACCOUNTS"
        )
    reports = {each: _one(services, each, since) for each in accounts}
    if as_json:
        click.echo(json.dumps({each: asdict(report) for each, report in reports.items()}))
    else:
        for each, report in reports.items():
            click.echo("\n".join(_in_words(each, report)))
    sys.exit(0 if all(report.is_clean for report in reports.values()) else 1)


def _one(services: Services, account: str, since: datetime | None) -> Report:
    settings = services.settings
    now = datetime.now(UTC)
    start = since or actions.begin_at(services.db, account, now=now)
    policy = Policy(
        stop_scope=settings.stop_scope,
        store_numbers=settings.store_numbers == "sealed",
        keep_bodies=timedelta(days=settings.keep_bodies_days),
    )
    bar = Progress(
        TextColumn(account),
        BarColumn(),
        TextColumn("{task.completed} of {task.total} days"),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(account, total=(now.date() - start.date()).days + 1)
        return actions.reconcile(
            services.db,
            services.vault,
            services.twilio,
            policy,
            account=account,
            since=start,
            now=now,
            on_day=lambda _count: bar.advance(task),
        )


def _in_words(account: str, report: Report) -> list[str]:
    lines = [
        f"{account}: {report.inbound} messages came in, {len(report.missed)} of them past the webhook.",
        f"{report.missed_refusals} of these asked for no more; they are heard now.",
        f"{report.reordered} were heard in another order than they were sent; they count in that of sending now.",
        f"{report.outbound} messages went out, {len(report.breaches)} of them to people who had said stop.",
    ]
    lines += [f"  missed: {message_id}" for message_id in report.missed]
    lines += [
        f"  sent after a stop: {breach.message_id} ({breach.program}, {breach.reason}), {breach.seconds:.0f} s after it"
        for breach in report.breaches
    ]
    return lines
