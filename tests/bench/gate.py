"""`gate`: what a send costs more through the gate than straight to Twilio, both to the same small Twilio.

To run that Twilio alone, in the foreground: `python -m tests.bench.gate`; it prints its address.
"""

import base64
import itertools
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from urllib.parse import urlencode, urlsplit

from tests.bench.load import Measured
from tests.bench.race import Entry, Options, databases, home, in_turns, options, ours, post
from tests.cast import ACCOUNT, LONG_CODE, TOKEN
from tests.twilio_api import TwilioApi

AT_ONCE = (1, 4)
_PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
_FORM = "application/x-www-form-urlencoded"
_CREDENTIALS = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()


def main(arguments: Sequence[str]) -> None:
    """Measure a send through the gate against one past it, one at a time and four at once."""
    given = options("gate", arguments, counts=False)
    for kind in given.databases:
        with home() as path:
            _measure(kind, path, given)


def _measure(kind: str, path: Path, given: Options) -> None:
    with ExitStack() as stack:
        url, other = stack.enter_context(databases(kind, path))
        twilio = stack.enter_context(_twilio())
        settings = {"TWILIO_ACCOUNT_SID": ACCOUNT, "STOPLIST_TWILIO_API_URL": twilio}
        sent = _Sent()
        runners = {
            "direct": Entry(port=urlsplit(twilio).port or 0, requests=sent.requests),
            "gate": Entry(
                port=stack.enter_context(ours(path, url, given, more=settings)).port,
                requests=sent.requests,
            ),
        }
        if given.against:
            theirs = stack.enter_context(
                ours(path, other, given, code=given.against, more=settings)
            )
            runners["theirs"] = Entry(port=theirs.port, requests=sent.requests)
        for connections in AT_ONCE:
            title = f"gate, {kind}, {connections} at once"
            runs = in_turns(title, runners, replace(given, connections=connections))
            _print_table(title, runs)


class _Sent:
    """What is sent: each message to a number of its own, of whom nothing is held."""

    def __init__(self) -> None:
        self._numbers = itertools.count()

    def requests(self, count: int) -> list[bytes]:
        headers = {"Authorization": f"Basic {_CREDENTIALS}"}
        return [
            post(_PATH, _FORM, headers, urlencode(_message(n)).encode())
            for n in itertools.islice(self._numbers, count)
        ]


def _message(n: int) -> dict[str, str]:
    nobody = f"+10{n:09}"  # no area code of North America begins with 0
    return {"To": nobody, "From": LONG_CODE, "Body": "Hello"}


def _print_table(title: str, runs: Mapping[str, Sequence[Measured]]) -> None:
    def milliseconds(name: str, percent: float) -> float:
        return median(each.percentile(percent) for each in runs[name]) * 1000

    print(f"\n{title}")
    print(f"  {'':8}{'sends/s':>12}{'p50 ms':>10}{'p99 ms':>10}")
    for name, measured in runs.items():
        rate = median(each.rate for each in measured)
        print(
            f"  {name:8}{rate:12,.0f}{milliseconds(name, 50):10.2f}{milliseconds(name, 99):10.2f}"
        )
    for name in list(runs)[1:]:
        more = [milliseconds(name, q) - milliseconds("direct", q) for q in (50, 99)]
        times = milliseconds(name, 50) / milliseconds("direct", 50)
        over = _by_round(runs, name)
        spread = f"p50 by round {over[0]:.2f} to {over[-1]:.2f}; {times:.1f} times direct"
        print(f"  {name} over direct{more[0]:14.2f}{more[1]:10.2f}  ({spread})", flush=True)


def _by_round(runs: Mapping[str, Sequence[Measured]], name: str) -> list[float]:
    pairs = zip(runs[name], runs["direct"], strict=True)
    return sorted((ours.percentile(50) - direct.percentile(50)) * 1000 for ours, direct in pairs)


@contextmanager
def _twilio() -> Iterator[str]:
    """Run the small Twilio in a process of its own and yield its address."""
    command = [sys.executable, "-m", "tests.bench.gate"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(timeout=10)


def _serve() -> None:
    api = TwilioApi()
    stop: Callable[..., None] = lambda *_: api.closing.set()  # noqa: E731
    signal.signal(signal.SIGTERM, stop)
    print(api.url, flush=True)
    api.closing.wait()
    api.close()


if __name__ == "__main__":
    _serve()
