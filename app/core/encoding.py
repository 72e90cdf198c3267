"""The text of a file of unknown origin, line by line: UTF-8, UTF-16 with its mark, or Windows' Latin-1."""

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain

BOM = "\ufeff"
"""The byte-order mark, which stays at the beginning of the first line."""

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decoded(raw: Iterable[bytes]) -> Iterator[str]:
    """Decode a file, which may mix UTF-8 and Latin-1; no byte is refused.

    Args:
        raw: the file's lines with their ends.
    """
    pieces = iter(raw)
    first = next(pieces, b"")
    if first.startswith(_UTF_16):
        return _of_utf_16(chain([first], pieces))
    return _of_lines(chain([first], pieces))


def _of_lines(raw: Iterable[bytes]) -> Iterator[str]:
    for line in raw:
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            # In Latin-1 every byte is a letter, so that this always succeeds.
            text = line.decode("cp1252", errors="replace")
        yield text.replace("\0", "") if "\0" in text else text


def _of_utf_16(raw: Iterable[bytes]) -> Iterator[str]:
    """Put the lines together anew: an end of line is two bytes, and the file was cut behind the first."""
    decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
    begun, marked = "", False
    for piece in raw:
        begun += decoder.decode(piece)
        if begun and not marked:
            begun, marked = BOM + begun, True
        *lines, begun = begun.split("\n")
        yield from (line + "\n" for line in lines)
    if begun:
        yield begun
