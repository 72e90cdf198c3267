"""What did this text mean? A deterministic, versioned, offline reading of a message."""

from app.core.intent.classify import DEFAULT_HEARING, classify
from app.core.intent.reading import Certainty, Hearing, Intent, Reading
from app.core.intent.rulepack import rulepack


def __getattr__(name: str) -> str:
    """Give `RULEPACK` on first use (PEP 562): importing this package reads no file."""
    if name == "RULEPACK":
        return rulepack().version
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


RULEPACK: str

__all__ = [
    "DEFAULT_HEARING",
    "RULEPACK",
    "Certainty",
    "Hearing",
    "Intent",
    "Reading",
    "classify",
]
