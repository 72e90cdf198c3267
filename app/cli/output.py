"""Files that a command writes: there when they are whole, and nobody else's to read."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

OutputPath = click.Path(dir_okay=False, allow_dash=True, path_type=Path)
STANDARD = Path("-")


@contextmanager
def whole(path: Path) -> Iterator[IO[str]]:
    """Open a text file that stands under its name only once the block ends well; `-` is standard output.

    It holds phone numbers, so only its owner may read it. Line ends are written as they are given.
    """
    if path == STANDARD:
        standard = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
        try:
            yield standard
        finally:
            standard.detach()  # which writes what waits, and leaves standard output open
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as fault:
        raise click.UsageError(f"cannot write beside {path}: {fault.strerror}") from None
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
