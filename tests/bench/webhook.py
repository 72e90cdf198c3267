"""`webhook`: a STOP from a new number, signed by Twilio's rules, written down before it is answered."""

import itertools
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

from app.carriers.signatures import hmac_base64
from tests.bench import floors
from tests.bench.race import Entry, Options, databases, floor, home, options, ours, post, race
from tests.cast import TOKEN
from tests.live import inbound_form

_FORM = "application/x-www-form-urlencoded"


def main(arguments: Sequence[str]) -> None:
    """Measure `POST /webhooks/twilio/messages` against its floor."""
    given = options("webhook", arguments)
    for kind in given.databases:
        with home() as path:
            _measure(kind, path, given)


def _measure(kind: str, path: Path, given: Options) -> None:
    with ExitStack() as stack:
        url, bare = stack.enter_context(databases(kind, path))
        server = stack.enter_context(ours(path, url, given))
        if given.against:
            port = stack.enter_context(ours(path, bare, given, code=given.against)).port
        else:
            floors.make_table(bare)
            port = stack.enter_context(floor("webhook", given, {floors.DATABASE: bare}))
        said = _Said()
        race(
            f"webhook, {kind}",
            Entry(port=server.port, requests=said.requests),
            Entry(port=port, requests=said.requests),
            given,
        )


class _Said:
    """What comes in: each message once, each from a number of its own."""

    def __init__(self) -> None:
        self._numbers = itertools.count()

    def requests(self, count: int) -> list[bytes]:
        return [_signed(n) for n in itertools.islice(self._numbers, count)]


def _signed(n: int) -> bytes:
    nobody = f"+10{n:09}"  # no area code of North America begins with 0
    form = inbound_form(f"SM{n:032x}", nobody, "STOP")
    url = floors.PUBLIC_URL + floors.WEBHOOK
    signature = hmac_base64(TOKEN, url + "".join(name + form[name] for name in sorted(form)))
    return post(floors.WEBHOOK, _FORM, {"X-Twilio-Signature": signature}, urlencode(form).encode())
