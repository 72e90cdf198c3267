"""A progress bar over the bytes of a file, on standard error, where a person is looking."""

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn


def lines(path: Path, words: str) -> Iterator[bytes]:
    """Yield the lines of a file while a bar shows how far it is.

    Args:
        path: the file.
        words: what is being done, for the bar.
    """
    bar = Progress(
        TextColumn(words),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with path.open("rb") as file, bar:
        task = bar.add_task(words, total=path.stat().st_size or 1)
        done = 0
        for number, line in enumerate(file):
            done += len(line)
            if number % 1000 == 0:
                bar.update(task, completed=done)
            yield line
