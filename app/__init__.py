"""Stoplist: hear every way a person says stop, write it down, refuse every message after that."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.factory import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    """Load the web application on first use (PEP 562), so that importing `app.core` never imports Flask."""
    if name == "create_app":
        from app.factory import create_app  # noqa: PLC0415

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
