"""`stoplist scrub`: a file in, the same file with answers out."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cast import ALICE, BOB
from tests.cli.conftest import Ran


@pytest.fixture(name="campaign")
def _campaign(stoplist: Callable[..., Ran], tmp_path: Path) -> Path:
    """A table of three, one of whom opted out."""
    suppressed = tmp_path / "suppressed.csv"
    suppressed.write_text(f"phone\n{ALICE}\n")
    assert stoplist("import", str(suppressed)).code == 0
    file = tmp_path / "campaign.csv"
    file.write_text(f"Name;Mobile\nAnn;{ALICE}\nBob;{BOB}\nDan;none\n")
    return file


SCRUBBED = (
    "Name;Mobile;allowed;reason\n"
    f"Ann;{ALICE};false;opted_out\nBob;{BOB};true;\nDan;none;false;invalid_number\n"
)


def test_a_file_is_scrubbed(stoplist: Callable[..., Ran], campaign: Path) -> None:
    """To standard output, with the counts on standard error."""
    ran = stoplist("scrub", str(campaign))

    assert (ran.code, ran.out) == (0, SCRUBBED)
    assert "3 rows: 1 allowed, 2 refused" in ran.err


def test_the_output_is_there_once_it_is_whole(
    stoplist: Callable[..., Ran], campaign: Path, tmp_path: Path
) -> None:
    """And for its owner alone; what fails leaves nothing behind."""
    output = tmp_path / "out" / "clean.csv"
    output.parent.mkdir()

    ran = stoplist("scrub", str(campaign), "-o", str(output), "--column", "mobile", "--json")
    with campaign.open("a") as file:
        file.write("Eve;1;2;3\n")
    failed = stoplist("scrub", str(campaign), "-o", str(output.with_name("none.csv")))
    printed = stoplist("scrub", str(campaign))

    refused = {"opted_out": 1, "invalid_number": 1}
    assert json.loads(ran.err) == {"rows": 3, "allowed": 1, "refused": refused}
    assert output.read_bytes().decode() == SCRUBBED
    assert output.stat().st_mode & 0o077 == 0
    assert (failed.code, "line 5 has 4 columns" in failed.err) == (2, True)
    assert (printed.code, printed.out) == (2, "")
    assert [path.name for path in output.parent.iterdir()] == ["clean.csv"]


def test_an_unknown_program_is_wrong_use(stoplist: Callable[..., Ran], campaign: Path) -> None:
    """Before anything is read."""
    assert stoplist("scrub", str(campaign), "--program", "nowhere").code == 2
