"""`stoplist eval`: how good is the reading on labelled texts?"""

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from app.actions.evaluate import Evaluation, Labelled, Miss
from app.actions.evaluate import evaluate as measure
from app.cli import options, progress
from app.core.errors import UnreadableTable
from app.core.intent import Intent

_COLUMNS = ("label", "language", "text")


@click.command("eval")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--hint", is_flag=True, help="Tell the reader the language of each text.")
@click.option("--quiet", is_flag=True, help="Leave out the misses.")
@options.as_json
def evaluate(file: Path, hint: bool, quiet: bool, as_json: bool) -> None:
    """Read every text of FILE, a TSV with the columns label, language and text; show precision and recall.

    Labels are opt_out, opt_in, help, wrong_number and none.
    """
    found = measure(_texts(progress.lines(file, "reading")), hint=hint)
    if as_json:
        click.echo(json.dumps(_fields(found, quiet=quiet), ensure_ascii=False))
        return
    _show(found)
    for miss in () if quiet else found.misses:
        click.echo(_in_words(miss))


def _texts(lines: Iterable[bytes]) -> Iterator[Labelled]:
    rows = csv.reader(
        (line.decode("utf-8", errors="replace") for line in lines),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
    )
    header = next(rows, [])
    if not set(_COLUMNS) <= set(header):
        raise UnreadableTable(
            "line 1 must name the columns label, language and text, with tabs between"
        )
    places = [header.index(column) for column in _COLUMNS]
    for row in rows:
        if not row:
            continue
        if len(row) <= max(places) or row[places[0]] not in set(Intent):
            raise UnreadableTable(
                f"line {rows.line_num} does not hold a label, a language and a text"
            )
        label, language, text = (row[place] for place in places)
        yield Labelled(Intent(label), language, text.replace("\\n", "\n"))


def _show(found: Evaluation) -> None:
    table = Table("label", "texts", "recall", "precision")
    for label in Intent:
        recall, precision = found.recall(label), found.precision(label)
        table.add_row(label, str(found.labelled[label]), _share(recall), _share(precision))
    Console().print(table)


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.4f}"


def _fields(found: Evaluation, *, quiet: bool) -> dict[str, object]:
    labels = {
        label.value: {
            "texts": found.labelled[label],
            "recall": found.recall(label),
            "precision": found.precision(label),
        }
        for label in Intent
    }
    misses = [
        {
            "label": miss.labelled.label,
            "read": miss.reading.intent,
            "rule": miss.reading.rule,
            "language": miss.labelled.language,
            "text": miss.labelled.text,
        }
        for miss in found.misses
    ]
    return {"labels": labels} if quiet else {"labels": labels, "misses": misses}


def _in_words(miss: Miss) -> str:
    rule = f" by {miss.reading.rule}" if miss.reading.rule else ""
    text = miss.labelled.text.replace("\n", "\\n")
    return f"{miss.labelled.label} read as {miss.reading.intent}{rule} [{miss.labelled.language}]: {text}"
