"""The endpoint that answers for a table of any length: CSV in, CSV out, and memory stays flat.

A client sends all before it reads, so the table is first put into a file that has no name. It is read through once,
so that what is no table is refused in words; only then the answer begins.
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import IO

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from app.actions.keys import Role
from app.actions.scrub import Counts, examine, require_program, scrub
from app.core.errors import MalformedRequest, Unavailable, UnsupportedMediaType
from app.core.phone import is_region
from app.core.program import DEFAULT
from app.core.table import read_table
from app.web import access
from app.wiring import Services

CSV = "text/csv"
_ANY_LENGTH = 2**60
_PIECE = 256 * 1024


def blueprint(services: Services) -> Blueprint:
    """Return the route."""
    scrubbing = Blueprint("scrub", __name__, url_prefix="/v1")

    @scrubbing.post("/scrub")
    def scrub_table() -> Response:
        access.require(services, Role.CHECK)
        if request.mimetype != CSV:
            raise UnsupportedMediaType(f"the body must be declared as {CSV}")
        unknown = set(request.args) - {"column", "program", "region"}
        if unknown:
            raise MalformedRequest("the query takes column, program and region, and nothing else")
        column = request.args.get("column") or None
        program = request.args.get("program") or DEFAULT
        region = request.args.get("region") or services.settings.default_region
        if not is_region(region):
            raise MalformedRequest("region is not a country code")
        require_program(services.db, program)
        with ExitStack() as held:
            given = held.enter_context(_file())
            _spool(given)
            examine(read_table(given), column)
            given.seek(0)
            rows = scrub(
                services.db,
                services.vault,
                read_table(given),
                Counts(),
                column=column,
                program=program,
                region=region,
                now=datetime.now(UTC),
            )
            pieces = (piece.encode() for piece in rows)
            first = next(pieces, b"")  # so that a database that is away is still a 503
            body, length = _sendable(chain([first], pieces), held)
            files = held.pop_all()
        answer = Response(_and_close(body, files), content_type=f"{CSV}; charset=utf-8")
        if length is not None:
            answer.content_length = length
        answer.call_on_close(files.close)
        return answer

    return scrubbing


def _sendable(pieces: Iterable[bytes], held: ExitStack) -> tuple[Iterable[bytes], int | None]:
    """Return an answer so that its reader can tell a whole one from one that broke off, and its length if it is known.

    HTTP/1.1 marks the end of a stream. HTTP/1.0, which some proxies still speak to us, does not: there the answer is
    finished first, and carries its length.
    """
    if request.environ.get("SERVER_PROTOCOL") != "HTTP/1.0":
        return pieces, None
    whole = held.enter_context(_file())
    for piece in pieces:
        whole.write(piece)
    length = whole.tell()
    whole.seek(0)
    return iter(partial(whole.read, _PIECE), b""), length


def _and_close(pieces: Iterable[bytes], files: ExitStack) -> Iterator[bytes]:
    with files:
        yield from pieces


def _spool(given: IO[bytes]) -> None:
    """Put the body of the request into a file, and go back to its beginning.

    Raises:
        MalformedRequest: it did not arrive whole.
        Unavailable: there is no room to keep it.
    """
    request.max_content_length = _ANY_LENGTH
    for piece in iter(_read_piece, b""):
        try:
            given.write(piece)
        except OSError as fault:
            raise Unavailable("there is no room to keep the table while it is read") from fault
    given.seek(0)


def _read_piece() -> bytes:
    try:
        return request.stream.read(_PIECE)
    except HTTPException:
        raise
    except Exception:  # noqa: BLE001  # each server has errors of its own for a body that is broken off
        raise MalformedRequest("the body could not be read to its end") from None


def _file() -> IO[bytes]:
    """Make a file that has no name, that nobody else can open, and that is gone when it is closed."""
    return tempfile.TemporaryFile(prefix="stoplist-")
