"""Writers of one SQLite file take turns.

SQLite has one writer at a time, and those who wait for it sleep and look again, ever less often: under load a
process that always has another writer ready starves the rest until their time is up. So writers queue here first:
within the process by a lock, between processes by a lock on a file beside the database, asked for every half
millisecond. A process that dies lets go of it.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from app.core.errors import Unavailable

_PATIENCE_S = 3.0
_PAUSE_S = 0.0001


class Turns:
    """The queue of the writers of one database file.

    Args:
        path: the database file's.
    """

    def __init__(self, path: str) -> None:
        self._path = f"{path}-turn"
        self._within = threading.Lock()

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for our turn to write, and give it on at the end.

        Raises:
            Unavailable: it did not come in time.
        """
        deadline = time.monotonic() + _PATIENCE_S
        if not self._within.acquire(timeout=_PATIENCE_S):
            raise Unavailable("other writers kept the database busy for too long")
        try:
            # Opened anew each time: a descriptor kept over a fork would be one lock for two processes.
            file = self._open()
            try:
                self._wait(file, deadline)
                yield
            finally:
                os.close(file)
        finally:
            self._within.release()

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as fault:
            raise Unavailable("the database cannot be reached") from fault

    @staticmethod
    def _wait(file: int, deadline: float) -> None:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Unavailable("other writers kept the database busy for too long") from None
                time.sleep(_PAUSE_S)
            else:
                return
