"""The command line in this process, on both databases."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.cli import main
from tests.cast import SECRET


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture(name="stoplist")
def _stoplist(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., Ran]:
    """Return a function that runs `stoplist` with arguments on the test's database."""
    monkeypatch.setenv("STOPLIST_DATABASE_URL", database_url)
    monkeypatch.setenv("STOPLIST_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("STOPLIST_SECRET_KEYS", SECRET)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["stoplist", *arguments])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run
