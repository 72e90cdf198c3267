"""`stoplist keys`: access keys for those who ask."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from app.actions import keys as access_keys
from app.actions.keys import HeldKey, Role
from app.cli import options


@click.group()
def keys() -> None:
    """Make, list and revoke access keys."""


@keys.command()
@click.option("--name", required=True, help="Whose key it is, such as a sending system.")
@click.option(
    "--role",
    "roles",
    required=True,
    multiple=True,
    type=click.Choice([role.value for role in Role]),
    help="What it may do; may be given several times. admin includes all.",
)
@options.data_dir
def create(name: str, roles: tuple[str, ...], data_dir: Path | None) -> None:
    """Make a key and print it, alone and once."""
    services = options.services(data_dir)
    made = access_keys.create(
        services.db, name=name, roles=[Role(role) for role in roles], now=datetime.now(UTC)
    )
    click.echo(made.bearer)
    click.echo(f"Key {made.id} for {name}. It is shown only this once.", err=True)


@keys.command("list")
@options.as_json
@options.data_dir
def list_keys(as_json: bool, data_dir: Path | None) -> None:
    """List every key, oldest first, revoked ones too; never the keys themselves."""
    held = access_keys.listed(options.services(data_dir).db)
    if as_json:
        click.echo(json.dumps([_row(key) for key in held]))
        return
    table = Table("id", "name", "roles", "created", "revoked")
    for key in held:
        table.add_row(
            key.id, key.name, key.roles, _timestamp(key.created_at), _timestamp(key.revoked_at)
        )
    Console().print(table)


@keys.command()
@click.argument("key_id", metavar="ID")
@options.data_dir
def revoke(key_id: str, data_dir: Path | None) -> None:
    """End the key ID. It is refused from the next request on."""
    services = options.services(data_dir)
    access_keys.revoke(services.db, key_id, now=datetime.now(UTC))
    click.echo(f"Key {key_id} is revoked.")


def _row(key: HeldKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "roles": key.roles.split(","),
        "created_at": _timestamp(key.created_at),
        "revoked_at": _timestamp(key.revoked_at),
    }


def _timestamp(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else None
