"""`stoplist serve`: the whole service in one command."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from app import data_dir as home
from app import logs
from app.actions import keys
from app.actions.keys import Role
from app.actions.migrate import migrate
from app.actions.simulate import PATH
from app.config import Settings
from app.server import Server
from app.wiring import Services, settings_from, wire

_APPLICATION = "app.factory:create_app()"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port."
)
@click.option(
    "--workers", default=2, show_default=True, type=click.IntRange(1, 128), help="Processes."
)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the database and secrets are kept; made on first start.",
)
def serve(host: str, port: int, workers: int, data_dir: Path | None) -> None:
    """Run the service in the foreground: migrations, then the web server.

    With no configuration it makes what it needs in the data directory. SIGTERM finishes what is in
    flight.
    """
    settings = settings_from(data_directory=data_dir)
    logs.configure(settings.log_format)
    home.make(settings.data_dir)
    services = wire(settings, make=True)
    schema = wire(settings, make=True, proven=False).db
    migrate(schema)
    first_key = _first_key(services)
    address = f"http://{host}:{port}"
    welcome = _welcome(settings, services, address, first_key)
    # SQLite's locks do not survive a fork, and it does not notice: nothing may be open when workers are made.
    schema.dispose()
    services.db.dispose()
    # The application reads its settings from the environment, in the same way under any other
    # server.
    os.environ["STOPLIST_DATA_DIR"] = str(settings.data_dir)
    Server(
        _APPLICATION, host=host, port=port, workers=workers, ready=lambda: click.echo(welcome)
    ).run()


def _first_key(services: Services) -> str | None:
    """Make an access key if there is none yet; return it to be shown this once."""
    if keys.listed(services.db):
        return None
    made = keys.create(services.db, name="first", roles=[Role.ADMIN], now=datetime.now(UTC))
    home.write_once(services.settings.data_dir, home.ACCESS_KEY, made.bearer)
    return made.bearer


def _welcome(settings: Settings, services: Services, address: str, first_key: str | None) -> str:
    lines = [f"Stoplist listens on {address}; its data is in {settings.data_dir}."]
    if first_key:
        lines += ["", "Your first access key, with all rights (shown only now):", f"  {first_key}"]
    lines += [
        "",
        "Webhook for inbound messages, HTTP POST:",
        f"  {settings.public_url or address}{PATH}",
    ]
    if services.local_token:
        lines += [
            "",
            "No Twilio token is configured, so only simulated messages are accepted. Try one:",
            f'  stoplist simulate "please STOP" --from +12015550123{_options(settings, address)}',
            "Then set TWILIO_AUTH_TOKEN and STOPLIST_PUBLIC_URL, start again, and point your Twilio number here.",
        ]
    else:
        lines += [
            "",
            "Next: in the Twilio console, set this webhook on your number or messaging service under",
            '"A message comes in". Ask before each message: POST /v1/check.',
        ]
    return "\n".join(lines)


def _options(settings: Settings, address: str) -> str:
    words = ""
    if address != "http://127.0.0.1:8000":
        words += f" --url {address}"
    if settings.data_dir != Path("stoplist-data"):
        words += f" --data-dir {settings.data_dir}"
    return words
