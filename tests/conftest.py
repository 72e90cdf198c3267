"""What many tests share: both databases, an application on each, and a real server."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from app.actions import keys
from app.actions.keys import Role
from app.actions.migrate import migrate
from app.config import Settings, read_settings
from app.core.vault import Vault
from app.factory import create_app
from app.store.database import Database, parse_url
from app.store.tables import metadata
from app.wiring import Services
from tests.cast import LONG_CODE, SECRET, TOKEN
from tests.live import WEBHOOK, LiveServer, inbound_form
from tests.postgres import Postgres
from tests.twilio_api import TwilioApi

BOTH = ("sqlite", "postgresql")
SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session", name="postgres")
def _postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("postgres"))
    yield server
    server.close()


@pytest.fixture(scope="session", name="migrated_sqlite")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    db = Database(parse_url(f"sqlite:///{path}"))
    migrate(db)
    with db.begin() as tx:
        tx.exec_driver_sql("SELECT 1")
    db.dispose()
    return path


@pytest.fixture(scope="session", name="migrated_postgres")
def _migrated_postgres(postgres: Postgres) -> str:
    url = postgres.create("shared")
    db = Database(parse_url(url))
    migrate(db)
    db.dispose()
    return url


@pytest.fixture(name="database_url", params=BOTH)
def _database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated, empty database: the test runs once on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "stoplist.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("migrated_postgres")
    _empty(url)
    return url


def _empty(url: str) -> None:
    db = Database(parse_url(url))
    with db.begin() as tx:
        names = ", ".join(table.name for table in metadata.sorted_tables)
        tx.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY"))
        tx.execute(
            metadata.tables["programs"].insert(),
            {"id": "default", "name": "Default program"},
        )
    db.dispose()


@pytest.fixture(name="vault", scope="session")
def _vault() -> Vault:
    return Vault((SECRET,))


@pytest.fixture(name="db")
def _db(database_url: str, vault: Vault) -> Iterator[Database]:
    db = Database(parse_url(database_url), fingerprints=vault.fingerprints)
    yield db
    db.dispose()


@pytest.fixture(name="make_settings")
def _make_settings(database_url: str, tmp_path: Path) -> Callable[..., Settings]:
    """Return a maker of settings for the test's database; keywords are further environment variables."""

    def make(**more: str) -> Settings:
        return read_settings(
            {
                "STOPLIST_DATABASE_URL": database_url,
                "STOPLIST_DATA_DIR": str(tmp_path / "data"),
                "STOPLIST_SECRET_KEYS": SECRET,
                "TWILIO_AUTH_TOKEN": TOKEN,
                **more,
            }
        )

    return make


@dataclass(frozen=True)
class Web:
    """An application with what tests ask of it."""

    app: Flask
    client: FlaskClient
    bearer: str

    @property
    def services(self) -> Services:
        """What it was wired with."""
        services: Services = self.app.extensions["stoplist"]
        return services

    def message(
        self, message_id: str, author: str, text: str, *, to: str = LONG_CODE, **fields: str
    ) -> TestResponse:
        """Post an inbound message, signed by Twilio's own validator."""
        form = inbound_form(message_id, author, text, to=to, **fields)
        url = f"http://localhost{WEBHOOK}"
        signature = RequestValidator(TOKEN).compute_signature(url, form)
        return self.client.post(WEBHOOK, data=form, headers={"X-Twilio-Signature": signature})

    def check(self, to: str, **more: Any) -> dict[str, Any]:
        """Ask whether a number may be texted and return the answer."""
        response = self.post("/v1/check", {"to": to, **more})
        assert response.status_code == 200, response.text
        answer = response.json
        assert isinstance(answer, dict)
        return answer

    def post(self, path: str, body: Any) -> TestResponse:
        """Post JSON with the admin key."""
        return self.call("POST", path, body)

    def get(self, path: str) -> TestResponse:
        """Get something with the admin key."""
        return self.call("GET", path)

    def put_program(self, program_id: str, **fields: Any) -> dict[str, Any]:
        """Make a program, or change it, and return the answer."""
        response = self.call("PUT", f"/v1/programs/{program_id}", {"name": program_id, **fields})
        assert response.status_code == 200, response.text
        answer = response.json
        assert isinstance(answer, dict)
        return answer

    def call(self, method: str, path: str, body: Any = None) -> TestResponse:
        """Send a request with the admin key, and JSON where there is a body."""
        headers = {"Authorization": f"Bearer {self.bearer}"}
        return self.client.open(path, method=method, json=body, headers=headers)


@pytest.fixture(name="make_web")
def _make_web(make_settings: Callable[..., Settings]) -> Iterator[Callable[..., Web]]:
    """Return a maker of applications on the test's database; keywords are environment variables."""
    made: list[Web] = []

    def make(**more: str) -> Web:
        app = create_app(make_settings(**more))
        services: Services = app.extensions["stoplist"]
        key = keys.create(services.db, name="test", roles=[Role.ADMIN], now=datetime.now(UTC))
        made.append(Web(app, app.test_client(), key.bearer))
        return made[-1]

    yield make
    for web in made:
        web.services.db.dispose()


@pytest.fixture(name="web")
def _web(make_web: Callable[..., Web]) -> Web:
    return make_web()


@pytest.fixture(name="make_live")
def _make_live(tmp_path: Path) -> Iterator[Callable[..., LiveServer]]:
    """Return a maker of running servers; keywords are environment variables."""
    servers: list[LiveServer] = []

    def make(*, workers: int = 2, **settings: str) -> LiveServer:
        server = LiveServer(tmp_path / f"data{len(servers)}", settings, workers=workers)
        servers.append(server)
        return server.start()

    yield make
    for server in servers:
        server.kill()


@pytest.fixture(name="live", params=BOTH)
def _live(request: pytest.FixtureRequest, make_live: Callable[..., LiveServer]) -> LiveServer:
    """A running server of two workers on an empty database: the test runs once on each kind."""
    if request.param == "sqlite":
        return make_live()
    postgres: Postgres = request.getfixturevalue("postgres")
    url = postgres.create(f"live_{uuid.uuid4().hex}")
    return make_live(STOPLIST_DATABASE_URL=url, STOPLIST_SECRET_KEYS=SECRET)


@pytest.fixture(name="twilio_api")
def _twilio_api() -> Iterator[TwilioApi]:
    """Twilio's REST API on this machine; the test fails if the server itself breaks."""
    api = TwilioApi()
    yield api
    api.close()
    assert not api.broken


@pytest.fixture(name="everyday_messages", scope="session")
def _everyday_messages() -> list[str]:
    """Texts of everyday messages, none of them an opt-out."""
    path = SHARED_DATA / "everyday_messages.tsv"
    if not path.exists():
        pytest.skip(f"the everyday messages are not here: {path.name}")
    rows = path.read_text(encoding="utf-8").splitlines()[1:]
    return [row.split("\t")[2] for row in rows]
