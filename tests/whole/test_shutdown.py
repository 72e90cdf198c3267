"""The end of a server, when it is asked to end."""

import threading
from collections.abc import Callable

from tests.live import Client, LiveServer
from tests.whole.crowd import people


def test_sigterm_finishes_what_is_in_flight(make_live: Callable[..., LiveServer]) -> None:
    """Every message that was under way is answered and stored; the exit code is 0."""
    live = make_live()
    answered: list[str] = []
    stopping = threading.Event()

    def post(numbers: list[str]) -> None:
        client = Client(live)
        for number in numbers:
            if stopping.is_set():
                return
            assert client.message(f"SM{number}", number, "STOP").status_code == 200
            answered.append(number)

    crowd = people(4000)
    threads = [threading.Thread(target=post, args=(crowd[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    while len(answered) < 50:
        threads[0].join(0.01)
    stopping.set()
    code = live.stop()
    for thread in threads:
        thread.join()

    live.start()
    results = Client(live).check_bulk(answered).json()["results"]
    assert code == 0
    assert not [r["to"] for r in results if r["allowed"]]
