"""Options that many commands share, and how a command comes by its services."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from app.wiring import Services, settings_from, wire

data_dir: Callable[[Any], Any] = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="The data directory; else STOPLIST_DATA_DIR, else ./stoplist-data.",
)
as_json: Callable[[Any], Any] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, for programs."
)

yes: Callable[[Any], Any] = click.option("--yes", is_flag=True, help="Do not ask.")


def services(data_directory: Path | None) -> Services:
    """Return the services of what was set up before, for as long as the command runs; nothing is made."""
    wired = wire(settings_from(data_directory=data_directory), make=False)
    click.get_current_context().call_on_close(wired.db.dispose)
    return wired
