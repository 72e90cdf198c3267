"""Writers of one file take turns, also those of other processes."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from app.core.errors import Unavailable
from app.store import turns
from app.store.turns import Turns

HOLD = """
import fcntl, os, sys, time
file = os.open(sys.argv[1], os.O_CREAT | os.O_RDWR)
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(60)
"""


def test_only_one_writer_has_the_turn(tmp_path: Path) -> None:
    """Eight threads, a thousand turns, never two at once."""
    queue = Turns(str(tmp_path / "x.db"))
    inside = overlaps = 0

    def write() -> None:
        nonlocal inside, overlaps
        for _ in range(125):
            with queue.take():
                inside += 1
                overlaps += inside > 1
                inside -= 1

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert overlaps == 0


def test_a_process_that_holds_on_is_not_waited_for_without_end_and_its_death_frees_the_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unavailable in time; after kill -9 the turn is free."""
    monkeypatch.setattr(turns, "_PATIENCE_S", 0.3)
    queue = Turns(str(tmp_path / "x.db"))
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "x.db-turn")], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"

    began = time.monotonic()
    with pytest.raises(Unavailable), queue.take():
        pass
    waited = time.monotonic() - began
    holder.kill()
    holder.communicate()

    assert waited < 2
    with queue.take():
        assert os.path.exists(tmp_path / "x.db-turn")  # noqa: PTH110
