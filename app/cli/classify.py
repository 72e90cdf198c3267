"""`stoplist classify`: how is this text understood?"""

import json
from collections.abc import Iterable

import click

from app.cli import options
from app.core.intent import Reading
from app.core.intent import classify as read


@click.command()
@click.argument("text", required=False)
@click.option(
    "--file",
    type=click.File("rb"),
    help="A file of one message a line, or - for standard input; prints one JSON object a line.",
)
@click.option("--language", help="The language the writer is likely to use, such as es.")
@options.as_json
def classify(
    text: str | None, file: Iterable[bytes] | None, language: str | None, as_json: bool
) -> None:
    """Read TEXT, or every line of a file, and say what it asks for and by which rule."""
    if (text is None) == (file is None):
        raise click.UsageError("give either a TEXT or --file")
    if text is not None:
        reading = read(text, language=language)
        click.echo(json.dumps(_fields(reading)) if as_json else _in_words(reading, text))
        return
    for line in file or ():
        reading = read(line.decode("utf-8", errors="replace").rstrip("\r\n"), language=language)
        click.echo(json.dumps(_fields(reading)))


def _fields(reading: Reading) -> dict[str, object]:
    return {
        "intent": reading.intent,
        "certainty": reading.certainty,
        "rule": reading.rule,
        "language": reading.language,
        "span": reading.span,
        "rulepack": reading.rulepack,
    }


def _in_words(reading: Reading, text: str) -> str:
    if reading.rule is None:
        return f"{reading.intent}: no rule matches (rules {reading.rulepack})"
    deciding = f' by "{text[slice(*reading.span)]}"' if reading.span else ""
    sure = f", {reading.certainty}" if reading.certainty else ""
    return f"{reading.intent}{sure}{deciding}, rule {reading.rule} (rules {reading.rulepack})"
