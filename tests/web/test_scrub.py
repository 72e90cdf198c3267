"""`POST /v1/scrub`: a table in, the same table with answers out."""

import codecs
import sqlite3
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import exc
from werkzeug.test import TestResponse

from app.actions import keys
from app.actions.keys import Role
from app.core.errors import Unavailable
from app.store import suppressions
from app.store.database import Database
from tests.cast import ALICE, BOB, CAROL
from tests.conftest import Web


def scrub(web: Web, body: bytes, query: str = "", **headers: str) -> TestResponse:
    """Post a table with the admin key."""
    given = {"Authorization": f"Bearer {web.bearer}", "Content-Type": "text/csv", **headers}
    return web.client.post(f"/v1/scrub{query}", data=body, headers=given)


@pytest.fixture(name="scrubbing")
def _scrubbing(web: Web) -> Web:
    """A service in which Alice has opted out."""
    assert web.post("/v1/opt-outs", {"to": ALICE, "source": "agent"}).status_code == 201
    return web


@pytest.mark.parametrize(
    ("given", "answered"),
    [
        (
            f"name,phone\r\nAnn,{ALICE}\r\nBob,{BOB}\r\n",
            f"name,phone,allowed,reason\r\nAnn,{ALICE},false,opted_out\r\nBob,{BOB},true,\r\n",
        ),
        (
            '"Phone";"T"\n"(201) 555-0123";"a; ""b""\nc"\n"x";\n',
            '"Phone";"T";allowed;reason\n"(201) 555-0123";"a; ""b""\nc";false;opted_out\n"x";;false;invalid_number\n',
        ),
        (
            f"to\tname\tcity\n{BOB}\n\n{ALICE}\tAnn",
            f"to\tname\tcity\tallowed\treason\n{BOB}\t\t\ttrue\t\n{ALICE}\tAnn\t\tfalse\topted_out\n",
        ),
        (f"{ALICE}\n2015550124\n", f"{ALICE},false,opted_out\n2015550124,true,\n"),
        ("phone\n1.41556E+10\n", "phone,allowed,reason\n1.41556E+10,false,invalid_number\n"),
        ("phone\n12015550123.0\n", "phone,allowed,reason\n12015550123.0,false,opted_out\n"),
        ("phone\n", "phone,allowed,reason\n"),
        (f"\ufeffphone\n{BOB}\n", f"\ufeffphone,allowed,reason\n{BOB},true,\n"),
    ],
)
def test_the_same_rows_come_back_with_an_answer(scrubbing: Web, given: str, answered: str) -> None:
    """Cells, quotes, delimiter and line ends as they came."""
    response = scrub(scrubbing, given.encode())

    assert (response.status_code, response.content_type) == (200, "text/csv; charset=utf-8")
    assert response.data.decode() == answered


@pytest.mark.parametrize(
    "given",
    [
        f"name,phone\nJosé,{ALICE}\n".encode("latin-1"),
        codecs.BOM_UTF16_LE + f"name,phone\nJosé,{ALICE}\n".encode("utf-16-le"),
    ],
)
def test_the_answer_is_utf_8_whatever_came(scrubbing: Web, given: bytes) -> None:
    """Latin-1 and UTF-16 are understood."""
    answer = scrub(scrubbing, given).data.decode("utf-8").removeprefix("\ufeff")

    assert answer == f"name,phone,allowed,reason\nJosé,{ALICE},false,opted_out\n"


def test_the_query_names_column_program_and_region(scrubbing: Web) -> None:
    """As the check does."""
    scrubbing.post("/v1/opt-outs", {"to": BOB, "source": "agent", "scope": "default"})
    table = f"home,work\n{CAROL},07400 123456\n{CAROL},+1 201 555 0124\n".encode()

    rows = scrub(scrubbing, table, "?column=work&program=default&region=GB").data.decode()

    assert rows.splitlines()[1:] == [
        f"{CAROL},07400 123456,true,",
        f"{CAROL},+1 201 555 0124,false,opted_out",
    ]


@pytest.mark.parametrize(
    ("body", "query", "status", "code", "words"),
    [
        (b"", "", 400, "unreadable_table", "line 1"),
        (b"name,city\n", "", 400, "unreadable_table", "names no column"),
        (b"phone\n", "?column=nope", 400, "unreadable_table", "names no column"),
        (b"phone,Phone\n1,2\n", "", 400, "unreadable_table", "twice, as 1 and 2"),
        (b"phone,reason\n1,2\n", "", 400, "unreadable_table", "already names a column reason"),
        (b"phone\n" + b"1\n" * 9000 + b"1,2\n", "", 400, "unreadable_table", "line 9002 has 2 columns"),
        (b'phone,a\n1,"b\n', "", 400, "unreadable_table", "line 2"),
        (b"phone\n", "?program=nope", 422, "unknown_program", ""),
        (b"phone\n", "?colum=phone", 400, "malformed_request", "takes column"),
        (b"phone\n", "?region=XX", 400, "malformed_request", "region"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_before_the_answer_begins(
    web: Web, body: bytes, query: str, status: int, code: str, words: str
) -> None:
    """With its line, in the one error shape."""
    response = scrub(web, body, query)

    assert response.status_code == status
    assert response.json
    assert response.json["code"] == code
    assert words in response.json["detail"]


def test_a_table_is_longer_than_any_other_body_may_be(scrubbing: Web) -> None:
    """The limit of the others does not hold here."""
    body = f"phone,text\n{BOB},{'x' * 500_000}\n{BOB},{'x' * 900_000}\n{ALICE},\n".encode()

    response = scrub(scrubbing, body)

    assert response.status_code == 200
    assert response.data.endswith(f"{ALICE},,false,opted_out\n".encode())
    assert scrubbing.post("/v1/check", {"to": "1" * 2_000_000}).status_code == 413


def test_only_a_key_that_may_check_may_scrub(web: Web) -> None:
    """And only CSV is read."""
    writer = keys.create(web.services.db, name="w", roles=[Role.WRITE], now=datetime.now(UTC))

    assert scrub(web, b"phone\n", Authorization=f"Bearer {writer.bearer}").status_code == 403
    assert scrub(web, b"phone\n", Authorization="").status_code == 401
    assert scrub(web, b"phone\n", **{"Content-Type": "application/json"}).status_code == 415


def test_a_database_that_goes_away_in_the_middle_breaks_the_answer_off(
    scrubbing: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A short table never looks whole; one that was away from the start is a 503."""
    many, calls = suppressions.many, []

    def fails_later(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) > int(fails_after[0]):
            raise exc.OperationalError("", {}, sqlite3.OperationalError())
        return many(*arguments)

    monkeypatch.setattr(suppressions, "many", fails_later)
    fails_after = [1]
    table = b"phone\n" + f"{BOB}\n".encode() * 12_000

    response = scrub(scrubbing, table)
    with pytest.raises(Unavailable):
        response.get_data()

    fails_after[0], calls[:] = 0, []
    refused = scrub(scrubbing, table)
    assert (refused.status_code, refused.json and refused.json["code"]) == (503, "unavailable")


def test_what_is_said_while_it_runs_counts_for_what_is_still_to_come(
    scrubbing: Web, db: Database
) -> None:
    """Every lot of rows reads the present."""
    table = b"phone\n" + f"{BOB}\n".encode() * 12_000
    pieces = scrub(scrubbing, table).iter_encoded()
    first = next(iter(pieces))

    scrubbing.post("/v1/opt-outs", {"to": BOB, "source": "agent"})
    rest = b"".join(pieces)

    assert b"false" not in first
    assert rest.endswith(f"{BOB},false,opted_out\n".encode())


def test_an_old_proxy_gets_a_length(scrubbing: Web) -> None:
    """HTTP/1.0 does not mark the end of a stream."""
    response = scrubbing.client.post(
        "/v1/scrub",
        data=f"phone\n{ALICE}\n",
        headers={"Authorization": f"Bearer {scrubbing.bearer}", "Content-Type": "text/csv"},
        environ_overrides={"SERVER_PROTOCOL": "HTTP/1.0"},
    )

    assert response.content_length == len(response.data)
    assert response.data.endswith(b"false,opted_out\n")
