"""A progress bar on standard error, where a person is looking."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

_STEP = 1000
_Item = TypeVar("_Item")


def lines(path: Path, words: str) -> Iterator[bytes]:
    """Yield the lines of a file while a bar shows how far it is; `-` is standard input, whose end nobody knows.

    Args:
        path: the file.
        words: what is being done, for the bar.
    """
    if str(path) == "-":
        yield from sys.stdin.buffer
        return
    bar = _bar(words)
    with path.open("rb") as file, bar:
        task = bar.add_task(words, total=path.stat().st_size or 1)
        done = 0
        for number, line in enumerate(file):
            done += len(line)
            if number % _STEP == 0:
                bar.update(task, completed=done)
            yield line


def items(some: Iterable[_Item], about: int, words: str) -> Iterator[_Item]:
    """Yield what is given while a bar shows how far it is.

    Args:
        some: anything.
        about: how many there are.
        words: what is being done, for the bar.
    """
    bar = _bar(words)
    with bar:
        task = bar.add_task(words, total=about or 1)
        for number, item in enumerate(some):
            if number % _STEP == 0:
                bar.update(task, completed=number)
            yield item


@contextmanager
def steps(words: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar, and yield what is to be told how much is done, and of how much.

    Args:
        words: what is being done, for the bar.
    """
    bar = _bar(words)
    with bar:
        task = bar.add_task(words, total=1)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _bar(words: str) -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn(words),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
