"""The bare floors: the least that a Flask route could do for the same requests, under our own gunicorn settings.

Run as `python -m tests.bench.floors NAME PORT WORKERS`; where it finds the database stands in the environment.
"""

import os
import sqlite3
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import msgspec
import psycopg
from flask import Flask, Response, abort, request
from twilio.request_validator import RequestValidator

from app.server import Server
from tests.cast import TOKEN

DATABASE = "BENCH_DATABASE"
ANSWER = "BENCH_ANSWER"
PUBLIC_URL = "https://stoplist.example"
CHECK = "/v1/check"
WEBHOOK = "/webhooks/twilio/messages"

_TABLE = "CREATE TABLE IF NOT EXISTS said (id TEXT PRIMARY KEY, author TEXT, body TEXT)"
_EMPTY = b'<?xml version="1.0" encoding="UTF-8"?><Response />'


def check() -> Flask:
    """Decode the same JSON and return a constant answer of the same size."""
    app = Flask("floor", static_folder=None)
    decoder = msgspec.json.Decoder(dict[str, str])
    answer = os.environ[ANSWER].encode()

    @app.post(CHECK)
    def check_one() -> Response:
        decoder.decode(request.get_data(cache=False))
        return Response(answer, content_type="application/json")

    return app


def webhook() -> Flask:
    """Validate the signature and commit one row with the driver itself."""
    app = Flask("floor", static_folder=None)
    validator = RequestValidator(TOKEN)
    insert = _inserter(os.environ[DATABASE])

    @app.post(WEBHOOK)
    def inbound() -> Response:
        form = request.form
        given = request.headers.get("X-Twilio-Signature", "")
        if not validator.validate(PUBLIC_URL + WEBHOOK, form, given):
            abort(403)
        insert((form["MessageSid"], form["From"], form["Body"]))
        return Response(_EMPTY, content_type="text/xml; charset=utf-8")

    return app


def make_table(database: str) -> None:
    """Make the one table of the webhook's floor."""
    with closing(_connect(database)) as connection:
        connection.execute(_TABLE)


def _inserter(database: str) -> Callable[[tuple[str, str, str]], None]:
    """Return what inserts and commits one row, over a connection for each thread."""
    mark = "%s" if database.startswith("postgresql:") else "?"
    statement = f"INSERT INTO said VALUES ({mark}, {mark}, {mark})"
    held = threading.local()

    def insert(row: tuple[str, str, str]) -> None:
        if not hasattr(held, "connection"):
            held.connection = _connect(database)
        held.connection.execute(statement, row)

    return insert


def _connect(database: str) -> Any:
    """Open a connection on which every statement commits by itself, and a commit is on disk."""
    if database.startswith("postgresql:"):
        return psycopg.connect(database, autocommit=True)
    path = database.removeprefix("sqlite:///")
    connection = sqlite3.connect(path, isolation_level=None, timeout=10)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def main(name: str, port: int, workers: int) -> None:
    """Serve a floor in the foreground."""
    application = f"tests.bench.floors:{name}()"
    Server(application, host="127.0.0.1", port=port, workers=workers, ready=lambda: None).run()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
