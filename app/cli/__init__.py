"""The command line: `stoplist`. One file per group of commands; the same actions as the web."""

import sys

import click

from app.cli import (
    audit,
    check,
    classify,
    db,
    decision,
    evaluate,
    export_list,
    history,
    import_list,
    keys,
    ledger,
    programs,
    retention,
    review,
    scrub,
    serve,
    simulate,
    subject,
    twilio,
)
from app.core.errors import StoplistError
from app.version import installed

WRONG_USE, UNAVAILABLE = 2, 3


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(installed(), prog_name="stoplist")
def commands() -> None:
    """Hear every way a person says stop, write it down, refuse every message after that.

    Exit codes: 0 done, 1 refused or a finding, 2 wrong use, 3 unavailable.
    """


_COMMANDS = (
    serve.serve,
    simulate.simulate,
    check.check,
    scrub.scrub,
    classify.classify,
    evaluate.evaluate,
    audit.audit,
    import_list.import_list,
    export_list.export_list,
    history.history,
    review.review,
    decision.decision,
    programs.programs,
    programs.senders,
    retention.purge,
    retention.hold,
    subject.subject,
    subject.erase,
    twilio.twilio,
    keys.keys,
    ledger.ledger,
    db.db,
)
for command in _COMMANDS:
    commands.add_command(command)


def main() -> None:
    """Run the command line and turn our errors into words and an exit code."""
    try:
        commands()
    except StoplistError as fault:
        click.echo(f"stoplist: {fault}", err=True)
        sys.exit(WRONG_USE if fault.permanent else UNAVAILABLE)
