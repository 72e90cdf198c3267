"""No number and no text of a person in any log, error, or file of the database."""

import base64
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
import sqlalchemy as sa

from app.store.database import Database, parse_url
from app.store.tables import metadata
from app.web.openapi import OPERATIONS
from tests.live import Client, LiveServer

NUMBER = "+12015550167"
WORD = "pineapple"  # stands in every text, note and consent below
TEXTS = (
    f"please stop texting me {WORD}",
    f"{WORD} weather",
    "START",
    f"not interested {WORD}",
    f"call me at (201) 555-0167 {WORD}",
    "help",
    f"wrong number {WORD}",
)
CONSENT = {"wording": f"Yes {WORD}", "medium": "web form", "proof": WORD, "postcode": "07302"}
TOLD: dict[str, dict[str, Any]] = {
    "/v1/check": {},
    "/v1/check/bulk": {},
    "/v1/classify": {"text": TEXTS[0]},
    "/v1/decisions/verify": {"decision": "x"},
    "/v1/opt-outs": {"source": "agent", "source_ref": "1", "note": WORD},
    "/v1/opt-ins": {"program": "default", "source": "web", "note": WORD, "consent": CONSENT},
    "/v1/blocks": {"cause": "legal", "note": WORD},
    "/v1/blocks/lift": {"cause": "legal", "note": WORD},
    "/v1/history": {},
    "/v1/subjects/export": {},
    "/v1/subjects/erase": {},
}
# What each endpoint is sent beside what is right.
WRONG: tuple[dict[str, Any], ...] = (
    {"source": "agent", "source_ref": "1", "scope": "default"},
    {"program": f"{WORD}{NUMBER}"},
    {"scope": f"{WORD}{NUMBER}"},
    {NUMBER: WORD},
    {"source": f"{WORD}{NUMBER}"},
    {"occurred_at": NUMBER},
    {"cause": WORD},
)
COMMANDS = (
    ("check", NUMBER, "--program", "none-such"),
    ("history", f"x{NUMBER}{WORD}"),
    ("erase", f"x{NUMBER}{WORD}", "--yes"),
    ("hold", "set", NUMBER, "--reason", WORD),
    ("hold", "release", "1"),
    ("purge", "--json"),
    ("review", "list"),
    ("review", "dismiss", "99"),
    ("programs", "list"),
    ("senders", "list"),
    ("keys", "list"),
    ("db", "upgrade"),
)


def spellings() -> Iterator[bytes]:
    """Yield the number in every usual spelling, and the word, each also as programs encode them."""
    national = NUMBER[2:]
    area, office, line = national[:3], national[3:6], national[6:]
    plain = [
        NUMBER,
        national,
        *(mark.join((area, office, line)) for mark in ("-", ".", " ", "/")),
        f"({area}) {office}-{line}",
        f"{office}-{line}",
        quote(NUMBER, safe=""),
        NUMBER[::-1],
    ]
    for text in (*plain, WORD, WORD.upper()):
        yield text.encode()
        yield text.encode("utf-16-le")
        yield text.encode().hex().encode()
    for text in (*plain[:-1], NUMBER[1:], WORD):
        for skipped in range(3):  # base64 has three ways to write what stands inside a longer text
            coded = base64.b64encode(b"\0" * skipped + text.encode())
            yield coded[4 if skipped else 0 : -4]


def _leaks(where: str, said: bytes) -> list[str]:
    return [f"{where}: {spelling!r}" for spelling in spellings() if spelling in said]


def _attack(live: LiveServer) -> bytes:
    """Send every endpoint what is right and what is wrong; return what the errors said."""
    errors = b""
    client = Client(live)
    for place, text in enumerate(TEXTS):
        assert client.message(f"SM{place}", NUMBER, text, to="55501").ok
    errors += client.message("SM1", NUMBER, TEXTS[0], AccountSid=NUMBER).content
    forged = {"From": NUMBER, "Body": WORD, "MessageSid": "SMx", "To": "55501"}
    errors += requests.post(f"{live.url}/webhooks/twilio/messages", data=forged, timeout=10).content
    bearer = {"Authorization": f"Bearer {live.access_key}"}
    for path, told in TOLD.items():
        right = {**told, **({} if path == "/v1/classify" or "verify" in path else {"to": NUMBER})}
        if path.endswith("bulk"):
            right["to"] = [NUMBER]
        bodies = [right, *({**right, **wrong} for wrong in WRONG)]
        bodies += [{**right, "to": f"{NUMBER}{WORD}"}, {**right, "to": {NUMBER: WORD}}]
        for body in bodies:
            answer = requests.post(live.url + path, json=body, headers=bearer, timeout=10)
            assert answer.status_code != requests.codes.server_error, answer.text
            errors += b"" if answer.ok else answer.content
        broken = f'{{"to": "{NUMBER}", "{WORD}'
        for sent in (broken, WORD, NUMBER):
            errors += requests.post(
                live.url + path,
                data=sent,
                headers={**bearer, "Content-Type": "application/json"},
                timeout=10,
            ).content
    for path in ("/v1/programs/", "/v1/events?after=", f"/{WORD}/", "/v1/reviews/"):
        answer = requests.get(f"{live.url}{path}{quote(NUMBER)}{WORD}", headers=bearer, timeout=10)
        errors += answer.content
    table = f"phone,name\n{NUMBER},{WORD}\n{NUMBER},{WORD},too many\n"
    scrubbed = requests.post(
        f"{live.url}/v1/scrub",
        data=table.encode(),
        headers={**bearer, "Content-Type": "text/csv"},
        timeout=10,
    )
    assert scrubbed.status_code == requests.codes.bad_request
    return errors + scrubbed.content


def test_every_endpoint_is_driven() -> None:
    """A new one must be told here how."""
    posts = {operation.path for operation in OPERATIONS if operation.method == "post"}

    assert {path for path in posts if "{" not in path} - {"/v1/scrub"} == set(TOLD)


@pytest.mark.slow
def test_nothing_that_is_written_shows_a_number_or_a_text(live: LiveServer, tmp_path: Path) -> None:
    """Logs, errors, what commands print, the rows of the database and its files."""
    errors = _attack(live)
    listed = tmp_path / "list.csv"
    listed.write_text(f"phone,date\n{NUMBER},2026-01-01\n{NUMBER}{WORD},2026-01-01\n")
    printed = b""
    for command in (*COMMANDS, ("import", str(listed)), ("audit", str(listed), "--text", "phone")):
        ran = subprocess.run(
            [sys.executable, "-m", "app.cli", *command],
            env=live.environment,
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert b"Traceback" not in ran.stderr, ran.stderr
        printed += ran.stdout + ran.stderr
    log = live.output.read_bytes()

    leaks = _leaks("errors", errors) + _leaks("commands", printed) + _leaks("log", log)
    leaks += _in_rows(live.database_url)
    for path in live.data_dir.iterdir():
        leaks += _leaks(path.name, path.read_bytes())
    assert len(errors) > 10_000
    assert len(log) > 5_000
    assert leaks == []


def _in_rows(url: str) -> list[str]:
    db = Database(parse_url(url))
    held = b""
    with db.snapshot() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(sa.select(table)):
                held += b"|".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
    db.dispose()
    assert len(held) > 1_000
    return _leaks("rows", held)


def test_the_search_finds_what_it_looks_for() -> None:
    """Else the test above could not fail."""

    def find(said: bytes) -> bool:
        return bool(_leaks("here", said))

    for said in (b"x+12015550167y", b"(201) 555-0167", b"%2B12015550167", b"a pineapple b"):
        assert find(said)
        for skipped in range(3):
            assert find(base64.b64encode(b"#" * skipped + b"xxx" + said + b"yyy")), said
    assert not find(b"nothing of the kind, 2015550 and pine apples")
