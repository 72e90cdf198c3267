"""Which version this is: as installed."""

from importlib.metadata import PackageNotFoundError, version


def installed() -> str:
    """Return the version of the installed distribution, or `0` in a bare checkout."""
    try:
        return version("stoplist")
    except PackageNotFoundError:
        return "0"
