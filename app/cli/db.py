"""`stoplist db`: the database's schema."""

from pathlib import Path

import click

from app.actions.grants import statements as rights
from app.actions.migrate import migrate
from app.cli import options
from app.wiring import settings_from, wire


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
@options.data_dir
def upgrade(data_dir: Path | None) -> None:
    """Bring the schema up to date. Safe to run again, and by several servers at once."""
    migrate(wire(settings_from(data_directory=data_dir), make=True, proven=False).db)
    click.echo("The database is up to date.")


@db.command()
@click.option("--role", required=True, help="An existing role of PostgreSQL, which owns no table.")
def grants(role: str) -> None:
    """Print the SQL that lets ROLE do all that web processes do, but never change or delete in the ledger."""
    for statement in rights(role):
        click.echo(statement)
