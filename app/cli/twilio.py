"""`stoplist twilio`: the set-up of the account, and what it holds."""

import click

from app.cli import deactivations, push, reconcile


@click.group()
def twilio() -> None:
    """Reconcile with your Twilio account."""


twilio.add_command(reconcile.reconcile)
twilio.add_command(deactivations.deactivations)
twilio.add_command(push.push)
