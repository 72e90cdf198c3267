"""`stoplist scrub`: a table with the answer beside each number."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from app.actions.scrub import Counts, examine, require_program
from app.actions.scrub import scrub as scrub_table
from app.cli import lists, options, progress
from app.cli.output import STANDARD, OutputPath, whole
from app.core.table import read_table


@click.command()
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)
@click.option("-o", "--output", type=OutputPath, default=STANDARD,
              help="Write here; it is there once it is whole. Else standard output.")  # fmt: skip
@click.option("--column", help="The column of the number; else found by its name.")
@click.option(
    "--program", default="default", show_default=True, help="The program that wants to send."
)
@click.option("--region", type=lists.RegionCode(), help="The country of numbers without a country code.")  # fmt: skip
@options.as_json
@options.data_dir
def scrub(
    file: Path,
    output: Path,
    column: str | None,
    program: str,
    region: str | None,
    as_json: bool,
    data_dir: Path | None,
) -> None:
    """Write FILE, a CSV table with phone numbers, again with two columns more: allowed and reason.

    `-` reads standard input. The counts go to standard error.
    """
    services = options.services(data_dir)
    require_program(services.db, program)
    if output == STANDARD and file != STANDARD:
        # What was printed cannot be taken back.
        examine(read_table(progress.lines(file, "reading")), column)
    counts = Counts()
    with whole(output) as out:
        pieces = scrub_table(
            services.db,
            services.vault,
            read_table(progress.lines(file, "scrubbing")),
            counts,
            column=column,
            program=program,
            region=region or services.settings.default_region,
            now=datetime.now(UTC),
        )
        for piece in pieces:
            out.write(piece)
    click.echo(_as_json(counts) if as_json else _in_words(counts), err=True)


def _as_json(counts: Counts) -> str:
    refused = {str(reason): count for reason, count in counts.reasons.most_common()}
    return json.dumps({"rows": counts.rows, "allowed": counts.allowed, "refused": refused})


def _in_words(counts: Counts) -> str:
    refused = ", ".join(f"{count:,} {reason}" for reason, count in counts.reasons.most_common())
    return (
        f"{counts.rows:,} rows: {counts.allowed:,} allowed, {counts.rows - counts.allowed:,} refused"
        + (f" ({refused})." if refused else ".")
    )
