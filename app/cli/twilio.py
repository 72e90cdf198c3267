"""`stoplist twilio`: the set-up of the account, and what it holds."""

import click

from app.cli import reconcile


@click.group()
def twilio() -> None:
    """Reconcile with your Twilio account."""


twilio.add_command(reconcile.reconcile)
