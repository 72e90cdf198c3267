"""`stoplist ledger`: the chain, its seals, and the projection held against it."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import click

from app.actions import seal as sealing
from app.actions import verify as verifying
from app.actions.rebuild import rebuild as rebuild_projection
from app.cli import options
from app.core.examination import Examination, Finding
from app.core.seal import KEY_BYTES, Seal
from app.wiring import seal_keys

_MOST_IN_JSON = 1000


@click.group()
def ledger() -> None:
    """Prove that nothing was changed, and close what was written under a signed seal."""


class _PublicKey(click.ParamType):  # type: ignore[type-arg]
    """A public key, 32 bytes in hexadecimal."""

    name = "hex"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> bytes:
        """Read it."""
        try:
            key = bytes.fromhex(value)
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            self.fail("must be 64 hexadecimal digits", param, ctx)
        return key


@ledger.command()
@click.option("--witness", type=click.File(encoding="utf-8", errors="replace"),
              help="Hold the seals against what `ledger seal --witness` wrote to this file.")  # fmt: skip
@click.option("--public-key", "public_keys", multiple=True, type=_PublicKey(),
              help="Trust seals of this key alone; may be given several times. Else the keys at hand are.")  # fmt: skip
@options.as_json
@options.data_dir
def verify(
    witness: TextIO | None,
    public_keys: tuple[bytes, ...],
    as_json: bool,
    data_dir: Path | None,
) -> None:
    """Check every event, chain and seal, and say where something is wrong. Nothing is changed.

    Exits 1 where anything was found.
    """
    services = options.services(data_dir)
    at_hand = (key.public for key in seal_keys(services.settings, make=False))
    trusted = frozenset(public_keys or at_hand)
    examined = verifying.examination(services.vault)
    findings = verifying.verify(services.db, examined, trusted=trusted, witness=witness)
    count, first = 0, []
    for finding in findings:
        count += 1
        if not as_json:
            click.echo(finding.words)
        elif count <= _MOST_IN_JSON:
            first.append(_fields(finding))
    if as_json:
        click.echo(json.dumps({**_counts(examined), "findings": first, "found": count}))
    else:
        click.echo(_summary(examined, count, trusted=bool(trusted)))
    sys.exit(1 if count else 0)


def _fields(finding: Finding) -> dict[str, Any]:
    return {
        "what": finding.what,
        "event": finding.event,
        "chain": finding.chain,
        "seal": finding.seal,
        "words": finding.words,
    }


def _counts(examined: Examination) -> dict[str, int]:
    names = ("events", "numbers", "seals", "sealed_to", "deleted")
    return {name: getattr(examined, name) for name in names}


def _summary(examined: Examination, count: int, *, trusted: bool) -> str:
    counted = (
        f"{examined.events:,} events of {examined.numbers:,} numbers, {examined.seals:,} seals"
    )
    lines = [f"{counted} up to event {examined.sealed_to}."]
    if examined.deleted:
        lines.append(f"What {examined.deleted:,} events rest on was deleted, as is on record.")
    if examined.seals and not trusted:
        lines.append("No seal key is at hand: name the --public-key that you trust.")
    lines.append(f"{count:,} findings." if count else "Everything holds.")
    return "\n".join(lines)


@ledger.command()
@click.option("--witness", type=click.Path(dir_okay=False, path_type=Path),
              help="Append the seals that this file does not hold yet, a line of JSON each.")  # fmt: skip
@click.option("--witness-url", help="Post the newest seal there, as JSON.")
@options.as_json
@options.data_dir
def seal(
    witness: Path | None, witness_url: str | None, as_json: bool, data_dir: Path | None
) -> None:
    """Close all events since the last seal under a signed root.

    A witness that others keep makes it impossible to take seals back.
    """
    services = options.services(data_dir)
    key = seal_keys(services.settings, make=True)[0]
    made = sealing.seal(services.db, key, now=datetime.now(UTC))
    if as_json:
        click.echo(made.write() if made else "null")
    else:
        click.echo(_said(made) if made else "There is nothing new to seal.")
    if witness:
        told = sealing.tell_file(services.db, witness)
        click.echo(f"{told} seals were added to {witness}.", err=True)
    newest = sealing.newest(services.db)
    if witness_url and newest:
        sealing.tell_url(newest, witness_url)
        click.echo(f"The witness took seal {newest.id}.", err=True)


def _said(made: Seal) -> str:
    return (
        f"Seal {made.id} closes {made.events:,} events, {made.first_event} to {made.last_event}.\n"
        f"root       {made.root.hex()}\npublic key {made.public_key.hex()}"
    )


@ledger.command()
@click.option("--dry-run", is_flag=True, help="Say what differs and change nothing.")
@options.as_json
@options.data_dir
def rebuild(dry_run: bool, as_json: bool, data_dir: Path | None) -> None:
    """Fold the ledger anew, hold the projection against it, and mend what differs.

    Exits 1 where anything differed.
    """
    services = options.services(data_dir)
    count = 0
    for number_key, scope in rebuild_projection(services.db, mend=not dry_run):
        count += 1
        if not as_json:
            click.echo(f"number key {number_key.hex()}, scope {scope}")
    if as_json:
        click.echo(json.dumps({"differences": count, "mended": bool(count) and not dry_run}))
    else:
        mended = "" if dry_run else " They were mended."
        click.echo(
            f"{count:,} differences.{mended}"
            if count
            else "The projection is what the ledger says."
        )
    sys.exit(1 if count else 0)
