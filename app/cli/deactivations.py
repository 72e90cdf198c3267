"""`stoplist twilio deactivations`: end the consent of numbers that were given up."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from app.actions.deactivations import end_consents
from app.cli import options
from app.core.errors import Misconfigured


@click.command()
@click.option(
    "--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Of the list; yesterday's, else."
)
@options.as_json
@options.data_dir
def deactivations(day: datetime | None, as_json: bool, data_dir: Path | None) -> None:
    """End the consent of numbers that were given up on a day. An opt-out stays. Run it every day."""
    services = options.services(data_dir)
    if not services.twilio.accounts:
        raise Misconfigured("set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN first")
    now = datetime.now(UTC)
    ended = end_consents(
        services.db,
        services.vault,
        services.twilio,
        account=services.twilio.accounts[0],
        day=(day or now - timedelta(days=1)).date(),
        store_numbers=services.settings.store_numbers == "sealed",
        now=now,
    )
    if as_json:
        click.echo(json.dumps(asdict(ended)))
        return
    click.echo(
        f"{ended.listed} numbers were given up; {ended.known} of them are known here, "
        f"and of {ended.new} it is noted now."
    )
