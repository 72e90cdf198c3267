"""`stoplist twilio push`: tell Twilio who asked for no more."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, TextColumn

from app.actions import push as actions
from app.actions.push import Pushed, Refused
from app.cli import options
from app.core.errors import Misconfigured
from app.wiring import Services

_REFUSED, _AWAY = 1, 3


@click.command()
@click.option(
    "--all", "everything", is_flag=True, help="Tell all again, as for senders that are new."
)
@click.option("--account", help="The AccountSid of the senders; else TWILIO_ACCOUNT_SID.")
@options.as_json
@options.data_dir
def push(everything: bool, account: str | None, as_json: bool, data_dir: Path | None) -> None:
    """Tell Twilio of opt-outs and re-opt-ins. Exits 1 where it will not take some, 3 where it is away."""
    services = options.services(data_dir)
    of_senders = _account(services, account)
    if everything:
        actions.start_over(services.db)
    actions.collect(services.db, now=datetime.now(UTC))
    pushed = _push(services, of_senders)
    waiting, refused = actions.kept(services.db)
    if as_json:
        kept = [asdict(each) for each in refused]
        click.echo(json.dumps({**asdict(pushed), "waiting": waiting, "kept": kept}))
    else:
        click.echo("\n".join(_in_words(pushed, waiting, refused)))
    sys.exit(_AWAY if pushed.is_away else _REFUSED if refused else 0)


def _account(services: Services, named: str | None) -> str:
    settings = services.settings
    if settings.twilio_push != "on":
        raise Misconfigured(
            "the push is off: set STOPLIST_TWILIO_PUSH=on if the account has Twilio's Consent Management API"
        )
    if settings.store_numbers == "never":
        raise Misconfigured(
            "with STOPLIST_STORE_NUMBERS=never no number is kept, so that Twilio cannot be told of any"
        )
    accounts = services.twilio.accounts
    if not accounts:
        raise Misconfigured("set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN first")
    return named or settings.twilio_account_sid or accounts[0]


def _push(services: Services, account: str) -> Pushed:
    bar = Progress(
        TextColumn(account),
        TextColumn("{task.completed} told"),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(account, total=None)
        return actions.push(
            services.db,
            services.vault,
            services.twilio,
            account=account,
            clock=lambda: datetime.now(UTC),
            on_batch=lambda told: bar.advance(task, told),
        )


def _in_words(pushed: Pushed, waiting: int, refused: Sequence[Refused]) -> list[str]:
    lines = [
        f"{pushed.told} consents told, {pushed.refused} not taken, {pushed.failed} without an answer.",
        f"{waiting} wait to be told; {len(refused)} are kept that Twilio will not take.",
    ]
    if pushed.is_away:
        lines.append("Twilio is away, or wants a pause: run this again later.")
    lines += [
        f"  not taken: event {each.event_id} for {each.sender}, code {each.code} {each.fault or ''}".rstrip()
        for each in refused
    ]
    return lines
