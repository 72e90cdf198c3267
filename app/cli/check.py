"""`stoplist check`: may this number be texted?"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from app.actions.check import Checked
from app.actions.check import check as check_number
from app.cli import options
from app.cli.rfc3339 import timestamp
from app.core.standing import Reason

_WORDS = {
    Reason.OPTED_OUT: "the person opted out",
    Reason.BLOCKED: "an operator blocks the number",
    Reason.WRONG_NUMBER: "the number is not the person's who was meant",
    Reason.NO_CONSENT: "the program requires consent, and there is none",
    Reason.QUIET_HOURS: "it is night where the recipient is",
    Reason.INVALID_NUMBER: "this is not a phone number",
}


@click.command()
@click.argument("number")
@click.option(
    "--program", default="default", show_default=True, help="The program that wants to send."
)
@options.as_json
@options.data_dir
def check(number: str, program: str, as_json: bool, data_dir: Path | None) -> None:
    """Say whether NUMBER may be texted, and why not. Exits 0 when allowed, 1 when refused."""
    services = options.services(data_dir)
    checked = check_number(
        services.db,
        services.vault,
        to=number,
        program=program,
        region=services.settings.default_region,
        now=datetime.now(UTC),
    )
    click.echo(_as_json(checked, program) if as_json else _in_words(checked, program))
    sys.exit(0 if checked.decision.allowed else 1)


def _in_words(checked: Checked, program: str) -> str:
    decision = checked.decision
    if decision.reason is None:
        return f"allowed: {checked.to} may be texted by the program {program}"
    words = f"refused: {_WORDS[decision.reason]} ({decision.reason})"
    if decision.since:
        reach = "everything" if decision.scope == "*" else f"the program {decision.scope}"
        words += f", since {decision.since:%Y-%m-%d %H:%M:%S} UTC, for {reach}, {decision.certainty or 'on record'}"
    return words


def _as_json(checked: Checked, program: str) -> str:
    decision = checked.decision
    return json.dumps(
        {
            "to": checked.to,
            "program": program,
            "allowed": decision.allowed,
            "reason": decision.reason,
            "scope": decision.scope,
            "since": timestamp(decision.since),
            "certainty": decision.certainty,
        }
    )
