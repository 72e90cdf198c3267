"""Blank out what the person did not write: quoted texts of ours, reactions, effects, signatures, part numbers.

What is blanked becomes spaces, so that every place in the text keeps its number.
"""

import re

_SUSPECTS = (
    '"', "“", "”", "„", "«", ">", "ent with", "ent from", "ent via", "ENT ", "wrote:", "uto", "UTO", "/",
)  # fmt: skip
_QUOTE = '"“”„«»'
_REACTION = re.compile(
    r"^\s*[\u200e\u200f]?(?:"
    r"(?:liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|reacted [^\n]{1,24}to"
    r"|removed an? [^\n“\"]{1,32}from|reacted to"
    r"|le gustó|le encantó|no le gustó|a aimé|a adoré|n.a pas aimé|gefällt|gostou de|adorou)"
    r"\s*)[\"“„«]",
    re.IGNORECASE,
)
_EFFECT = re.compile(r"\(\s*sent with [^)\n]{1,40}\)?", re.IGNORECASE)
_SIGNATURE = re.compile(
    r"(?:sent from (?:my|yahoo|outlook|mail|samsung|galaxy)|sent via)[^\n]{0,60}",
    re.IGNORECASE,
)
_PART = re.compile(
    r"\s*[(\[]?[1-9]\d?\s?/\s?[1-9]\d?[)\]]?[:.]?\s+"
)  # "(1/2) ": of a text in parts
_QUOTED = re.compile(r"[\"“„«][^\"“”„«»]{16,}[\"”“»]")
_ARROWED = re.compile(r"^[ \t]*>[^\n]*", re.MULTILINE)
_WROTE = re.compile(r"^[^\n]{0,80}\bwrote:\s*$", re.MULTILINE | re.IGNORECASE)
_AUTOMATIC = re.compile(
    r"^\s*\W?\s*(?:auto(?:matic)?[- ]?(?:reply|response|replied|responder)?\s*[:\]]|\[?automated)",
    re.IGNORECASE,
)


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


def own_words(text: str) -> str:
    """Give a text with the words of others blanked out.

    Args:
        text: a message as it came in.

    Returns:
        A text of the same length. A reaction ("Liked “…”") and an automatic reply come out empty.
    """
    if not any(suspect in text for suspect in _SUSPECTS):
        return text
    if _AUTOMATIC.match(text):
        return " " * len(text)
    part = _PART.match(text)
    if part is not None:
        text = _blank(text, 0, part.end())
    reaction = _REACTION.match(text)
    if reaction is not None:
        last = max(text.rfind(mark) for mark in _QUOTE)
        end = last + 1 if last >= reaction.end() else len(text)
        return _blank(text, 0, end)
    for pattern in (_EFFECT, _SIGNATURE, _QUOTED, _ARROWED):
        for match in pattern.finditer(text):
            text = _blank(text, match.start(), match.end())
    wrote = _WROTE.search(text)
    if wrote is not None:
        text = _blank(text, wrote.start(), len(text))
    return text
