"""The gate: Twilio's Messages resource with the check in front of it, before a Twilio that is real enough."""

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.actions import keys
from app.actions.keys import Role
from app.actions.purge import Keep, purge
from app.store.tables import events, metadata, sends
from tests.cast import ACCOUNT, ALICE, BOB, LONG_CODE, TOKEN
from tests.conftest import Web
from tests.twilio_api import Fault, TwilioApi

PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
OTHER_ACCOUNT = "AC" + "1" * 32
SERVICE = "MG" + "0" * 32
TO_ALICE = [("To", ALICE), ("From", LONG_CODE), ("Body", "Hello Alice")]


class Sender:
    """A sender that knows Twilio's token, or what is given in its place."""

    def __init__(self, web: Web, password: str = TOKEN, *, user: str = ACCOUNT) -> None:
        self._web = web
        self._basic = base64.b64encode(f"{user}:{password}".encode()).decode()

    def send(
        self, *pairs: tuple[str, str], path: str = PATH, key: str | None = None, **more: Any
    ) -> TestResponse:
        """Post a form; by default to Alice."""
        headers = {"Authorization": f"Basic {self._basic}"} | more.pop("headers", {})
        if key is not None:
            headers["Idempotency-Key"] = key
        asked = {
            "data": urlencode(pairs or TO_ALICE),
            "content_type": "application/x-www-form-urlencoded",
            **more,
        }
        return self._web.client.post(path, headers=headers, **asked)


@pytest.fixture(name="gated")
def _gated(make_web: Callable[..., Web], twilio_api: TwilioApi) -> Web:
    return make_web(TWILIO_ACCOUNT_SID=ACCOUNT, STOPLIST_TWILIO_API_URL=twilio_api.url)


@pytest.fixture(name="sender")
def _sender(gated: Web) -> Sender:
    return Sender(gated)


def _records(web: Web) -> list[Any]:
    with web.services.db.reading() as connection:
        return list(connection.execute(sa.select(sends).order_by(sends.c.id)))


def _error(response: TestResponse) -> tuple[int, int]:
    """Return status and code of an error, which must be in Twilio's shape."""
    body = response.json
    assert body is not None
    assert response.content_type == "application/json"
    assert {"code", "message", "more_info", "status"} <= set(body) <= {
        "code", "message", "more_info", "status", "details"
    }  # fmt: skip
    assert body["more_info"] == f"https://www.twilio.com/docs/errors/{body['code']}"
    assert body["status"] == response.status_code
    assert "201555" not in response.text
    return response.status_code, body["code"]


# --- what goes through


def test_what_is_allowed_is_handed_on_and_twilios_answer_returned_as_it_is(
    sender: Sender, gated: Web, twilio_api: TwilioApi
) -> None:
    """Status, body and content type; and the record says accepted, with Twilio's id."""
    answer = sender.send()

    (sent,) = twilio_api.account.sends
    assert answer.status_code == 201
    assert answer.content_type == "application/json;charset=utf-8"
    assert answer.json is not None
    assert (answer.json["sid"], answer.json["status"]) == (sent.sid, "queued")
    assert sent.form == {"To": [ALICE], "From": [LONG_CODE], "Body": ["Hello Alice"]}
    (record,) = _records(gated)
    assert (record.state, record.sid, record.status) == ("accepted", sent.sid, 201)
    assert (record.program, record.sender, record.reason) == ("default", LONG_CODE, None)
    assert record.created_at <= record.decided_at <= record.finished_at


def test_every_parameter_arrives_in_its_place(sender: Sender, twilio_api: TwilioApi) -> None:
    """Repeated ones, empty ones, those we do not know, and letters of every kind."""
    pairs = [
        ("To", BOB),
        ("MediaUrl", "https://example.com/1?a=b&c=d"),
        ("MediaUrl", "https://example.com/2"),
        ("MessagingServiceSid", SERVICE),
        ("StatusCallback", "https://example.com/status"),
        ("Body", "Grüße & 100 % + 😀\r\n"),
        ("ContentVariables", '{"1": "x"}'),
        ("Unheard-Of", ""),
    ]

    answer = sender.send(*pairs)

    (sent,) = twilio_api.account.sends
    assert answer.status_code == 201
    given = [(name, value) for name, values in sent.form.items() for value in values]
    assert sorted(given) == sorted(pairs)
    assert sent.form["MediaUrl"] == ["https://example.com/1?a=b&c=d", "https://example.com/2"]


@pytest.mark.parametrize(
    ("written", "handed_on"),
    [
        (ALICE, ALICE),
        (f" {ALICE} ", ALICE),
        ("(201) 555-0123", ALICE),
        ("12015550123", ALICE),
        (f"whatsapp:{ALICE}", f"whatsapp:{ALICE}"),
        (f"rcs:{ALICE}", f"rcs:{ALICE}"),
        ("whatsapp:+1 201 555 0123", f"whatsapp:{ALICE}"),
    ],
)
def test_a_recipient_is_checked_and_handed_on_as_the_same_number(
    sender: Sender, gated: Web, twilio_api: TwilioApi, written: str, handed_on: str
) -> None:
    """However it is spelled; a spelling without a country code is not left to be read otherwise."""
    pairs = [("To", written), ("From", LONG_CODE), ("Body", "Hello")]
    assert sender.send(*pairs).status_code == 201
    assert twilio_api.account.sends[0].to == handed_on

    gated.message("SM1", ALICE, "STOP")

    assert _error(sender.send(*pairs)) == (400, 21610)
    assert len(twilio_api.account.sends) == 1


# --- what does not


def test_after_a_stop_nothing_is_sent_and_the_refusal_says_why(
    sender: Sender, gated: Web, twilio_api: TwilioApi
) -> None:
    """In Twilio's shape, as the guarded clients explain it, and on record."""
    gated.message("SM1", ALICE, "STOP")

    answer = sender.send()

    assert _error(answer) == (400, 21610)
    assert answer.json is not None
    assert "opted_out" in answer.json["message"]
    details = answer.json["details"]
    assert list(details) == ["reason", "program", "scope", "since", "certainty", "retry_at"]
    assert (details["reason"], details["scope"]) == ("opted_out", "*")
    assert details["since"].endswith("Z")
    assert not twilio_api.account.seen
    (record,) = _records(gated)
    assert (record.state, record.reason, record.code, record.sid) == (
        "refused", "opted_out", 21610, None
    )  # fmt: skip


def test_the_program_is_that_of_the_sender_or_of_the_service(
    sender: Sender, gated: Web, twilio_api: TwilioApi
) -> None:
    """However the sender is spelled; a number goes before its service, and who is not mapped is the default."""
    gated.put_program("alerts", senders=[LONG_CODE])
    gated.put_program("offers", senders=[SERVICE], requires_consent=True)
    service, number = ("MessagingServiceSid", SERVICE), ("From", LONG_CODE)
    national, else_where = ("From", "(201) 555-0100"), ("From", "+12015550199")
    to_bob = [("To", BOB), ("Body", "Hello")]

    refused = sender.send(*to_bob, service)
    allowed = [
        sender.send(*to_bob, *by) for by in ([number], [national], [service, number], [else_where])
    ]

    assert _error(refused) == (400, 21610)
    assert refused.json is not None
    assert (refused.json["details"]["reason"], refused.json["details"]["program"]) == (
        "no_consent", "offers"
    )  # fmt: skip
    assert {answer.status_code for answer in allowed} == {201}
    programs = [record.program for record in _records(gated)]
    assert programs == ["offers", "alerts", "alerts", "alerts", "default"]
    assert len(twilio_api.account.sends) == 4


@pytest.mark.parametrize(
    "to", ["nobody", "55501", "messenger:12015550123", "+1201555", "client:alice"]
)
def test_whom_nobody_can_check_is_not_sent_to(
    sender: Sender, gated: Web, twilio_api: TwilioApi, to: str
) -> None:
    """Answered as Twilio answers what is no number, and not as somebody who unsubscribed."""
    assert _error(sender.send(("To", to), ("From", LONG_CODE), ("Body", "x"))) == (400, 21211)
    assert not twilio_api.account.seen
    assert [record.reason for record in _records(gated)] == ["invalid_number"]


@pytest.mark.parametrize("pairs", [[("From", LONG_CODE)], [("To", ""), ("From", LONG_CODE)]])
def test_a_message_to_nobody_is_answered_as_twilio_does(
    sender: Sender, twilio_api: TwilioApi, pairs: list[tuple[str, str]]
) -> None:
    """Without asking it."""
    assert _error(sender.send(*pairs, ("Body", "x"))) == (400, 21604)
    assert not twilio_api.account.seen


@pytest.mark.parametrize(
    "more",
    [
        {"data": urlencode([("To", ALICE), ("To", BOB)])},
        {"data": urlencode([("To", BOB), ("to", ALICE)])},
        {"data": urlencode([*TO_ALICE, ("From", SERVICE)])},
        {"data": b"To=%ff&From=x"},
        {"data": b"To=\xff"},
        {"data": urlencode([*TO_ALICE, ("ScheduleType", "fixed")])},
        {"data": urlencode([*TO_ALICE, ("SendAt", "2030-01-01T00:00:00")])},
        {"data": "&".join(f"a{n}=1" for n in range(2000))},
        {"path": PATH + "?Body=x"},
        {"headers": {"Idempotency-Key": "x" * 256}},
        {"headers": {"Idempotency-Key": "x", "I-Twilio-Idempotency-Token": "y"}},
    ],
)
def test_what_could_be_read_in_two_ways_is_not_sent(
    sender: Sender, twilio_api: TwilioApi, more: dict[str, Any]
) -> None:
    """Two recipients, bytes that are no text, a schedule for no instant, parameters in the address."""
    assert _error(sender.send(**more)) == (400, 20400)
    assert not twilio_api.account.seen


def test_a_body_that_is_no_form_is_refused(sender: Sender, twilio_api: TwilioApi) -> None:
    """Twilio takes forms, and so do we."""
    answers = [
        sender.send(data="{}", content_type=kind) for kind in ("application/json", "text/plain")
    ]
    too_large = sender.send(data=b"To=" + b"1" * 2_000_000)

    assert [_error(answer) for answer in answers] == [(415, 20415)] * 2
    assert _error(too_large) == (413, 20413)
    assert not twilio_api.account.seen


# --- who may


@pytest.mark.parametrize(
    ("user", "password", "path"),
    [
        (ACCOUNT, "wrong", PATH),
        (ACCOUNT, "", PATH),
        (OTHER_ACCOUNT, TOKEN, PATH),
        (OTHER_ACCOUNT, TOKEN, PATH.replace(ACCOUNT, OTHER_ACCOUNT)),
        (ACCOUNT, TOKEN, PATH.replace(ACCOUNT, OTHER_ACCOUNT)),
        (ACCOUNT, "sl_000000000000_" + "0" * 48, PATH),
        ("", TOKEN, PATH),
    ],
)
def test_who_does_not_hold_the_accounts_token_is_401(
    gated: Web, twilio_api: TwilioApi, user: str, password: str, path: str
) -> None:
    """In Twilio's shape, and before anything else is judged."""
    sender = Sender(gated, password, user=user)

    answer = sender.send(path=path)

    assert _error(answer) == (401, 20003)
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert not twilio_api.account.seen
    assert not _records(gated)


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !", "Basic /w==", f"Bearer {TOKEN}", "x y z"]
)
def test_credentials_of_no_form_are_401(gated: Web, header: str) -> None:
    """Never a crash."""
    answer = gated.client.post(PATH, data=dict(TO_ALICE), headers={"Authorization": header})

    assert _error(answer) == (401, 20003)
    assert _error(gated.client.post(PATH, data=dict(TO_ALICE))) == (401, 20003)


def test_an_access_key_stands_in_for_the_token(gated: Web, twilio_api: TwilioApi) -> None:
    """With the role write, or admin: a key that may only ask must not begin to spend money."""
    made = {
        role: keys.create(gated.services.db, name="x", roles=[role], now=datetime.now(UTC))
        for role in Role
    }
    answers = {role: Sender(gated, key.bearer).send() for role, key in made.items()}

    assert {role for role, answer in answers.items() if answer.status_code == 201} == {
        Role.WRITE, Role.ADMIN
    }  # fmt: skip
    assert {_error(answers[role]) for role in (Role.CHECK, Role.READ)} == {(403, 20403)}
    assert len(twilio_api.account.sends) == 2
    keys.revoke(gated.services.db, made[Role.WRITE].id, now=datetime.now(UTC))
    assert _error(Sender(gated, made[Role.WRITE].bearer).send()) == (401, 20003)


def test_every_listed_token_is_taken_while_one_is_rotated(
    make_web: Callable[..., Web], twilio_api: TwilioApi
) -> None:
    """Of the account's own setting and of the list of accounts; each account has its own."""
    web = make_web(
        TWILIO_ACCOUNT_SID=ACCOUNT,
        TWILIO_AUTH_TOKEN=f"{TOKEN},newer",
        STOPLIST_TWILIO_ACCOUNTS=f'{{"{OTHER_ACCOUNT}": ["other"]}}',
        STOPLIST_TWILIO_API_URL=twilio_api.url,
    )

    assert [Sender(web, token).send().status_code for token in (TOKEN, "newer")] == [201, 201]
    assert _error(Sender(web, "other").send()) == (401, 20003)
    other = Sender(web, "other", user=OTHER_ACCOUNT)
    assert (
        other.send(path=PATH.replace(ACCOUNT, OTHER_ACCOUNT)).status_code == 401
    )  # of Twilio itself
    assert [record.account for record in _records(web)] == [ACCOUNT, ACCOUNT, OTHER_ACCOUNT]


def test_without_an_account_there_is_no_gate(web: Web) -> None:
    """404 in Twilio's shape, whoever asks."""
    assert _error(Sender(web).send()) == (404, 20404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", PATH),
        ("DELETE", PATH),
        ("OPTIONS", PATH),
        ("POST", PATH + "/"),
        ("POST", PATH.removesuffix(".json")),
        ("POST", PATH.replace("Messages", "Calls")),
        ("POST", PATH.replace("/Messages", "//Messages")),
        ("POST", PATH.replace("Messages.json", "SMS/Messages.json")),
        ("GET", f"/2010-04-01/Accounts/{ACCOUNT}.json"),
        ("GET", "/2010-04-01/"),
    ],
)
def test_the_rest_of_the_api_is_not_here(gated: Web, method: str, path: str) -> None:
    """404 in Twilio's shape."""
    assert _error(gated.client.open(path, method=method)) == (404, 20404)


# --- idempotency


def test_the_same_key_and_request_is_one_send_with_one_answer(
    sender: Sender, gated: Web, twilio_api: TwilioApi
) -> None:
    """Byte for byte; under either name of the header; the order of the parameters aside."""
    first = sender.send(key="order-1")
    again = sender.send(key="order-1")
    turned = sender.send(*reversed(TO_ALICE), headers={"I-Twilio-Idempotency-Token": "order-1"})
    other = sender.send(key="order-2")

    assert first.status_code == 201
    assert first.data == again.data == turned.data != other.data
    assert again.content_type == first.content_type
    assert len(twilio_api.account.sends) == len(_records(gated)) == 2


def test_the_same_key_for_another_message_is_409(sender: Sender, twilio_api: TwilioApi) -> None:
    """Nothing is sent, neither the other nor the first again."""
    sender.send(key="order-1")

    other = sender.send(("To", BOB), ("From", LONG_CODE), ("Body", "Hello Bob"), key="order-1")

    assert _error(other) == (409, 20409)
    assert len(twilio_api.account.sends) == 1


def test_a_refusal_is_kept_under_its_key_too(sender: Sender, gated: Web) -> None:
    """Ours as Twilio's: whatever has changed since, the key stands for its first answer."""
    gated.message("SM1", ALICE, "STOP")
    refused = sender.send(key="order-1")
    gated.message("SM2", ALICE, "START")

    assert sender.send(key="order-1").data == refused.data
    gated.post("/v1/opt-ins", {"to": ALICE, "program": "default", "source": "agent"})


def test_a_key_is_known_under_a_newer_secret(
    make_web: Callable[..., Web], twilio_api: TwilioApi
) -> None:
    """A retry that straddles a rotation sends nothing twice."""
    settings = {"TWILIO_ACCOUNT_SID": ACCOUNT, "STOPLIST_TWILIO_API_URL": twilio_api.url}
    before = make_web(**settings)
    first = Sender(before).send(key="order-1")
    secret = before.services.settings.secret_keys[0]
    after = make_web(
        **settings, STOPLIST_SECRET_KEYS=f"a-newer-secret-that-is-long-enough,{secret}"
    )

    assert Sender(after).send(key="order-1").data == first.data
    assert len(twilio_api.account.sends) == 1


# --- when Twilio is not well


@pytest.mark.parametrize("fault", [Fault(status=500, acts=True), Fault(status=503), Fault(cut=True, acts=True),
                                   Fault(cut=True), Fault(status=408, acts=True), Fault(status=302)])  # fmt: skip
def test_an_outcome_that_nobody_knows_is_said_so_and_never_tried_again(
    sender: Sender, gated: Web, twilio_api: TwilioApi, fault: Fault
) -> None:
    """Asked again under its key it is still unknown, and Twilio is asked once in all."""
    twilio_api.account.goes_wrong(fault)

    first, again = sender.send(key="order-1"), sender.send(key="order-1")

    assert _error(first) == (503, 20503)
    assert first.json is not None
    assert first.json["details"] == {"outcome": "unknown"}
    assert "not known" in first.json["message"]
    assert "Retry-After" not in first.headers
    assert again.data == first.data
    assert len(twilio_api.account.seen) == 1
    assert [record.state for record in _records(gated)] == ["unknown"]


def test_twilio_out_of_reach_is_503_and_may_be_tried_again(
    make_web: Callable[..., Web], twilio_api: TwilioApi
) -> None:
    """Nothing was sent, so the same key sends when Twilio is back."""
    settings = {"TWILIO_ACCOUNT_SID": ACCOUNT}
    away = make_web(**settings, STOPLIST_TWILIO_API_URL="http://127.0.0.1:9")

    answer = Sender(away).send(key="order-1")

    assert _error(answer) == (503, 20503)
    assert answer.json is not None
    assert answer.json["details"] == {"outcome": "not_sent"}
    assert int(answer.headers["Retry-After"]) > 0
    back = make_web(**settings, STOPLIST_TWILIO_API_URL=twilio_api.url)
    assert Sender(back).send(key="order-1").status_code == 201
    assert [record.state for record in _records(back)] == ["unsent", "accepted"]


def test_too_many_is_passed_on_and_the_same_key_may_try_again(
    sender: Sender, gated: Web, twilio_api: TwilioApi
) -> None:
    """Twilio does nothing of what it answers 429."""
    twilio_api.account.goes_wrong(Fault(status=429))

    first, again = sender.send(key="order-1"), sender.send(key="order-1")

    assert (first.status_code, again.status_code) == (429, 201)
    assert len(twilio_api.account.sends) == 1
    assert [record.state for record in _records(gated)] == ["refused", "accepted"]


def test_twilios_own_refusal_is_returned_as_it_is(
    sender: Sender, gated: Web, twilio_api: TwilioApi
) -> None:
    """And on record with its code; under its key it is not asked for again."""
    nameless = [("To", ALICE), ("Body", "Hello")]

    first, again = sender.send(*nameless, key="order-1"), sender.send(*nameless, key="order-1")

    assert _error_of_twilio(first) == _error_of_twilio(again) == (400, 21603)
    assert len(twilio_api.account.seen) == 1
    assert [(record.state, record.code, record.reason) for record in _records(gated)] == [
        ("refused", 21603, None)
    ]


def _error_of_twilio(response: TestResponse) -> tuple[int, int]:
    assert response.json is not None
    return response.status_code, response.json["code"]


def test_what_twilio_blocks_is_blocked_here_from_then_on(
    sender: Sender, gated: Web, twilio_api: TwilioApi
) -> None:
    """A block that we did not hear of becomes a fact; Twilio is not asked a second time."""
    twilio_api.account.block(ALICE, sender=LONG_CODE)

    first, second = sender.send(), sender.send()

    assert first.json is not None
    assert first.json["message"] == "Attempt to send to unsubscribed recipient"
    assert _error(second) == (400, 21610)
    assert len(twilio_api.account.seen) == 1
    with gated.services.db.reading() as connection:
        (fact,) = connection.execute(sa.select(events))
    assert (fact.kind, fact.cause, fact.scope, fact.source) == ("blocked", "carrier", "*", "twilio")
    assert fact.source_ref == f"21610:{_records(gated)[0].id}"
    assert gated.check(ALICE)["reason"] == "blocked"
    told = gated.post("/v1/history", {"to": ALICE}).json
    assert told is not None
    assert "21610" in told["events"][0]["note"]


# --- scheduled messages


def _scheduled(**more: str) -> list[tuple[str, str]]:
    at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    named = {"To": ALICE, "MessagingServiceSid": SERVICE, "Body": "Hello", **more}
    return [*named.items(), ("ScheduleType", "fixed"), ("SendAt", at)]


def _called_off(web: Web) -> list[str | None]:
    return [record.called_off for record in _records(web)]


@pytest.mark.parametrize("by", ["STOP", "agent", "block"])
def test_a_refusal_before_its_time_calls_a_scheduled_message_off(
    sender: Sender, gated: Web, twilio_api: TwilioApi, by: str
) -> None:
    """By whatever way it comes; other people's messages stay."""
    answer = sender.send(*_scheduled())
    sender.send(*_scheduled(To=BOB))
    sender.send()
    assert answer.json is not None
    assert answer.json["status"] == "scheduled"

    if by == "STOP":
        gated.message("SM1", ALICE, "STOP").close()
    elif by == "agent":
        gated.post("/v1/opt-outs", {"to": ALICE, "source": "agent"}).close()
    else:
        gated.post("/v1/blocks", {"to": ALICE, "cause": "legal", "note": "x"}).close()

    assert [sent.status for sent in twilio_api.account.sends] == ["canceled", "scheduled", "sent"]
    assert _called_off(gated) == ["canceled", None, None]


def test_a_stop_to_one_program_leaves_what_another_scheduled(
    sender: Sender, gated: Web, twilio_api: TwilioApi
) -> None:
    """What stands decides, and not that somebody once said STOP."""
    gated.put_program("offers", senders=[SERVICE])
    sender.send(*_scheduled())
    stop = {"to": ALICE, "scope": "default", "source": "agent"}

    gated.post("/v1/opt-outs", stop).close()
    assert _called_off(gated) == [None]

    gated.post("/v1/opt-outs", {**stop, "scope": "offers"}).close()
    assert _called_off(gated) == ["canceled"]
    assert twilio_api.account.sends[0].status == "canceled"


def test_a_stop_that_finds_twilio_away_is_made_up_for_by_the_next_request(
    make_web: Callable[..., Web], twilio_api: TwilioApi
) -> None:
    """The scheduled message itself is what is due: another process finds it."""
    settings = {"TWILIO_ACCOUNT_SID": ACCOUNT, "STOPLIST_TWILIO_API_URL": twilio_api.url}
    web = make_web(**settings)
    Sender(web).send(*_scheduled())
    twilio_api.account.goes_wrong(Fault(status=503), times=1)
    stop = web.message("SM1", ALICE, "STOP")
    stop.close()
    assert stop.status_code == 200
    assert _called_off(web) == [None]

    make_web(**settings).client.get("/healthz").close()

    assert _called_off(web) == ["canceled"]
    assert twilio_api.account.sends[0].status == "canceled"


def test_what_went_out_before_the_stop_is_noted_as_such(
    sender: Sender, gated: Web, twilio_api: TwilioApi
) -> None:
    """Twilio will not cancel it, and is not asked again."""
    sender.send(*_scheduled())
    twilio_api.account.sends[0].status = "sent"

    for number in range(2):
        gated.message(f"SM{number}", ALICE, "STOP").close()

    assert _called_off(gated) == ["failed"]
    assert len([seen for seen in twilio_api.account.seen if "/Messages/" in seen.path]) == 1


def test_a_scheduled_message_is_checked_for_its_own_hour(sender: Sender, gated: Web) -> None:
    """Sent at night for the day it is allowed, by day for the night it is not."""
    gated.put_program("offers", senders=[SERVICE], quiet_hours="block")
    noon, night = "2030-06-12T17:00:00Z", "2030-06-12T07:00:00Z"  # in New Jersey 13:00 and 03:00

    def at(moment: str) -> TestResponse:
        pairs = [pair for pair in _scheduled() if pair[0] != "SendAt"]
        return sender.send(*pairs, ("SendAt", moment))

    assert at(noon).status_code == 201
    refused = at(night)
    assert _error(refused) == (400, 21610)
    assert refused.json is not None
    assert refused.json["details"]["reason"] == "quiet_hours"


# --- what is held


def test_no_record_shows_a_number_or_a_text(
    sender: Sender, gated: Web, capfd: pytest.CaptureFixture[str]
) -> None:
    """In no column and no log line, of none of the outcomes."""
    sender.send(key=f"hello-{ALICE}")
    gated.message("SM1", ALICE, "STOP")
    sender.send(key=f"again-{ALICE}")
    sender.send(("To", ALICE), ("To", BOB))

    held = ""
    with gated.services.db.reading() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(sa.select(table)):
                held += "|".join(
                    v.decode("latin-1") if isinstance(v, bytes) else str(v) for v in row
                )
    logged = capfd.readouterr().err
    for spelling in ("2015550123", "555-0123", "Hello Alice", TOKEN):
        assert spelling not in held + logged
    assert re.search(r"Accounts/<account_sid>/Messages\.json", logged)


def test_an_answer_is_kept_for_a_week_and_its_record_for_good(sender: Sender, gated: Web) -> None:
    """After the purge the key is free; the record shows what became of the message, and nothing else."""
    sender.send(key="order-1")
    services, keep = gated.services, Keep(evidence=timedelta(days=3653))

    def at(days: int) -> int:
        now = datetime.now(UTC) + timedelta(days=days)
        return purge(services.db, services.vault, keep, now=now, on_progress=lambda _: None).answers

    assert [at(6), at(8), at(9)] == [0, 1, 0]
    (record,) = _records(gated)
    assert (record.state, record.idempotency_key, record.sealed_answer) == ("accepted", None, None)


def test_who_is_erased_is_in_no_answer_and_yet_not_sent_to_twice(
    sender: Sender, gated: Web, twilio_api: TwilioApi
) -> None:
    """Under its key the outcome is no longer known."""
    sender.send(key="order-1")

    gated.post("/v1/subjects/erase", {"to": ALICE})

    assert [record.sealed_answer for record in _records(gated)] == [None]
    assert _error(sender.send(key="order-1")) == (503, 20503)
    assert len(twilio_api.account.sends) == 1


def test_the_description_holds_the_gate(gated: Web) -> None:
    """With Basic authentication and both shapes of an answer."""
    described = gated.client.get("/openapi.json").json
    assert described is not None

    operation = described["paths"]["/2010-04-01/Accounts/{account_sid}/Messages.json"]["post"]

    assert operation["security"] == [{"twilioBasic": []}]
    assert {"201", "400", "401", "404", "409", "429", "503"} <= set(operation["responses"])
