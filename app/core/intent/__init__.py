"""What did this text mean? A deterministic, versioned, offline reading of a message."""

from app.core.intent.reading import Certainty, Hearing, Intent, Reading

__all__ = ["Certainty", "Hearing", "Intent", "Reading"]
