"""Guarded sends between a running server of ours and a Twilio: whatever happens, no refused message goes out."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from app.guard import AsyncGuardedHttpClient, CheckFailed, GuardedHttpClient
from tests.cast import ALICE, BOB, CAROL, LONG_CODE
from tests.live import Client as Person
from tests.live import LiveServer
from tests.twilio_api import AsyncRerouted, Fault, Rerouted, TwilioApi

# The package's asynchronous client makes its Basic auth in a way that aiohttp is about to drop.
pytestmark = [
    pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The 'auth' parameter is deprecated:DeprecationWarning"),
]
MESSAGE = {"from_": LONG_CODE, "body": "Hello"}


def _client(server: LiveServer, twilio: TwilioApi, key: str = "", **options: Any) -> Client:
    guard = GuardedHttpClient(
        server.url,
        key or server.access_key,
        http_client=Rerouted(twilio.url, timeout=10),
        **options,
    )
    return Client(twilio.account.sid, twilio.account.tokens[0], http_client=guard)


@asynccontextmanager
async def _async_client(
    url: str, key: str, twilio: TwilioApi, **options: Any
) -> AsyncIterator[Client]:
    inner = AsyncRerouted(twilio.url)
    async with AsyncGuardedHttpClient(url, key, http_client=inner, **options) as guard:
        yield Client(twilio.account.sid, twilio.account.tokens[0], http_client=guard)
    assert inner.session.closed


def test_after_a_stop_nothing_goes_out(live: LiveServer, twilio_api: TwilioApi) -> None:
    """Before it, one message; from its 2xx on, 21610 for this person and nobody else."""
    client = _client(live, twilio_api)
    client.messages.create(to=ALICE, **MESSAGE)

    Person(live).message("SM1", ALICE, "please STOP")
    with pytest.raises(TwilioRestException, match="opted_out") as refused:
        client.messages.create(to=ALICE, **MESSAGE)
    with pytest.raises(TwilioRestException, match="opted_out"):
        client.messages.create(to=f"whatsapp:{ALICE}", **MESSAGE)
    client.messages.create(to=BOB, **MESSAGE)

    assert (refused.value.status, refused.value.code) == (400, 21610)
    assert refused.value.details["scope"] == "*"
    assert [sent.to for sent in twilio_api.account.sends] == [ALICE, BOB]


def test_what_twilio_answers_comes_back_as_it_is(
    make_live: Callable[..., LiveServer], twilio_api: TwilioApi
) -> None:
    """Its message, its list, its own refusals and faults; what it cuts off is not sent again."""
    client = _client(make_live(workers=1), twilio_api)
    twilio_api.account.block(BOB, sender=LONG_CODE)

    sent = client.messages.create(to=ALICE, **MESSAGE)
    with pytest.raises(TwilioRestException, match="unsubscribed recipient"):
        client.messages.create(to=BOB, **MESSAGE)
    with pytest.raises(TwilioRestException, match="invalid_number"):
        client.messages.create(to="nobody", **MESSAGE)
    twilio_api.account.goes_wrong(Fault(cut=True, acts=True))
    with pytest.raises(OSError, match="Remote end closed"):
        client.messages.create(to=CAROL, **MESSAGE)

    assert client.messages(sent.sid).fetch().body == "Hello"
    assert len(client.messages.list()) == 2
    assert [each.to for each in twilio_api.account.sends] == [ALICE, CAROL]


def test_a_server_that_is_gone_slow_or_will_not_answer_lets_nothing_out(
    make_live: Callable[..., LiveServer], twilio_api: TwilioApi
) -> None:
    """A wrong key, an unknown program, a server that hangs, a server that was killed."""
    live = make_live(workers=1)
    client = _client(live, twilio_api, timeout=0.5)
    client.messages.create(to=CAROL, **MESSAGE)

    with pytest.raises(CheckFailed, match="401 unauthenticated"):
        _client(live, twilio_api, "wrong").messages.create(to=CAROL, **MESSAGE)
    with pytest.raises(CheckFailed, match="422 unknown_program"):
        _client(live, twilio_api, program="none").messages.create(to=CAROL, **MESSAGE)
    os.killpg(live.pid, signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(CheckFailed, match="ReadTimeout"):
        client.messages.create(to=CAROL, **MESSAGE)
    assert time.monotonic() - began < 3
    live.kill()
    with pytest.raises(CheckFailed, match="ConnectionError"):
        client.messages.create(to=CAROL, **MESSAGE)

    assert len(twilio_api.account.sends) == 1


def test_a_restarted_server_is_asked_over_a_new_connection(
    make_live: Callable[..., LiveServer], twilio_api: TwilioApi
) -> None:
    """A connection that was kept and died is no refusal."""
    live = make_live(workers=1)
    client = _client(live, twilio_api)
    client.messages.create(to=CAROL, **MESSAGE)
    live.kill()
    live.start()

    client.messages.create(to=CAROL, **MESSAGE)

    assert len(twilio_api.account.sends) == 2


def test_the_asynchronous_client_guards_alike(
    make_live: Callable[..., LiveServer], twilio_api: TwilioApi
) -> None:
    """Allowed, refused, passed through, hung, killed."""
    live = make_live(workers=1)
    Person(live).message("SM1", ALICE, "STOP")

    async def walk() -> None:
        key = live.access_key
        async with _async_client(live.url, key, twilio_api, timeout=0.5) as client:
            sent = await client.messages.create_async(to=BOB, **MESSAGE)
            with pytest.raises(TwilioRestException, match="opted_out") as refused:
                await client.messages.create_async(to=ALICE, **MESSAGE)
            assert (refused.value.status, refused.value.code) == (400, 21610)
            assert (await client.messages(sent.sid).fetch_async()).to == BOB
            os.killpg(live.pid, signal.SIGSTOP)
            with pytest.raises(CheckFailed, match="Timeout"):
                await client.messages.create_async(to=BOB, **MESSAGE)
            live.kill()
            with pytest.raises(CheckFailed, match="Client"):
                await client.messages.create_async(to=BOB, **MESSAGE)

    asyncio.run(walk())

    assert [sent.to for sent in twilio_api.account.sends] == [BOB]


def test_the_asynchronous_client_reads_answers_alike(twilio_api: TwilioApi) -> None:
    """A redirect, an error, nonsense: nothing is sent; a connection that went away is asked over once."""
    asked: list[Any] = []
    drops = [True]

    async def check(request: web.Request) -> web.StreamResponse:
        question = await request.json()
        asked.append(question)
        if drops and drops.pop() and request.transport:
            request.transport.close()
        status, body = {
            "moved": (307, {}),
            "broken": (500, {"allowed": True}),
            "strange": (200, {"allowed": "yes"}),
        }.get(question["program"], (200, {**question, "allowed": True, "reason": None}))
        return web.json_response(body, status=status, headers={"Location": "/elsewhere"})

    async def walk() -> None:
        app = web.Application()
        app.router.add_post("/v1/check", check)
        runner = web.AppRunner(app, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        options = {"program": lambda send: send["Body"], "region": "US"}
        async with _async_client(url, "key", twilio_api, **options) as client:
            for body in ("moved", "broken", "strange"):
                with pytest.raises(CheckFailed, match="the check answered"):
                    await client.messages.create_async(to=BOB, from_=LONG_CODE, body=body)
            await client.messages.create_async(to=BOB, from_=LONG_CODE, body="offers")
        await runner.cleanup()

    asyncio.run(walk())

    assert [question["program"] for question in asked] == [
        "moved",
        "moved",
        "broken",
        "strange",
        "offers",
    ]
    assert asked[-1] == {"to": BOB, "program": "offers", "region": "US"}
    assert [sent.body for sent in twilio_api.account.sends] == ["offers"]


def test_the_asynchronous_client_does_not_wait_for_twilio_without_end(
    twilio_api: TwilioApi,
) -> None:
    """The time-out of the package's own client holds, which that client itself forgets."""
    twilio_api.account.goes_wrong(Fault(wait_s=60))

    async def walk() -> None:
        inner = AsyncRerouted(twilio_api.url, timeout=0.2)
        async with AsyncGuardedHttpClient("http://127.0.0.1:9", "key", http_client=inner) as guard:
            client = Client(twilio_api.account.sid, twilio_api.account.tokens[0], http_client=guard)
            with pytest.raises(TimeoutError):
                await client.messages.list_async()
        async with AsyncGuardedHttpClient("http://127.0.0.1:9", "key") as usual:
            assert isinstance(usual._inner, AsyncTwilioHttpClient)
            assert usual._inner.timeout == 30
            assert isinstance(usual._session, aiohttp.ClientSession)

    asyncio.run(walk())
