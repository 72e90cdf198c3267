"""The gate as senders meet it: a running server, Twilio's own client before it, a small Twilio behind it."""

import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client as TwilioClient

from app.store.database import Database, parse_url
from app.store.tables import sends
from tests.cast import ACCOUNT, ALICE, BOB, CAROL, LONG_CODE, SECRET, TOKEN
from tests.conftest import BOTH
from tests.live import Client, LiveServer
from tests.postgres import Postgres
from tests.twilio_api import Fault, Rerouted, TwilioApi
from tests.whole.crowd import at_once, people

PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
SERVICE = "MG" + "0" * 32
KILLS = 50
RACES = 500


class Sender:
    """A sender with connections of its own that needs no SDK."""

    def __init__(self, live: LiveServer) -> None:
        self._url = live.url + PATH
        self._session = requests.Session()

    def send(self, to: str, *, key: str | None = None, timeout: float = 60) -> requests.Response:
        """Send a text."""
        return self._session.post(
            self._url,
            data={"To": to, "From": LONG_CODE, "Body": "Hello"},
            auth=(ACCOUNT, TOKEN),
            headers={} if key is None else {"Idempotency-Key": key},
            timeout=timeout,
        )


def sdk(live: LiveServer, password: str = TOKEN) -> TwilioClient:
    """Return Twilio's own client, sent to a server of ours."""
    return TwilioClient(ACCOUNT, password, http_client=Rerouted(live.url, timeout=30))


@pytest.fixture(name="gated", params=BOTH)
def _gated(
    request: pytest.FixtureRequest, make_live: Callable[..., LiveServer], twilio_api: TwilioApi
) -> LiveServer:
    settings = {"TWILIO_ACCOUNT_SID": ACCOUNT, "STOPLIST_TWILIO_API_URL": twilio_api.url}
    if request.param == "sqlite":
        return make_live(**settings)
    postgres: Postgres = request.getfixturevalue("postgres")
    url = postgres.create(f"gate_{uuid.uuid4().hex}")
    return make_live(**settings, STOPLIST_DATABASE_URL=url, STOPLIST_SECRET_KEYS=SECRET)


@pytest.fixture(name="database")
def _database(gated: LiveServer) -> Iterator[Database]:
    """The running server's database."""
    url = gated.settings.get("STOPLIST_DATABASE_URL")
    db = Database(parse_url(url or f"sqlite:///{gated.data_dir / 'stoplist.db'}"))
    yield db
    db.dispose()


def _records(db: Database) -> list[Any]:
    with db.reading() as connection:
        return list(connection.execute(sa.select(sends).order_by(sends.c.id)))


def _wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_twilios_own_client_sends_through_the_gate(
    gated: LiveServer, twilio_api: TwilioApi
) -> None:
    """Its base URL changed in either way, with the token or an access key; media, services, channels."""
    by_attribute = TwilioClient(ACCOUNT, TOKEN)
    by_attribute.api.base_url = gated.url
    by_key = sdk(gated, gated.access_key)

    sent = [
        by_attribute.messages.create(to=BOB, from_=LONG_CODE, body="Hello"),
        by_key.messages.create(
            to=BOB, messaging_service_sid=SERVICE, media_url=["https://a.example/1", "https://a.example/2"]
        ),
        sdk(gated).messages.create(to=f"whatsapp:{BOB}", from_=f"whatsapp:{LONG_CODE}", body="Hello"),
    ]  # fmt: skip

    assert [message.sid for message in sent] == [m.sid for m in twilio_api.account.sends]
    assert [message.status for message in sent] == ["queued", "accepted", "queued"]
    assert twilio_api.account.sends[1].form["MediaUrl"] == ["https://a.example/1", "https://a.example/2"]  # fmt: skip
    assert sent[2].to == f"whatsapp:{BOB}"


def test_what_the_docs_show_sends_through_the_gate(
    gated: LiveServer, twilio_api: TwilioApi
) -> None:
    """The Python of docs/gate.md, as it stands there but for the address."""
    page = (Path(__file__).parents[2] / "docs" / "gate.md").read_text(encoding="utf-8")
    code = page.split("```python\n")[1].split("```")[0]
    given = {"account_sid": ACCOUNT, "access_key": gated.access_key}

    exec(code.replace("https://stoplist.example.com", gated.url), given)  # noqa: S102

    assert [sent.to for sent in twilio_api.account.sends] == [ALICE]


def test_after_a_stop_twilios_client_raises_what_twilio_would_and_nothing_is_sent(
    gated: LiveServer, twilio_api: TwilioApi
) -> None:
    """21610, as for who unsubscribed with Twilio itself."""
    assert Client(gated).message("SM1", ALICE, "please stop texting me").status_code == 200

    with pytest.raises(TwilioRestException) as caught:
        sdk(gated).messages.create(to=ALICE, from_=LONG_CODE, body="Hello")

    assert (caught.value.status, caught.value.code) == (400, 21610)
    assert caught.value.details["reason"] == "opted_out"
    assert not twilio_api.account.seen


def test_wrong_credentials_look_to_twilios_client_as_with_twilio(
    gated: LiveServer, twilio_api: TwilioApi
) -> None:
    """And so does a resource that is not here."""
    with pytest.raises(TwilioRestException) as wrong:
        sdk(gated, "wrong").messages.create(to=BOB, from_=LONG_CODE, body="Hello")
    with pytest.raises(TwilioRestException) as elsewhere:
        sdk(gated).messages("SM" + "0" * 32).fetch()

    assert (wrong.value.status, wrong.value.code) == (401, 20003)
    assert (elsewhere.value.status, elsewhere.value.code) == (404, 20404)
    assert not twilio_api.account.seen


def test_one_key_ten_times_at_once_is_one_send(
    gated: LiveServer, twilio_api: TwilioApi, database: Database
) -> None:
    """Between processes too, and all ten get the one answer, though Twilio is slow."""
    senders = [Sender(gated) for _ in range(10)]
    for place in range(5):
        twilio_api.account.goes_wrong(Fault(wait_s=0.3))
        answers = at_once(10, lambda sender: sender.send(BOB, key=f"order-{place}"), senders)  # noqa: B023

        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1

    assert len(twilio_api.account.sends) == len(_records(database)) == 5


@pytest.mark.parametrize(
    ("fault", "status", "state", "taken"),
    [
        (Fault(status=429), 429, "refused", 0),
        (Fault(status=500, acts=True), 503, "unknown", 1),
        (Fault(status=503), 503, "unknown", 0),
        (Fault(cut=True), 503, "unknown", 0),
        (Fault(cut=True, acts=True), 503, "unknown", 1),
    ],
)
def test_whatever_goes_wrong_twilio_is_asked_once(
    gated: LiveServer,
    twilio_api: TwilioApi,
    database: Database,
    fault: Fault,
    status: int,
    state: str,
    taken: int,
) -> None:
    """On a connection that was used before, too."""
    sender = Sender(gated)
    sender.send(CAROL)
    twilio_api.account.goes_wrong(fault)

    answer = sender.send(BOB)

    assert answer.status_code == answer.json()["status"] == status
    assert ("not known" in answer.json()["message"]) is (state == "unknown")
    assert [record.state for record in _records(database)] == ["accepted", state]
    assert [seen.form["To"] for seen in twilio_api.account.seen] == [[CAROL], [BOB]]
    assert len(twilio_api.account.sends) == 1 + taken


@pytest.mark.slow
def test_a_twilio_that_keeps_silent_is_an_unknown_outcome(
    gated: LiveServer, twilio_api: TwilioApi, database: Database
) -> None:
    """After its time-out; what it took in silence is not sent again."""
    twilio_api.account.goes_wrong(Fault(wait_s=20))

    answer = Sender(gated).send(BOB, key="order-1")

    assert (answer.status_code, answer.json()["details"]) == (503, {"outcome": "unknown"})
    assert Sender(gated).send(BOB, key="order-1").content == answer.content
    assert [record.state for record in _records(database)] == ["unknown"]
    assert len(twilio_api.account.seen) == 1


def test_killed_in_the_middle_of_a_send_the_record_says_so_and_nothing_is_sent_again(
    gated: LiveServer, twilio_api: TwilioApi, database: Database
) -> None:
    """Twilio took it, nobody heard; the key is answered `sending`, and later `unknown`."""
    twilio_api.account.goes_wrong(Fault(wait_s=3))
    asked = threading.Thread(target=_send_in_vain, args=(gated,))
    asked.start()
    _wait_for(lambda: bool(twilio_api.account.sends))
    for pid in gated.worker_pids():
        gated.kill_worker(pid)
    asked.join()
    gated.wait()

    assert [record.state for record in _records(database)] == ["sending"]
    on_its_way = Sender(gated).send(BOB, key="order-1")
    with database.begin() as tx:
        earlier = datetime.now(UTC) - timedelta(minutes=2)
        tx.execute(sa.update(sends).values(created_at=earlier))
    unknown = Sender(gated).send(BOB, key="order-1")

    assert (on_its_way.status_code, on_its_way.json()["code"]) == (409, 20409)
    assert (unknown.status_code, unknown.json()["details"]) == (503, {"outcome": "unknown"})
    assert [record.state for record in _records(database)] == ["unknown"]
    assert len(twilio_api.account.seen) == 1


def _send_in_vain(live: LiveServer) -> None:
    with pytest.raises(requests.ConnectionError):
        Sender(live).send(BOB, key="order-1")


@pytest.mark.slow
def test_killed_fifty_times_no_message_goes_out_twice_nor_without_a_record(
    gated: LiveServer, twilio_api: TwilioApi, database: Database
) -> None:
    """Who got no answer asks again under the same key; what nobody knows is on record as such."""
    crowd, chance, end = iter(people(20_000)), random.Random(7), threading.Event()
    lock = threading.Lock()
    accepted: list[str] = []

    def work() -> None:
        sender = Sender(gated)
        while not end.is_set():
            with lock:
                number = next(crowd)
            for timeout_s in (60, 1):
                with suppress(requests.RequestException):
                    if sender.send(number, key=number, timeout=timeout_s).status_code == 201:
                        accepted.append(number)
                    break
                time.sleep(0.02)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(KILLS):
        before = len(accepted)
        time.sleep(chance.uniform(0.05, 0.2))
        for pid in gated.worker_pids()[:1]:
            gated.kill_worker(pid)
        _wait_for(lambda: len(accepted) > before)  # noqa: B023
    end.set()
    for thread in threads:
        thread.join()

    # A process that dies may leave half a request behind, which has no form.
    asked = Counter(seen.form["To"][0] for seen in twilio_api.account.seen if seen.form)
    records = _records(database)
    in_doubt = [record for record in records if record.state != "accepted"]
    known = {record.sid for record in records}
    assert set(asked.values()) == {1}
    assert set(accepted) <= set(asked)
    assert len(accepted) > KILLS
    assert {record.state for record in in_doubt} <= {"sending", "unknown"}
    assert len([sent for sent in twilio_api.account.sends if sent.sid not in known]) <= len(
        in_doubt
    )
    assert len(records) >= len(asked)


def test_no_send_that_begins_after_a_stop_was_answered_reaches_twilio(
    gated: LiveServer, twilio_api: TwilioApi
) -> None:
    """Senders and people at the same moment; only what was under way before the answer may cross with it."""
    stopped: dict[str, float] = {}
    begun: dict[str, list[float]] = {}
    numbers = people(RACES)

    def stop(number: str) -> None:
        assert Client(gated).message(f"SM{number}", number, "STOP").status_code == 200
        stopped[number] = time.monotonic()

    def send(number: str) -> None:
        sender = Sender(gated)
        for _ in range(2):
            start = time.monotonic()
            answer = sender.send(number)
            if answer.status_code == 201:
                begun.setdefault(number, []).append(start)
            else:
                assert answer.json()["code"] == 21610

    work = [(act, number) for number in numbers for act in (send, stop)]
    at_once(6, lambda task: task[0](task[1]), work)

    assert set(stopped) == set(numbers)
    assert not [n for n, starts in begun.items() if max(starts) > stopped[n]]
    assert sum(map(len, begun.values())) == len(twilio_api.account.sends)
    before = len(twilio_api.account.seen)
    assert {Sender(gated).send(number).json()["code"] for number in numbers[:50]} == {21610}
    assert len(twilio_api.account.seen) == before


def test_a_stop_calls_off_what_is_scheduled_without_anybody_waiting_for_it(
    gated: LiveServer, twilio_api: TwilioApi
) -> None:
    """The STOP is answered at once though Twilio's API is slow; the message is canceled behind it."""
    sdk(gated).messages.create(
        to=ALICE,
        messaging_service_sid=SERVICE,
        body="Hello",
        schedule_type="fixed",
        send_at=datetime.now(UTC) + timedelta(days=2),
    )
    assert [sent.status for sent in twilio_api.account.sends] == ["scheduled"]
    twilio_api.account.goes_wrong(Fault(wait_s=2))

    began = time.monotonic()
    answer = Client(gated).message("SM1", ALICE, "STOP")

    assert answer.status_code == 200
    assert time.monotonic() - began < 1.5
    _wait_for(lambda: twilio_api.account.sends[0].status == "canceled")


def test_the_database_away_nothing_is_sent(
    make_live: Callable[..., LiveServer],
    twilio_api: TwilioApi,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """503 in Twilio's shape, and all is well again when it is back."""
    own = Postgres(tmp_path_factory.mktemp("own_postgres"))
    gated = make_live(
        TWILIO_ACCOUNT_SID=ACCOUNT,
        STOPLIST_TWILIO_API_URL=twilio_api.url,
        STOPLIST_DATABASE_URL=own.create("gate"),
        STOPLIST_SECRET_KEYS=SECRET,
    )
    own.stop()

    away = Sender(gated).send(BOB)
    by_key = requests.post(gated.url + PATH, auth=(ACCOUNT, gated.access_key), data={}, timeout=30)

    own.start()
    back = Sender(gated).send(BOB)
    own.close()
    assert [a.json()["code"] for a in (away, by_key)] == [20503, 20503]
    assert int(away.headers["Retry-After"]) > 0
    assert (back.status_code, len(twilio_api.account.seen)) == (201, 1)


def test_the_database_lost_while_twilio_is_asked_the_answer_is_still_twilios(
    make_live: Callable[..., LiveServer],
    twilio_api: TwilioApi,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Anything else would have the sender send it again. A scheduled message is taken back: no STOP would find it."""
    own = Postgres(tmp_path_factory.mktemp("own_postgres"))
    gated = make_live(
        TWILIO_ACCOUNT_SID=ACCOUNT,
        STOPLIST_TWILIO_API_URL=twilio_api.url,
        STOPLIST_DATABASE_URL=own.create("gate"),
        STOPLIST_SECRET_KEYS=SECRET,
    )
    twilio_api.account.goes_wrong(Fault(wait_s=2), times=2)
    at_noon = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    on_time = {"ScheduleType": "fixed", "SendAt": at_noon}
    scheduled = {"To": BOB, "MessagingServiceSid": SERVICE, "Body": "Hello", **on_time}

    def later() -> requests.Response:
        return requests.post(gated.url + PATH, auth=(ACCOUNT, TOKEN), data=scheduled, timeout=30)

    answers: dict[str, requests.Response] = {}
    threads = [
        threading.Thread(target=lambda: answers.update(now=Sender(gated).send(BOB))),
        threading.Thread(target=lambda: answers.update(later=later())),
    ]
    for thread in threads:
        thread.start()
    _wait_for(lambda: len(twilio_api.account.sends) == 2)
    own.stop("immediate")
    for thread in threads:
        thread.join()
    own.start()
    own.close()

    assert answers["now"].status_code == 201
    assert (answers["later"].status_code, answers["later"].json()["details"]) == (
        503, {"outcome": "not_sent"}
    )  # fmt: skip
    assert sorted(sent.status for sent in twilio_api.account.sends) == ["canceled", "sent"]
