"""The README and the docs are true: what they show is run, what they list is compared with the code."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
import requests

from app.cli import commands
from app.config import SETTINGS
from app.version import installed
from tests.conftest import Web
from tests.live import LiveServer

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHANGING = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|[\w-]{60,}")  # times and decisions
PAGES = sorted((ROOT / "docs").glob("*.md"))


def _block(mark: str) -> str:
    """Return the code block behind a mark."""
    match = re.search(rf"<!-- {mark} -->\n```\w+\n(.*?)```", README, re.DOTALL)
    assert match, mark
    return match.group(1)


def test_the_table_of_settings_is_the_one_in_the_code() -> None:
    """Name, secrecy, default and words of every setting."""
    rows = re.findall(
        r"^\| `([A-Z_]+)`( \(secret\))? \| (?:`(.*?)`)? ?\| (.*) \|$", README, re.MULTILINE
    )

    shown = [(name, bool(secret), default, words) for name, secret, default, words in rows]

    assert shown == [(s.name, s.secret, str(s.default or ""), s.help) for s in SETTINGS]


def test_every_command_is_documented() -> None:
    """And every documented command exists."""
    existing = set()
    for name, command in commands.commands.items():
        nested = command.commands if isinstance(command, click.Group) else {}
        existing |= {f"{name} {inner}" for inner in nested} or {name}

    table = README[README.index("## Commands") :]

    assert set(re.findall(r"`stoplist ([a-z]+(?: [a-z]+)?)", table)) == existing


def test_every_route_is_documented(web: Web) -> None:
    """In the README or in a page of the docs, by its path."""
    pages = README + "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for rule in web.app.url_map.iter_rules():
        path = rule.rule.replace("<carrier>", "twilio")
        assert re.sub(r"<\w*:?\w+_id>", "<id>", path) in pages


def test_the_newcomers_walk_is_as_the_readme_shows(make_live: Callable[..., LiveServer]) -> None:
    """The simulate line and its output, and the check's answer, but for the times."""
    server = make_live(TWILIO_AUTH_TOKEN="")
    command, _, expected = _block("simulate").partition("\n")
    arguments = shlex.split(command.removeprefix("$ .venv/bin/stoplist "))

    said = subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments, "--url", server.url],
        env=server.environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    answer = requests.post(
        f"{server.url}/v1/check",
        json={"to": "+12015550123"},
        headers={"Authorization": f"Bearer {server.access_key}"},
        timeout=10,
    ).text

    assert CHANGING.sub("CHANGING", said) == CHANGING.sub("CHANGING", expected)
    shown = json.loads(CHANGING.sub("CHANGING", _block("check")))
    assert list(json.loads(CHANGING.sub("CHANGING", answer)).items()) == list(shown.items())


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda p: p.name)
def test_no_link_leads_nowhere(page: Path) -> None:
    """Every relative link has its file."""
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_version_is_the_changelogs() -> None:
    """One source: the newest heading."""
    newest = re.search(
        r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )

    assert newest
    assert newest.group(1) == installed()
