"""`stoplist decision`: what was a sender told?"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from app.actions.decisions import verify as verify_decision
from app.cli import options
from app.cli.rfc3339 import timestamp


@click.group()
def decision() -> None:
    """Read back the decisions that senders keep beside their messages."""


@decision.command()
@click.argument("token")
@click.option("--to", help="The number that it is said to be about.")
@options.as_json
@options.data_dir
def verify(token: str, to: str | None, as_json: bool, data_dir: Path | None) -> None:
    """Say whether TOKEN is a decision of ours, and what it said. Exits 1 when it is not, or is of another number."""
    services = options.services(data_dir)
    verified = verify_decision(
        services.vault, token, to=to, region=services.settings.default_region
    )
    answer: dict[str, Any] = {"valid": verified is not None}
    if verified is not None:
        said = verified.said
        answer |= {
            "allowed": said.reason is None,
            "reason": said.reason,
            "program": said.program,
            "checked_at": timestamp(said.checked_at),
            "expires_at": timestamp(said.good_until),
            "expired": datetime.now(UTC) > said.good_until,
            "matches": verified.matches,
        }
    click.echo(json.dumps(answer) if as_json else _in_words(answer))
    sys.exit(0 if answer["valid"] and answer["matches"] is not False else 1)


def _in_words(answer: dict[str, Any]) -> str:
    if not answer["valid"]:
        return "not valid: it is no decision of ours, or was changed"
    told = "allowed" if answer["allowed"] else f"refused ({answer['reason']})"
    words = f"valid: {told} for the program {answer['program']}, checked at {answer['checked_at']}"
    if answer["matches"] is not None:
        words += ", for this number" if answer["matches"] else ", for another number"
    return words
