"""What commands that read or write lists of numbers share."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import click

from app.core.errors import WeakPartnerKey
from app.core.jsonl import read_objects
from app.core.partner import PartnerKey
from app.core.phone import is_region
from app.core.table import Line, read_table

JSON_NAMES = {".json", ".jsonl", ".ndjson"}
_OTHERS_MAY_READ = 0o077


class RegionCode(click.ParamType[str]):
    """A two-letter country code."""

    name = "region"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it in capitals."""
        if not is_region(value):
            self.fail("is not a two-letter country code", param, ctx)
        return value.upper()


def rows(path: Path, raw: Iterable[bytes]) -> Iterator[tuple[Sequence[str], Line]]:
    """Yield each row of a list with its header: CSV, or JSON Lines by its name or its first character.

    Raises:
        UnreadableTable: it is neither.
    """
    lines = iter(raw)
    first = next(lines, b"")
    everything = chain([first], lines)
    if path.suffix.lower() in JSON_NAMES or first.lstrip(b"\xef\xbb\xbf \t").startswith(b"{"):
        yield from read_objects(everything)
        return
    table = read_table(everything)
    columns = tuple(table.columns)
    yield from ((columns, line) for line in table.rows)


def partner_key(path: Path) -> PartnerKey:
    """Read the key that is shared with a partner, and warn where others can read it too.

    Raises:
        WeakPartnerKey: it could be guessed.
    """
    if path.stat().st_mode & _OTHERS_MAY_READ:
        click.echo(f"stoplist: {path} can be read by others than its owner: chmod 600 it", err=True)
    try:
        return PartnerKey(path.read_bytes())
    except WeakPartnerKey as fault:
        raise WeakPartnerKey(f"{path}: {fault}") from None


def require_partner(hashed: bool, partner: Path | None) -> None:
    """Let the two options only come together."""
    if hashed != (partner is not None):
        raise click.UsageError("--hashed and --partner KEYFILE go together")
