"""A list in JSON Lines: one object a line, each of whatever fields it has."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from app.core.encoding import BOM, decoded
from app.core.errors import UnreadableTable
from app.core.table import Line


def read_objects(raw: Iterable[bytes]) -> Iterator[tuple[tuple[str, ...], Line]]:
    """Read the objects of a file, each as the names of its fields and a row of their values.

    A line that holds no object carries its fault.

    Args:
        raw: the file's lines with their ends.

    Raises:
        UnreadableTable: the file is one great array, which could only be read as a whole.
    """
    for number, line in enumerate(decoded(raw), 1):
        written = line.removeprefix(BOM) if number == 1 else line
        bare = written.strip()
        if not bare:
            continue
        if number == 1 and bare.startswith("["):
            raise UnreadableTable("line 1 begins a JSON array: write one object a line instead")
        try:
            held = json.loads(bare, parse_float=str, parse_int=str)
        except (ValueError, RecursionError):
            held = None
        if not isinstance(held, dict):
            yield (), Line(number, (), written, f"line {number} is no JSON object")
            continue
        yield tuple(held), Line(number, [_text(value) for value in held.values()], written)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)
