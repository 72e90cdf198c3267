"""Twilio's own package for Node through the gate, as docs/gate.md shows it. Node finds the package by `NODE_PATH`."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cast import ACCOUNT, ALICE, BOB, LONG_CODE, TOKEN
from tests.live import Client, LiveServer
from tests.twilio_api import TwilioApi

_SHOWN = Path(__file__).parents[2] / "docs" / "gate.md"
_PUBLISHED = "https://stoplist.example.com"
_SEEN = ("sid", "status", "direction", "body", "to", "from")
_CAUGHT = ("name", "status", "code", "moreInfo")


def _has_the_package() -> bool:
    node = shutil.which("node")
    if node is None:
        return False
    asked = subprocess.run([node, "-e", "require('twilio')"], check=False, capture_output=True)
    return asked.returncode == 0


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not _has_the_package(), reason="Node finds no package `twilio` (NODE_PATH)"),
]


@pytest.fixture(name="gated")
def _gated(make_live: Callable[..., LiveServer], twilio_api: TwilioApi) -> LiveServer:
    return make_live(TWILIO_ACCOUNT_SID=ACCOUNT, STOPLIST_TWILIO_API_URL=twilio_api.url)


def _send(base: str, password: str, to: str) -> dict[str, Any]:
    """Run the code of the page against another address, and return what its promise came to."""
    code = _SHOWN.read_text(encoding="utf-8").split("```js\n")[1].split("```")[0]
    given = f"const accountSid = {ACCOUNT!r}, accessKey = {password!r};\n"
    told = f"""
const seen = {json.dumps(_SEEN)}, caught = {json.dumps(_CAUGHT)};
const some = (held, names) => Object.fromEntries(names.map((name) => [name, held[name] ?? null]));
sent.then(
  (message) => console.log(JSON.stringify(some(message, seen))),
  (fault) => console.log(JSON.stringify({{ ...some(fault, caught), details: fault.details }})),
);
"""
    code = given + code.replace(_PUBLISHED, base).replace(ALICE, to) + told
    ran = subprocess.run(
        ["node", "-e", code], check=True, stdout=subprocess.PIPE, text=True, timeout=30
    )
    seen: dict[str, Any] = json.loads(ran.stdout)
    return seen


def test_a_message_looks_to_node_as_one_that_was_sent_to_twilio_itself(
    gated: LiveServer, twilio_api: TwilioApi
) -> None:
    """All but its id."""
    direct = _send(twilio_api.url, TOKEN, BOB)
    through = _send(gated.url, gated.access_key, BOB)

    assert [direct["sid"], through["sid"]] == [sent.sid for sent in twilio_api.account.sends]
    assert {**direct, "sid": None} == {**through, "sid": None}
    assert through["to"] == BOB


def test_a_refusal_looks_to_node_as_twilios_own(gated: LiveServer, twilio_api: TwilioApi) -> None:
    """21610, and nothing is sent; why is in the details."""
    twilio_api.account.block(BOB, sender=LONG_CODE)
    assert Client(gated).message("SM1", ALICE, "please stop texting me").status_code == 200

    direct = _send(twilio_api.url, TOKEN, BOB)
    through = _send(gated.url, gated.access_key, ALICE)

    assert (through["status"], through["code"]) == (400, 21610)
    assert {name: direct[name] for name in _CAUGHT} == {name: through[name] for name in _CAUGHT}
    assert through["details"]["reason"] == "opted_out"
    assert not twilio_api.account.sends


def test_wrong_credentials_look_to_node_as_with_twilio(
    gated: LiveServer, twilio_api: TwilioApi
) -> None:
    """401, code 20003."""
    direct, through = (_send(url, "wrong", BOB) for url in (twilio_api.url, gated.url))

    assert (through["status"], through["code"]) == (401, 20003)
    assert {name: direct[name] for name in _CAUGHT} == {name: through[name] for name in _CAUGHT}
