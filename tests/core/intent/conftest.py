"""Where the measuring data lies, when it is there at all."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

Row = tuple[str, str, str, str]


def _folder() -> Path:
    named = os.environ.get("STOPLIST_TEST_DATA")
    return Path(named) if named else ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def labelled() -> Callable[[str], list[Row]]:
    """Give a reader of labelled TSV files: label, language, text, source; skip where absent."""

    def read(name: str) -> list[Row]:
        path = _folder() / name
        if not path.exists():
            pytest.skip(f"no {name}: set STOPLIST_TEST_DATA to the folder that holds it")
        rows: list[Row] = []
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            label, language, text, source = line.split("\t")[:4]
            rows.append((label, language, text.replace("\\n", "\n"), source))
        return rows

    return read
