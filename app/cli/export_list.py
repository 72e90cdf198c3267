"""`stoplist export`: give the list out."""

import csv
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import click

from app.actions.export_list import Exported, export
from app.cli import lists, options, progress
from app.cli.output import OutputPath, whole
from app.cli.rfc3339 import timestamp
from app.core import cells
from app.core.partner import PartnerKey
from app.core.phone import PhoneNumber

_COLUMNS = ("phone", "kind", "scope", "occurred_at", "recorded_at", "certainty", "source", "source_ref", "rule",
            "cause")  # fmt: skip
_HASHED_COLUMNS = ("hash", "kind", "occurred_at")
_Write = Callable[[Sequence[str | None]], object]


@click.command("export")
@click.argument("file", type=OutputPath)
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]),
              help="Else by the name of FILE: .jsonl is JSON Lines, all else CSV.")  # fmt: skip
@click.option("--all", "everything", is_flag=True,
              help="Every fact that was ever recorded, not only what is refused now.")  # fmt: skip
@click.option("--hashed", is_flag=True, help="Give out keyed hashes instead of numbers.")
@click.option("--partner", metavar="KEYFILE", help="The key shared with the partner.",
              type=click.Path(exists=True, dir_okay=False, path_type=Path))  # fmt: skip
@options.data_dir
def export_list(
    file: Path,
    form: str | None,
    everything: bool,
    hashed: bool,
    partner: Path | None,
    data_dir: Path | None,
) -> None:
    """Write every number that is refused now to FILE, as CSV or JSON Lines; `-` is standard output.

    What it writes, `stoplist import` reads. Exits 1 when a number could not be given back.
    """
    lists.require_partner(hashed, partner)
    if hashed and everything:
        raise click.UsageError("--hashed gives out refusals only, not --all")
    services = options.services(data_dir)
    key = lists.partner_key(partner) if partner else None
    written = lost = 0
    with export(services.db, services.vault, everything=everything) as found, whole(file) as out:
        write = _writer(out, form or _form(file), _HASHED_COLUMNS if key else _COLUMNS)
        for each in progress.items(found.facts, found.about, "exporting"):
            if each.number is None:
                lost += 1
                continue
            write(_hashed(each, each.number, key) if key else _plain(each, each.number))
            written += 1
    click.echo(f"{written:,} facts exported.", err=True)
    if lost:
        click.echo(_lost(lost, services.settings.store_numbers), err=True)
    sys.exit(1 if lost else 0)


def _lost(count: int, store_numbers: str) -> str:
    why = "only their keyed hashes are held"
    if store_numbers == "never":
        why += ", since STOPLIST_STORE_NUMBERS is never"
    return f"{count:,} facts are left out: their numbers cannot be given back, {why}. Checks still refuse them."


def _form(file: Path) -> str:
    return "jsonl" if file.suffix.lower() in lists.JSON_NAMES else "csv"


def _writer(out: IO[str], form: str, columns: Sequence[str]) -> _Write:
    if form == "csv":
        rows = csv.writer(out)
        rows.writerow(columns)
        return rows.writerow

    def write(row: Sequence[str | None]) -> None:
        out.write(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) + "\n")

    return write


def _plain(each: Exported, number: PhoneNumber) -> Sequence[str | None]:
    fact = each.fact
    return (
        number.e164,
        fact.kind,
        fact.scope,
        timestamp(fact.occurred_at),
        timestamp(fact.recorded_at),
        fact.certainty,
        fact.source,
        cells.harmless(fact.source_ref),  # which others may have made up
        fact.rule,
        fact.cause,
    )


def _hashed(each: Exported, number: PhoneNumber, key: PartnerKey) -> Sequence[str | None]:
    return key.hash(number).hex(), each.fact.kind, timestamp(each.fact.occurred_at)
