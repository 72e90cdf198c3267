"""gunicorn, set up for us: threads, one application shared by its workers, and errors in our one shape.

Under a process manager: `gunicorn --worker-class app.server.Worker --threads 4 wsgi:app`; its `--timeout` is also
how many seconds a client may stall in the middle of a request.
"""

import json
import logging
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any

from gunicorn import util
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger as GunicornLogger
from gunicorn.http import errors
from gunicorn.util import import_app
from gunicorn.workers.gthread import ThreadWorker

_TOO_LONG = {
    errors.LimitRequestLine: (414, "URI Too Long"),
    errors.LimitRequestHeaders: (431, "Request Header Fields Too Large"),
}
_SWITCH_INTERVAL_S = 0.0005
_USUAL_STALL_S = 30  # without a byte, until a client is hung up on
_close = getattr(util, "close_graceful", util.close)  # as old versions of gunicorn close
_log = logging.getLogger("stoplist.server")


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn is untyped
    """A threaded worker that answers requests it cannot read in the error shape of everything else.

    gunicorn's own answer is HTML that quotes the request, and its log line does too.
    """

    alive: bool

    def init_process(self) -> None:
        """Begin a worker process."""
        # A thread that waited for the database for microseconds would otherwise wait five milliseconds to go on.
        sys.setswitchinterval(_SWITCH_INTERVAL_S)
        super().init_process()

    def is_parent_alive(self) -> bool:
        """Tell whether the master runs; where it does not, end as on SIGTERM, so that a new server finds the port free.

        gunicorn's own way goes on serving connections that are kept alive for as long as it takes.
        """
        self.alive = bool(self.alive and super().is_parent_alive())
        return self.alive

    def handle(self, conn: Any) -> Any:
        """Serve one connection; a client that stalls in the middle of a request does not keep this thread for good.

        The kernel's own timeouts, since gunicorn makes the socket a blocking one again for every request, which
        unsets Python's.
        """
        stall = struct.pack("ll", self.cfg.timeout or _USUAL_STALL_S, 0)
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            conn.sock.setsockopt(socket.SOL_SOCKET, option, stall)
        keep = super().handle(conn)
        if keep is False:
            # gunicorn would wait for the client's own end, up to two seconds, in the one thread that takes new
            # connections. Here it keeps nobody else waiting; a second close does nothing.
            _close(conn.sock)
        return keep

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:  # noqa: ARG002
        """Answer a request that could not be read, or say that something went wrong."""
        unread = isinstance(exc, errors.ParseException | errors.NoMoreData)
        otherwise = (400, "Bad Request") if unread else (500, "Internal Server Error")
        status, title = _TOO_LONG.get(type(exc), otherwise)
        code = "unreadable_request" if unread else "internal_error"
        _log.warning("unreadable request", extra={"error": type(exc).__name__, "status": status})
        body = json.dumps(
            {
                "type": f"urn:stoplist:problem:{code}",
                "title": title,
                "status": status,
                "detail": title,
                "code": code,
            }
        ).encode()
        head = (
            f"HTTP/1.1 {status} {title}\r\nConnection: close\r\n"
            f"Content-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            client.sendall(head.encode() + body)
        except OSError:
            _log.debug("the client is gone")


class Logger(GunicornLogger):  # type: ignore[misc]
    """gunicorn's own lines in our form, and no access log of its own: that one shows URLs."""

    def setup(self, cfg: Any) -> None:
        """Hand every line on to the root logger."""
        self.error_log = logging.getLogger("stoplist.gunicorn")
        self.error_log.setLevel(logging.WARNING)
        self.access_log = logging.getLogger("stoplist.gunicorn.access")
        self.access_log.disabled = True
        self.cfg = cfg

    def reopen_files(self) -> None:
        """Nothing to reopen: all goes to standard error."""


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn in the foreground.

    Args:
        application: where it is, as `module:callable()`; loaded once, before the workers are
            forked.
        host: to listen on.
        port: to listen on.
        workers: processes.
        ready: called once the server listens.
    """

    def __init__(
        self, application: str, *, host: str, port: int, workers: int, ready: Callable[[], None]
    ) -> None:
        self._application = application
        self._options = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": workers,
            "worker_class": Worker,
            "threads": 4,
            "preload_app": True,
            "keepalive": 15,
            "graceful_timeout": 30,
            "logger_class": Logger,
            "control_socket_disable": True,
            "when_ready": lambda _server: ready(),
        }
        super().__init__()

    def load_config(self) -> None:
        """Set what this version of gunicorn knows of our options."""
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """Load the application."""
        return import_app(self._application)
