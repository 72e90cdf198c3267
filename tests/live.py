"""A real server in processes of its own, started by the command that users type."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
from twilio.request_validator import RequestValidator

from tests.cast import ACCOUNT, LONG_CODE, TOKEN

WEBHOOK = "/webhooks/twilio/messages"
_START_S = 30.0


class LiveServer:
    """`stoplist serve` on a free port of this machine.

    Args:
        data_dir: its data directory.
        settings: environment variables beside the test's token.
        workers: processes.
        code: the checkout to run; else the one that this runs in.
    """

    def __init__(
        self,
        data_dir: Path,
        settings: Mapping[str, str] | None = None,
        *,
        workers: int = 2,
        code: Path | None = None,
    ) -> None:
        self.data_dir = data_dir
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = {"TWILIO_AUTH_TOKEN": TOKEN, **(settings or {})}
        self._workers = workers
        self._code = code
        self._process: subprocess.Popen[bytes] | None = None
        self.output = data_dir.parent / f"{data_dir.name}.log"

    @property
    def environment(self) -> dict[str, str]:
        """The environment for this server and for commands that are to find its data."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("STOPLIST_", "TWILIO_"))}
        return {**kept, **self.settings, "STOPLIST_DATA_DIR": str(self.data_dir)}

    @property
    def pid(self) -> int:
        """Of the master process."""
        assert self._process is not None
        return self._process.pid

    @property
    def access_key(self) -> str:
        """The first access key, as the server left it in its data directory."""
        return (self.data_dir / "access-key").read_text().strip()

    @property
    def database_url(self) -> str:
        """Of the database that it writes to."""
        embedded = f"sqlite:///{self.data_dir / 'stoplist.db'}"
        return self.settings.get("STOPLIST_DATABASE_URL") or embedded

    def start(self) -> "LiveServer":
        """Start and wait until it answers."""
        command = [sys.executable, "-m", "app.cli", "serve", "--port", str(self.port)]
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                [*command, "--workers", str(self._workers)],
                env=self.environment,
                cwd=self._code,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.wait()
        return self

    def wait(self, path: str = "/healthz") -> None:
        """Wait until a path answers 200."""
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            assert self._process is None or self._process.poll() is None, self.output.read_text()
            try:
                if requests.get(self.url + path, timeout=2).ok:
                    return
            except requests.RequestException:
                time.sleep(0.05)
        raise AssertionError(f"no answer in {_START_S} s:\n{self.output.read_text()}")

    def worker_pids(self) -> list[int]:
        """The processes that answer requests."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def kill_worker(self, pid: int) -> None:
        """Send SIGKILL to one worker, if it still runs."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def kill_master(self) -> None:
        """Send SIGKILL to the process that the workers are children of, and to it alone."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(timeout=10)

    def stop(self) -> int:
        """Send SIGTERM and return the exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(timeout=40)

    def kill(self) -> None:
        """Send SIGKILL to every process of it at once, if it still runs."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(timeout=10)


class Client:
    """What carriers and senders do to a server, over connections of its own."""

    def __init__(self, server: LiveServer) -> None:
        self._server = server
        self.session = requests.Session()

    def message(
        self, message_id: str, author: str, text: str, *, to: str = LONG_CODE, **fields: str
    ) -> requests.Response:
        """Post an inbound message, signed by Twilio's own validator."""
        url = self._server.url + WEBHOOK
        form = inbound_form(message_id, author, text, to=to, **fields)
        signature = RequestValidator(TOKEN).compute_signature(url, form)
        return self.session.post(
            url, data=form, headers={"X-Twilio-Signature": signature}, timeout=30
        )

    def check(self, to: str, **more: Any) -> requests.Response:
        """Ask whether a number may be texted."""
        return self._post("/v1/check", {"to": to, **more})

    def check_bulk(self, to: list[str], **more: Any) -> requests.Response:
        """Ask whether numbers may be texted."""
        return self._post("/v1/check/bulk", {"to": to, **more})

    def _post(self, path: str, body: dict[str, Any]) -> requests.Response:
        return self.session.post(
            self._server.url + path,
            json=body,
            headers={"Authorization": f"Bearer {self._server.access_key}"},
            timeout=30,
        )


def inbound_form(
    message_id: str, author: str, text: str, *, to: str = LONG_CODE, **fields: str
) -> dict[str, str]:
    """Return the form that Twilio posts for an inbound message, empty values included."""
    return {
        "MessageSid": message_id,
        "SmsSid": message_id,
        "SmsMessageSid": message_id,
        "AccountSid": ACCOUNT,
        "From": author,
        "To": to,
        "Body": text,
        "NumMedia": "0",
        "NumSegments": "1",
        "FromZip": "",
        "FromCity": "",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
        **fields,
    }


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
