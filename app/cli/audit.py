"""`stoplist audit`: what did past messages ask for that nobody heard?"""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from app.actions.audit import Audit, PastMessage, moment
from app.actions.audit import audit as read_all
from app.actions.replay import replay
from app.cli import options, progress
from app.cli.rfc3339 import timestamp
from app.core.errors import UnreadableTable
from app.core.table import Table, read_table

_AUTHORS = ("from", "sender", "phone", "number", "msisdn")
_TEXTS = ("body", "text", "message", "content")
_DATES = ("sentdate", "datesent", "date", "receivedat", "createdat", "time", "timestamp")
_REFERENCES = ("sid", "messagesid", "messageid", "id")


@click.command()
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--from-column", help="The column of the person's number; else found by its name.")
@click.option("--text-column", help="The column of the message's text; else found by its name.")
@click.option("--date-column", help="The column of the time; else found by its name.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path),
              help="Write the numbers to suppress here, as CSV.")  # fmt: skip
@click.option(
    "--from-inbox",
    is_flag=True,
    help="Read the kept inbox instead of a file, by the rules of today.",
)
@options.as_json
@options.data_dir
def audit(
    file: Path | None,
    from_column: str | None,
    text_column: str | None,
    date_column: str | None,
    output: Path | None,
    from_inbox: bool,
    as_json: bool,
    data_dir: Path | None,
) -> None:
    """Read FILE, a CSV export of past messages (such as Twilio's), and report the opt-outs it holds.

    Outbound messages are passed over where the file tells the direction. Nothing is stored.
    """
    if from_inbox == (file is not None):
        raise click.UsageError("give either a FILE or --from-inbox")
    if file is None:
        _replay(data_dir, as_json=as_json)
        return
    table = read_table(progress.lines(file, "reading"))
    columns = _Columns(table, from_column, text_column, date_column)
    report = Audit()
    for report in read_all(columns.messages(table)):  # noqa: B007  # the last one is whole
        pass
    if output:
        _write(report, output)
    click.echo(json.dumps(_fields(report)) if as_json else _in_words(report, output))


class _Columns:
    """Where in a table the parts of a message stand."""

    def __init__(
        self, table: Table, author: str | None, text: str | None, date: str | None
    ) -> None:
        self._author = _place(table, "person's number", "--from-column", author, _AUTHORS)
        self._text = _place(table, "text", "--text-column", text, _TEXTS)
        self._date = table.find(date) if date else table.find(*_DATES)
        self._reference = table.find(*_REFERENCES)
        self._direction = table.find("direction")

    def messages(self, table: Table) -> Iterator[PastMessage]:
        """Yield the inbound messages of a table."""
        for line in table.lines:
            cells = line.cells
            if self._direction is not None and not cells[self._direction].lower().startswith("in"):
                continue
            yield PastMessage(
                author=cells[self._author],
                text=cells[self._text],
                sent=None if self._date is None else moment(cells[self._date]),
                reference="" if self._reference is None else cells[self._reference],
            )


def _place(table: Table, what: str, option: str, told: str | None, usual: tuple[str, ...]) -> int:
    place = table.find(told) if told else table.find(*usual)
    if place is None:
        raise UnreadableTable(f"line 1 names no column with the {what}: name it with {option}")
    return place


def _write(report: Audit, output: Path) -> None:
    with output.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["phone", "occurred_at", "certainty", "rule", "source_ref"])
        for refusal in report.standing.values():
            sent = timestamp(refusal.sent) or ""
            rows.writerow(
                [refusal.number, sent, refusal.certainty, refusal.rule, refusal.reference]
            )


def _fields(report: Audit) -> dict[str, Any]:
    return {
        "messages": report.messages,
        "opt_outs": report.refusals,
        "missed_by_whole_words": report.missed,
        "numbers_to_suppress": len(report.standing),
        "by_rule": dict(report.by_rule.most_common()),
        "by_month": {
            month: {"opt_outs": count, "missed": report.missed_by_month[month]}
            for month, count in sorted(report.by_month.items())
        },
    }


def _in_words(report: Audit, output: Path | None) -> str:
    lines = [
        f"{report.messages:,} inbound messages, {report.refusals:,} of them ask for no more.",
        f"A list of whole words hears {report.refusals - report.missed:,} of these and misses {report.missed:,}.",
        f"{len(report.standing):,} numbers should be suppressed"
        + (f": they are in {output}." if output else "; write them to a file with -o."),
    ]
    if report.refusals:
        lines += ["", "month      opt-outs   missed"]
        for month, count in sorted(report.by_month.items()):
            lines.append(f"{month:<10}{count:>9,}{report.missed_by_month[month]:>9,}")
        lines += ["", "by rule"]
        lines += [f"{count:>9,}  {rule}" for rule, count in report.by_rule.most_common()]
    return "\n".join(lines)


def _replay(data_dir: Path | None, *, as_json: bool) -> None:
    services = options.services(data_dir)
    messages = heard = 0
    for replayed in replay(services.db, services.vault):
        messages += 1
        if not replayed.newly_heard:
            continue
        heard += 1
        fields = {
            "message_id": replayed.message_id,
            "received_at": timestamp(replayed.received_at),
            "then": replayed.then,
            "now": replayed.now.intent,
            "rule": replayed.now.rule,
        }
        click.echo(
            json.dumps(fields)
            if as_json
            else f"{fields['received_at']} {replayed.message_id}: {replayed.then} then, "
            f"{replayed.now.intent} now by {replayed.now.rule}"
        )
    if not as_json:
        click.echo(f"{messages:,} kept messages; today's rules hear {heard:,} opt-outs more.")
