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


def services(data_directory: Path | None) -> Services:
    """Return the services of what was set up before; nothing is made."""
    return wire(settings_from(data_directory=data_directory), make=False)
