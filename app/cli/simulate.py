"""`stoplist simulate`: be the person who texts back."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from app import data_dir as home
from app.actions import simulate as simulation
from app.actions.simulate import Signer, Simulated
from app.cli import options
from app.config import Settings
from app.core.errors import InvalidNumber, Misconfigured
from app.core.phone import person
from app.wiring import settings_from

_HTTP_OK = 200


@click.command()
@click.argument("text")
@click.option(
    "--from", "author", required=True, metavar="NUMBER", help="Who texts, such as +12015550123."
)
@click.option("--to", "sender", default="+12015550100", show_default=True, metavar="NUMBER",
              help="Which of our addresses is texted.")  # fmt: skip
@click.option(
    "--url", default="http://127.0.0.1:8000", show_default=True, help="Where the server is."
)
@options.as_json
@options.data_dir
def simulate(
    text: str, author: str, sender: str, url: str, as_json: bool, data_dir: Path | None
) -> None:
    """Post TEXT to a running server as an inbound message, signed as Twilio signs, then ask the check.

    Exits 0 when the server took it, 1 when it refused it, 3 when it cannot be reached.
    """
    number = person(author)
    if number is None:
        raise InvalidNumber("--from must be a phone number in E.164, such as +12015550123")
    settings = settings_from(data_directory=data_dir)
    result = simulation.simulate(
        text=text,
        author=number.e164,
        sender=sender,
        server=url.rstrip("/"),
        public=settings.public_url or url.rstrip("/"),
        signer=_signer(settings),
        access_key=settings.access_key or home.read(settings.data_dir, home.ACCESS_KEY),
    )
    click.echo(_as_json(result) if as_json else _in_words(result, text, number.e164, sender))
    sys.exit(0 if result.status == _HTTP_OK else 1)


def _signer(settings: Settings) -> Signer:
    """Sign with the strongest secret that the server accepts."""
    account = settings.twilio_account_sid or simulation.NO_ACCOUNT
    if settings.twilio_shared_keys:
        shared_key, secret = next(iter(settings.twilio_shared_keys.items()))
        return Signer(account=account, secret=secret, shared_key=shared_key)
    if settings.twilio_auth_token:
        return Signer(account=account, secret=settings.twilio_auth_token[0])
    if settings.twilio_accounts:
        account, tokens = next(iter(settings.twilio_accounts.items()))
        return Signer(account=account, secret=tokens[0])
    local = home.read(settings.data_dir, home.LOCAL_TOKEN)
    if local is None:
        raise Misconfigured(
            f"no secret to sign with: no Twilio token is set, and there is no {settings.data_dir / home.LOCAL_TOKEN}; "
            "name the server's data directory with --data-dir"
        )
    return Signer(account=account, secret=local)


def _in_words(result: Simulated, text: str, author: str, sender: str) -> str:
    lines = [
        f"{author} texts {sender}: {text}",
        f"The webhook answers {result.status}: {result.answer}",
    ]
    if result.check is None:
        lines.append(
            "The check was not asked: set STOPLIST_ACCESS_KEY, or name the server's --data-dir."
        )
    else:
        lines.append(f"The check answers: {_decision(result.check)}")
    return "\n".join(lines)


def _decision(answer: dict[str, Any]) -> str:
    if "allowed" not in answer:
        return f"{answer.get('status')} {answer.get('code')}: {answer.get('detail')}"
    if answer["allowed"]:
        return "allowed"
    since = f" since {answer['since']}, scope {answer['scope']}" if answer["since"] else ""
    return f"refused, {answer['reason']}{since}"


def _as_json(result: Simulated) -> str:
    return json.dumps(
        {
            "message_id": result.message_id,
            "status": result.status,
            "answer": result.answer,
            "check": result.check,
        }
    )
