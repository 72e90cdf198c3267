"""`stoplist programs` and `stoplist senders`: who texts in whose name, and on what terms."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table

from app.actions import programs as actions
from app.actions.programs import Mapped
from app.cli import options
from app.core.errors import UnknownProgram
from app.core.intent import Hearing
from app.core.program import Program, QuietHours, StopScope
from app.core.replies import BRAND_CHARACTERS, CONTACT_CHARACTERS

_switch = ["yes", "no"]
_Held = TypeVar("_Held", Program, Hearing)


@click.group()
def programs() -> None:
    """List, make, change and remove messaging programs."""


@programs.command("list")
@options.as_json
@options.data_dir
def list_programs(as_json: bool, data_dir: Path | None) -> None:
    """List every program with its terms and its senders."""
    held = actions.listed(options.services(data_dir).db)
    if as_json:
        click.echo(json.dumps([_row(each) for each in held]))
        return
    table = Table("id", "name", "brand", "consent", "quiet hours", "STOP ends", "senders")
    for each in held:
        program = each.program
        consent = "double opt-in" if program.double_opt_in else "required"
        table.add_row(
            program.id,
            program.name,
            program.brand or "",
            consent if program.needs_opt_in else "",
            program.quiet_hours,
            program.stop_scope or "as the setting says",
            ", ".join(sender.address for sender in each.senders),
        )
    Console().print(table)


@programs.command("set")
@click.argument("program_id", metavar="ID")
@click.option("--name", help="What you call it; the id, where it is new.")
@click.option("--brand", help=f"Its name as recipients know it, up to {BRAND_CHARACTERS}.")
@click.option("--contact", help=f"Where recipients find help, up to {CONTACT_CHARACTERS}.")
@click.option("--requires-consent", type=click.Choice(_switch), help="Only those who opted in.")
@click.option("--double-opt-in", type=click.Choice(_switch), help="And who confirmed it by YES.")
@click.option("--quiet-hours", type=click.Choice(list(QuietHours)), help="What is done at night.")
@click.option("--stop-scope", type=click.Choice(list(StopScope)), help="What a STOP to it ends.")
@click.option("--opt-out-word", multiple=True, help="A word of its own; several may be given.")
@click.option("--opt-in-word", multiple=True, help="Likewise.")
@click.option("--help-word", multiple=True, help="Likewise.")
@click.option("--bare-negatives", type=click.Choice(_switch), help='Hear a bare "no" as a stop.')
@click.option("--stop-with-argument", type=click.Choice(_switch), help='Hear "STOP ADS" as a stop.')
@click.option("--sender", "senders", multiple=True, help="A sender; those named replace the old.")
@options.data_dir
def set_program(
    program_id: str, senders: tuple[str, ...], data_dir: Path | None, **given: Any
) -> None:
    """Make the program ID, or change what is given of it."""
    services = options.services(data_dir)
    try:
        held = actions.get(services.db, program_id).program
    except UnknownProgram:
        held = Program(id=program_id, name=program_id)
    changed = _changed(held, given)
    put = actions.put(
        services.db, changed, senders=senders or None, region=services.settings.default_region
    )
    click.echo(json.dumps(_row(put), indent=2))


@programs.command()
@click.argument("program_id", metavar="ID")
@options.yes
@options.data_dir
def remove(program_id: str, yes: bool, data_dir: Path | None) -> None:
    """Take the program ID away. Its senders fall to the default program; its history stays."""
    services = options.services(data_dir)
    mapped = actions.get(services.db, program_id)
    if not yes:
        count = len(mapped.senders)
        click.confirm(f"Remove {program_id}, and leave its {count} senders to default?", abort=True)
    actions.remove(services.db, program_id)
    click.echo(f"The program {program_id} is removed.")


@click.group()
def senders() -> None:
    """Map your numbers, short codes and messaging services to programs."""


@senders.command("list")
@options.as_json
@options.data_dir
def list_senders(as_json: bool, data_dir: Path | None) -> None:
    """List every sender that is mapped; all others are of the default program."""
    held = actions.list_senders(options.services(data_dir).db)
    if as_json:
        rows = [{"address": s.address, "kind": s.kind, "program": program} for s, program in held]
        click.echo(json.dumps(rows))
        return
    table = Table("sender", "kind", "program")
    for sender, program in held:
        table.add_row(sender.address, sender.kind, program)
    Console().print(table)


@senders.command("set")
@click.argument("address")
@click.option("--program", required=True, help="The program that it texts for.")
@options.data_dir
def set_sender(address: str, program: str, data_dir: Path | None) -> None:
    """Map the sender ADDRESS to a program."""
    services = options.services(data_dir)
    region = services.settings.default_region
    mapped = actions.map_sender(services.db, address, program, region=region)
    click.echo(f"{mapped.address} ({mapped.kind}) texts for {program}.")


@senders.command("remove")
@click.argument("address")
@options.data_dir
def remove_sender(address: str, data_dir: Path | None) -> None:
    """Leave the sender ADDRESS to the default program."""
    services = options.services(data_dir)
    actions.unmap_sender(services.db, address, region=services.settings.default_region)
    click.echo("It texts for default now.")


def _changed(held: Program, given: dict[str, Any]) -> Program:
    """Return a program with what was given on the command line; what was left out is as it was."""
    hearing = _given(
        held.hearing or Hearing(),
        opt_out_words=given.pop("opt_out_word") or None,
        opt_in_words=given.pop("opt_in_word") or None,
        help_words=given.pop("help_word") or None,
        bare_negatives=_truth(given.pop("bare_negatives")),
        stop_with_argument=_truth(given.pop("stop_with_argument")),
    )
    stop_scope, quiet_hours = given.pop("stop_scope"), given.pop("quiet_hours")
    return _given(
        held,
        name=given["name"],
        brand=_cut(given["brand"], BRAND_CHARACTERS, "--brand"),
        contact=_cut(given["contact"], CONTACT_CHARACTERS, "--contact"),
        requires_consent=_truth(given["requires_consent"]),
        double_opt_in=_truth(given["double_opt_in"]),
        quiet_hours=QuietHours(quiet_hours) if quiet_hours else None,
        stop_scope=StopScope(stop_scope) if stop_scope else None,
        hearing=None if hearing == Hearing() else hearing,
    )


def _given(held: _Held, **fields: Any) -> _Held:
    return replace(held, **{name: value for name, value in fields.items() if value is not None})


def _truth(given: str | None) -> bool | None:
    return None if given is None else given == "yes"


def _cut(given: str | None, most: int, option: str) -> str | None:
    if given is not None and len(given) > most:
        raise click.BadParameter(f"has more than {most} characters", param_hint=option)
    return given


def _row(mapped: Mapped) -> dict[str, Any]:
    program = mapped.program
    hearing = program.hearing or Hearing()
    return {
        "id": program.id,
        "name": program.name,
        "brand": program.brand,
        "contact": program.contact,
        "requires_consent": program.requires_consent,
        "double_opt_in": program.double_opt_in,
        "quiet_hours": program.quiet_hours,
        "stop_scope": program.stop_scope,
        "senders": [sender.address for sender in mapped.senders],
        "keywords": {
            "opt_out": hearing.opt_out_words,
            "opt_in": hearing.opt_in_words,
            "help": hearing.help_words,
            "bare_negatives": hearing.bare_negatives,
            "stop_with_argument": hearing.stop_with_argument,
        },
        "replies": dict(program.replies),
    }
