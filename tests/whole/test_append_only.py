"""The ledger is appended to, and that is all: by the code, and by the rights of its role on PostgreSQL."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from app.actions import seal as sealing
from app.actions import verify as verifying
from app.actions.migrate import migrate
from app.core.seal import SealKey
from app.core.vault import Vault
from app.store import grants
from app.store.database import Database, parse_url
from tests.cast import ALICE, BOB, CAROL
from tests.conftest import Web
from tests.postgres import Postgres

ROOT = Path(__file__).parents[2]
ROLE = "stoplist_web"
CHANGING = re.compile(
    r"(update|delete)\((events|seals)\b|\b(events|seals)\.(update|delete)\(|"
    r"(UPDATE|DELETE FROM|TRUNCATE) (events|seals)\b"
)


# Purge and erasure: they take the sealed contents away, and leave every column that is hashed.
DELETING_CONTENTS = {"retention.py", "subject.py"}


def test_no_code_changes_or_deletes_rows_of_the_ledger() -> None:
    """Neither by SQLAlchemy nor by SQL of its own; what deletes contents sets that one column, and no other."""
    for path in (ROOT / "app").rglob("*.py"):
        written = path.read_text(encoding="utf-8")
        if path.parent.name == "store" and path.name in DELETING_CONTENTS:
            assert written.count("update(events)") == 1, path
            assert written.count("values(sealed_evidence=None)") == 1, path
            written = written.replace("update(events)", "")
        assert not CHANGING.search(written), path


@pytest.fixture(name="owner")
def _owner(postgres: Postgres) -> Iterator[Database]:
    """The owner's database, with the role and its rights as the docs give them."""
    url = postgres.create(f"owned_{datetime.now(UTC):%H%M%S%f}")
    db = Database(parse_url(url))
    migrate(db)
    with db.begin() as tx:
        known = tx.execute(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": ROLE})
        if known.first() is None:
            tx.exec_driver_sql(f"CREATE ROLE {ROLE} LOGIN")
        for statement in grants.statements(ROLE):
            tx.exec_driver_sql(statement)
    yield db
    db.dispose()


@pytest.fixture(name="database_url")
def _database_url(owner: Database) -> str:
    """The same as the web processes' role."""
    return str(owner.url.set(username=ROLE).render_as_string(hide_password=False))


def test_the_main_paths_need_no_right_to_change_the_ledger(
    web: Web, owner: Database, vault: Vault
) -> None:
    """Webhooks, checks, opt-outs, opt-ins, blocks, histories, the feed, reviews, programs, under that role."""
    web.put_program("orders", brand="Example Shop", senders=["+12015550101"])
    for place, text in enumerate(
        ("STOP", "START", "HELP", "hello", "no thanks", "no", "wrong number")
    ):
        assert web.message(f"SM{place}", ALICE, text).status_code == 200
    assert web.message("SM0", ALICE, "STOP").status_code == 200
    fact = {"to": BOB, "source": "email", "source_ref": "1"}
    assert web.post("/v1/opt-outs", fact).status_code == 201
    assert web.post("/v1/opt-outs", fact).status_code == 200
    consent = {"wording": "Yes", "medium": "paper", "postcode": "10001"}
    opt_in = {"to": CAROL, "program": "orders", "source": "web", "consent": consent}
    assert web.post("/v1/opt-ins", opt_in).status_code == 201
    block = {"to": CAROL, "cause": "legal", "note": "a letter"}
    assert web.post("/v1/blocks", block).status_code == 201
    assert web.post("/v1/blocks/lift", block).status_code == 201
    reviews = web.get("/v1/reviews").json
    assert reviews
    first, *others = [each["id"] for each in reviews["reviews"]]
    assert web.post(f"/v1/reviews/{first}/dismiss", None).status_code == 200
    for each in others:
        assert web.post(f"/v1/reviews/{each}/confirm", None).status_code == 200
    assert not web.check(BOB)["allowed"]
    assert web.post("/v1/history", {"to": ALICE}).status_code == 200
    events = web.get("/v1/events").json
    assert events
    assert len(events["events"]) > 8
    assert web.call("DELETE", "/v1/programs/orders").status_code < 300

    assert sealing.seal(owner, SealKey(b"k" * 32), now=datetime.now(UTC))
    examined = verifying.examination(vault)
    assert not list(verifying.verify(web.services.db, examined, trusted=()))
    assert examined.events == len(events["events"])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET scope = '*'",
        "DELETE FROM events",
        "TRUNCATE events",
        "INSERT INTO seals SELECT * FROM seals",
        "UPDATE seals SET events = 1",
        "DELETE FROM seals",
        "ALTER TABLE events DISABLE TRIGGER ALL",
        "DROP TABLE events",
    ],
)
def test_the_role_cannot_change_the_ledger(web: Web, statement: str) -> None:
    """PostgreSQL itself says no."""
    with (
        pytest.raises(exc.ProgrammingError, match=r"denied|must be owner"),
        web.services.db.begin() as tx,
    ):
        tx.exec_driver_sql(statement)
