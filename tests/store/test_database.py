"""What must hold of the database whichever it is."""

import contextlib
import time
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from app.core.errors import Misconfigured, Unavailable
from app.core.vault import Vault
from app.store import questions
from app.store.database import Database, parse_url
from app.store.migrations import configured, upgrade
from app.store.tables import metadata
from tests.cast import SECRET
from tests.postgres import Postgres

OTHER_SECRET = "another-secret-that-is-long-enough"


@pytest.mark.parametrize(
    "raw", ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"]
)
def test_every_usual_spelling_of_postgresql_is_understood(raw: str) -> None:
    """Hosting providers write `postgres://`."""
    assert parse_url(raw).drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    "raw", ["mysql://u:hunter2@h/d", "nonsense", "postgresql+asyncpg://u:hunter2@h/d"]
)
def test_any_other_database_is_refused_without_showing_the_password(raw: str) -> None:
    """The URL is a secret."""
    with pytest.raises(Misconfigured) as caught:
        parse_url(raw)

    assert "hunter2" not in str(caught.value)


def test_the_password_shows_in_no_repr() -> None:
    """A database can be printed."""
    assert "hunter2" not in repr(Database(parse_url("postgresql://u:hunter2@h/d")))


def test_the_embedded_database_waits_for_the_disk(db: Database) -> None:
    """A commit that was acknowledged survives a power cut."""
    if not db.is_sqlite:
        with db.reading() as connection:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        return
    with db.begin() as tx:
        assert tx.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert tx.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_a_transaction_that_raises_leaves_nothing(db: Database) -> None:
    """All of it or none of it."""
    with contextlib.suppress(RuntimeError), db.begin() as tx:
        tx.exec_driver_sql("INSERT INTO vault_secrets (fingerprint) VALUES ('x')")
        raise RuntimeError

    with db.reading() as connection:
        assert (
            connection.exec_driver_sql(
                "SELECT count(*) FROM vault_secrets WHERE fingerprint = 'x'"
            ).scalar()
            == 0
        )


def test_started_with_another_secret_every_read_is_refused(database_url: str, db: Database) -> None:
    """With a wrong secret no number would be found, and every check allowed: fail closed instead."""
    db.ping()
    stranger = Database(parse_url(database_url), fingerprints=Vault((OTHER_SECRET,)).fingerprints)

    with pytest.raises(Unavailable, match="lacks a secret"):
        stranger.ping()

    stranger.dispose()


def test_a_new_secret_before_the_old_one_is_welcome(database_url: str, db: Database) -> None:
    """That is how secrets are rotated; from then on both are needed."""
    db.ping()
    rotating = Database(
        parse_url(database_url), fingerprints=Vault((OTHER_SECRET, SECRET)).fingerprints
    )
    rotating.ping()
    rotating.dispose()
    db.dispose()

    with pytest.raises(Unavailable):
        db.ping()


def test_a_database_without_our_tables_says_what_to_do(tmp_path: Path) -> None:
    """Not a stack trace."""
    empty = Database(parse_url(f"sqlite:///{tmp_path / 'empty.db'}"))

    with pytest.raises(Unavailable, match="stoplist db upgrade"):
        empty.ping()

    empty.dispose()


def test_a_database_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    """Whatever keeps us from the data is one error."""
    for url in (f"sqlite:///{tmp_path}/none/x.db", "postgresql://u@127.0.0.1:9/d"):
        away = Database(parse_url(url))
        with pytest.raises(Unavailable):
            away.ping()
        with pytest.raises(Unavailable), away.begin():
            pass
        away.dispose()


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    """Damage is refused, not read."""
    path = tmp_path / "damaged.db"
    path.write_bytes(b"not a database" * 1000)
    damaged = Database(parse_url(f"sqlite:///{path}"))

    with pytest.raises(Unavailable):
        damaged.ping()

    damaged.dispose()


def test_the_migrations_make_what_the_tables_say(db: Database) -> None:
    """Column for column, index for index; run again they change nothing."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415
    from alembic.migration import MigrationContext  # noqa: PLC0415

    with db.begin() as tx:
        upgrade(tx)
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert configured(tx).get_main_option("script_location")


def test_the_default_program_always_exists(db: Database) -> None:
    """It is made with the tables."""
    with db.reading() as connection:
        assert connection.execute(sa.text("SELECT id FROM programs")).scalars().all() == ["default"]


def test_a_restart_of_postgresql_is_not_noticed(postgres: Postgres) -> None:
    """A connection that died in the pool is replaced before it is used: no error for a restart that is over."""
    url = postgres.create("restarted")
    db = Database(parse_url(url))
    with db.begin() as tx:
        upgrade(tx)
    db.ping()

    postgres.stop()
    postgres.start()

    db.ping()
    with db.begin() as tx:
        tx.execute(sa.text("SELECT 1"))
    db.dispose()


def test_after_the_end_no_connection_is_left(postgres: Postgres) -> None:
    """Neither in the pools nor the one that the thread keeps for itself."""
    url = postgres.create("left")
    db = Database(parse_url(url))
    with db.begin() as tx:
        upgrade(tx)
    db.ping()
    questions.for_send(db, [b"k" * 16], "default")
    ours = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = 'left' AND pid <> pg_backend_pid()"
    )

    with psycopg.connect(url, autocommit=True) as other:
        before = other.execute(ours).fetchall()
        db.dispose()
        deadline = time.monotonic() + 5
        while other.execute(ours).fetchall() != [(0,)]:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    assert before == [(2,)]
