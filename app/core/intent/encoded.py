"""A text that came encoded: some bridges between carriers pass a body on in base64."""

import base64
import binascii
import re

_BASE64 = re.compile(r"\s*((?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?|"
                     r"[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)\s*")  # fmt: skip
_SHORTEST = 8


def decoded(text: str) -> str | None:
    """Return what a text says behind its base64; `None` where it is none, as nearly every text.

    Args:
        text: a message in which nothing was heard as it stands: "STOP" is base64 too.
    """
    found = _BASE64.fullmatch(text) if len(text) >= _SHORTEST else None
    if found is None:
        return None
    try:
        behind = base64.b64decode(found.group(1), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    readable = all(char.isprintable() or char.isspace() for char in behind)
    return behind if readable and any(char.isalpha() for char in behind) else None
