"""`stoplist import`: take in another list."""

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from app.actions.import_list import Importer, Rejected, Report, program_ids
from app.actions.match_list import Matcher
from app.cli import lists, options, progress
from app.cli.output import OutputPath, whole
from app.core import cells
from app.core.errors import Unavailable, UnknownProgram, UnreadableRow
from app.core.events import EVERYTHING, Kind
from app.core.listing import Terms, is_source
from app.wiring import Services

KINDS = {
    "opted_out": Kind.OPTED_OUT,
    "wrong_number": Kind.WRONG_NUMBER,
    "blocked": Kind.BLOCKED,
    "consent": Kind.CONSENT_IMPORTED,
}
_SHOWN = 10
_ExistingFile = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """The options of the command."""

    file: Path
    column: str | None
    kind: str | None
    scope: str | None
    source: str
    region: str | None
    date: str | None
    time_zone: str
    dates: str | None
    hashed: bool
    partner: Path | None
    rejects: Path | None
    dry_run: bool


@click.command("import")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)
@click.option("--column", help="The column of the number, or of the hash; else found by its name.")
@click.option("--kind", type=click.Choice(list(KINDS)),
              help="What every row is, whatever a column says; else the column, else opted_out.")  # fmt: skip
@click.option("--scope", "--program", "scope", help="The program of rows that name none; else everything.")  # fmt: skip
@click.option("--source", default="import", show_default=True, help="Who told, for rows that do not say.")  # fmt: skip
@click.option("--region", type=lists.RegionCode(), help="The country of numbers without a country code.")  # fmt: skip
@click.option("--date", help="When it happened, for rows without a date; else now.")
@click.option("--time-zone", default="UTC", show_default=True, help="Of times that name none.")
@click.option("--dates", type=click.Choice(["month-first", "day-first"]),
              help="How 05/06/2026 is meant; else such a row is not taken.")  # fmt: skip
@click.option("--hashed", is_flag=True, help="FILE holds a partner's hashes instead of numbers.")
@click.option("--partner", type=_ExistingFile, metavar="KEYFILE", help="The key shared with the partner.")  # fmt: skip
@click.option("--rejects", type=OutputPath, help="Write the rows that are not taken here, as CSV.")
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
@options.as_json
@options.data_dir
def import_list(as_json: bool, data_dir: Path | None, **told: Any) -> None:
    """Take in FILE, a list of opt-outs as CSV or JSON Lines; `-` reads standard input.

    Columns are found by their usual names: phone, kind, scope, occurred_at, source, source_ref, cause, note, ...
    Nobody is re-subscribed by it, and the same list taken twice counts once. Exits 1 when a row was not taken.
    """
    given = _Told(**told)
    lists.require_partner(given.hashed, given.partner)
    services = options.services(data_dir)
    with ExitStack() as stack:
        rejects = stack.enter_context(_rejects(given.rejects))
        importer = stack.enter_context(
            Importer(
                services.db,
                services.vault,
                _terms(given, services),
                store_numbers=services.settings.store_numbers == "sealed",
                dry_run=given.dry_run,
                rejected=rejects.add,
            )
        )
        try:
            closed_numbers = _take_all(given, services, importer)
        except Unavailable:
            click.echo(_in_words(importer.report, given), err=True)
            click.echo(
                "It stopped there. Run the same again: what is held is not doubled.", err=True
            )
            raise
    report = importer.report
    rejects.say()
    if given.hashed and closed_numbers:
        click.echo(
            f"{closed_numbers:,} numbers are held as our own hashes only and could not be compared.",
            err=True,
        )
    if report.unused:
        click.echo(f"Columns that were not used: {', '.join(report.unused)}", err=True)
    click.echo(json.dumps(_fields(report, given)) if as_json else _in_words(report, given))
    sys.exit(1 if report.rejected else 0)


def _take_all(given: _Told, services: Services, importer: Importer) -> int:
    """Take every row; return how many of our numbers could not be compared."""
    raw = progress.lines(given.file, "reading")
    if given.partner is None:
        for columns, line in lists.rows(given.file, raw):
            importer.take(columns, line)
        with progress.steps("writing") as done:
            importer.finish(done)
        return 0
    partner = lists.partner_key(given.partner)
    with Matcher(services.db, services.vault, importer, partner) as matcher:
        for columns, line in lists.rows(given.file, raw):
            matcher.take(columns, line)
        with progress.steps("comparing and writing") as done:
            matcher.finish(done)
        return matcher.closed_numbers


def _terms(given: _Told, services: Services) -> Terms:
    now = datetime.now(UTC)
    programs = program_ids(services.db)
    if given.scope not in {None, EVERYTHING, *programs}:
        raise UnknownProgram(f"there is no program {given.scope}")
    try:
        zone = ZoneInfo(given.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.UsageError(f"--time-zone: there is no {given.time_zone}") from None
    calendar = cells.Calendar(
        zone=UTC if given.time_zone == "UTC" else zone,
        month_first=None if given.dates is None else given.dates == "month-first",
    )
    return Terms(
        region=given.region or services.settings.default_region,
        programs=programs,
        now=now,
        kind=KINDS[given.kind] if given.kind else None,
        scope=given.scope,
        source=_source(given.source),
        date=_date(given.date, calendar, now),
        calendar=calendar,
        column=given.column,
        hashed=given.hashed,
    )


def _date(told: str | None, calendar: cells.Calendar, now: datetime) -> datetime | None:
    if told is None:
        return None
    try:
        moment = calendar.moment(told)
    except UnreadableRow as fault:
        raise click.UsageError(f"--date: {fault}") from None
    if moment > now:
        raise click.UsageError("--date is in the future")
    return moment


def _source(told: str) -> str:
    if not is_source(told):
        raise click.UsageError(
            "--source is a name such as old_vendor: lower-case letters, digits, `_`, `.` and `-`, up to 32"
        )
    return told


class _Rejects:
    """Rows that were not taken: the first are said, all are written where a file is named."""

    def __init__(self, file: IO[str] | None, path: Path | None) -> None:
        self._path = path
        self._rows = csv.writer(file) if file else None
        self._first: list[Rejected] = []
        self._count = 0
        if self._rows:
            self._rows.writerow(["line", "column", "reason", "row"])

    def add(self, rejected: Rejected) -> None:
        self._count += 1
        if len(self._first) < _SHOWN:
            self._first.append(rejected)
        if self._rows:
            row = cells.harmless(rejected.row.rstrip("\r\n"))
            self._rows.writerow([rejected.line, rejected.column or "", rejected.reason, row])

    def say(self) -> None:
        for each in self._first:
            column = f", column {each.column}" if each.column else ""
            where = "" if each.reason.startswith("line") else f"line {each.line}{column}: "
            click.echo(where + each.reason, err=True)
        if self._count > len(self._first):
            click.echo(
                f"and {self._count - len(self._first):,} more rows that were not taken", err=True
            )
        if self._count:
            where = (
                f"all are in {self._path}" if self._path else "--rejects FILE writes them all down"
            )
            click.echo(f"{self._count:,} rows were not taken; {where}.", err=True)


@contextmanager
def _rejects(path: Path | None) -> Iterator[_Rejects]:
    if path is None:
        yield _Rejects(None, None)
        return
    with whole(path) as file:
        yield _Rejects(file, path)


def _fields(report: Report, given: _Told) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "rows": report.rows,
        "recorded": report.recorded,
        "already_held": report.held,
        "rejected": report.rejected,
        "recorded_by_kind": dict(sorted(report.kinds.items())),
        "unused_columns": report.unused,
        "dry_run": given.dry_run,
    }
    if given.hashed:
        fields["hashes_matching_none_of_our_numbers"] = report.unmatched
    return fields


def _in_words(report: Report, given: _Told) -> str:
    recorded = "would be recorded" if given.dry_run else "recorded"
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(report.kinds.items()))
    first = (
        f"{report.rows:,} rows: {report.recorded:,} {recorded}{f' ({kinds})' if kinds else ''}, "
        f"{report.held:,} held already, {report.rejected:,} not taken."
    )
    words = [first]
    if given.hashed:
        words.append(f"{report.unmatched:,} hashes match none of our numbers.")
    if given.dry_run:
        words.append("Nothing was written.")
    return " ".join(words)
