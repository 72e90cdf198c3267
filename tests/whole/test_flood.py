"""A thousand messages at once: exactly those who asked are refused afterwards."""

import random
import threading

from app.core.intent import Intent, classify
from tests.live import Client, LiveServer
from tests.whole.crowd import at_once, people

STOPS = (
    "STOP",
    "stop",
    "Stop.",
    "please stop",
    "STOP!!",
    "unsubscribe",
    "“quit”",
    "opt-out",
    "ＳＴＯＰ",
    "arrêt",
)
MESSAGES, STOPPERS, CLIENTS = 1000, 100, 16


def test_of_a_thousand_messages_exactly_the_hundred_stops_are_refused(
    live: LiveServer, everyday_messages: list[str]
) -> None:
    """Everyday messages with a hundred STOPs among them, from sixteen clients, to two workers.

    Those of the everyday messages that do say "wrong number" are left out.
    """
    chance = random.Random(7)
    numbers = people(MESSAGES)
    stoppers = set(chance.sample(numbers, STOPPERS))
    ordinary = [text for text in everyday_messages if classify(text).intent is Intent.NONE]
    texts = chance.sample(ordinary, MESSAGES)
    for place, number in enumerate(numbers):
        if number in stoppers:
            texts[place] = chance.choice(STOPS)
    mine = threading.local()

    def post(place: int) -> int:
        if not hasattr(mine, "client"):
            mine.client = Client(live)
        answer = mine.client.message(f"SM{place:032x}", numbers[place], texts[place])
        return int(answer.status_code)

    statuses = at_once(CLIENTS, post, range(MESSAGES))

    answer = Client(live).check_bulk(numbers).json()
    assert set(statuses) == {200}
    assert {r["to"] for r in answer["results"] if not r["allowed"]} == stoppers
    for number in list(stoppers)[:5]:
        assert Client(live).check(number).json()["reason"] == "opted_out"
