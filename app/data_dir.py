"""The data directory: what a server with no configuration makes for itself on its first start.

    stoplist.db     the embedded database
    secret-keys     what numbers and texts are protected with
    seal-key        what seals of the ledger are signed with, made with the first seal
    local-token     signs simulated messages while no carrier is configured
    access-key      the first access key, for `stoplist simulate` and a first try of the API

Every file is made whole or not at all, once, also when several processes start together.
"""

import os
import secrets
import tempfile
from pathlib import Path

from app.core.errors import Misconfigured

SECRET_KEYS = "secret-keys"
SEAL_KEY = "seal-key"
LOCAL_TOKEN = "local-token"
ACCESS_KEY = "access-key"
DATABASE = "stoplist.db"


def make(path: Path) -> None:
    """Make the directory, open to its owner alone.

    Raises:
        Misconfigured: it cannot be made or written to.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
    except OSError as fault:
        raise Misconfigured(f"the data directory {path} cannot be made: {fault.strerror}") from None


def make_private_file(path: Path, name: str) -> None:
    """Make an empty file that its owner alone may read, if there is none; SQLite's side files take after it."""
    os.close(os.open(path / name, os.O_CREAT | os.O_RDWR, 0o600))


def read(path: Path, name: str) -> str | None:
    """Return what a file of the directory holds, or `None` where there is none."""
    try:
        return (path / name).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise Misconfigured(f"{path / name} cannot be read: {fault.strerror}") from None


def read_or_make_secret(path: Path, name: str) -> str:
    """Return a secret of the directory; the first to ask makes it, of 256 random bits."""
    held = read(path, name)
    if held is None:
        write_once(path, name, secrets.token_urlsafe(32))
        held = read(path, name)
    if not held:
        raise Misconfigured(f"{path / name} is empty: restore it from a backup")
    return held


def write_once(path: Path, name: str, content: str) -> bool:
    """Write a file if none of that name stands; return whether this call wrote it."""
    handle, temporary = tempfile.mkstemp(dir=path, prefix=f".{name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path / name)  # atomic, and refuses to replace
    except FileExistsError:
        return False
    finally:
        Path(temporary).unlink()
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return True
