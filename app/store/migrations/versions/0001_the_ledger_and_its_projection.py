"""Make the ledger, its projection, the inbox, programs, senders and access keys."""

import sqlalchemy as sa
from alembic import op

revision = "0001_first_release"
down_revision = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make every table of the first release, and the default program."""
    _ledger()
    _seals()
    _inbox()
    _programs()
    _secrets_and_keys()
    _holds()
    _reconciliations()
    _sends()
    _pushes()


def _ledger() -> None:
    op.create_table(
        "numbers",
        sa.Column("number_key", sa.LargeBinary(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("sealed_place", sa.LargeBinary),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("chain", sa.LargeBinary(32), nullable=False),
        sa.Column("sealed_salt", sa.LargeBinary),
        sa.Column("head", sa.LargeBinary(32)),
        sa.PrimaryKeyConstraint("number_key", name="pk_numbers"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "events",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("number_key", sa.LargeBinary(16), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("scope", sa.String(64), nullable=False),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("source_ref", sa.String(200), nullable=False),
        sa.Column("certainty", sa.String(10)),
        sa.Column("rule", sa.String(80)),
        sa.Column("rulepack", sa.String(40)),
        sa.Column("cause", sa.String(20)),
        sa.Column("chain", sa.LargeBinary(32), nullable=False),
        sa.Column("previous", sa.LargeBinary(32), nullable=False),
        sa.Column("evidence", sa.LargeBinary(32)),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("sealed_evidence", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.UniqueConstraint("source", "source_ref", name="uq_events_source_source_ref"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_number_key_id", "events", ["number_key", "id"])
    op.create_table(
        "suppressions",
        sa.Column("number_key", sa.LargeBinary(16), nullable=False),
        sa.Column("scope", sa.String(64), nullable=False),
        sa.Column("layer", sa.String(10), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("certainty", sa.String(10)),
        sa.Column("cause", sa.String(20)),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("event_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("number_key", "scope", "layer", name="pk_suppressions"),
        sqlite_with_rowid=False,
    )


def _seals() -> None:
    op.create_table(
        "seals",
        sa.Column("id", _SERIAL, nullable=False, autoincrement=False),
        sa.Column("previous", sa.LargeBinary(32), nullable=False),
        sa.Column("first_event", sa.BigInteger, nullable=False),
        sa.Column("last_event", sa.BigInteger, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("sealed_at", sa.BigInteger, nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("public_key", sa.LargeBinary(32), nullable=False),
        sa.Column("signature", sa.LargeBinary(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_seals"),
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("carrier", sa.String(32), nullable=False),
        sa.Column("message_id", sa.String(128), nullable=False),
        sa.Column("number_key", sa.LargeBinary(16)),
        sa.Column("sealed_author", sa.LargeBinary),
        sa.Column("sender", sa.String(64), nullable=False),
        sa.Column("service", sa.String(64)),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("program", sa.String(64), nullable=False),
        sa.Column("sealed_body", sa.LargeBinary),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("intent", sa.String(20), nullable=False),
        sa.Column("certainty", sa.String(10)),
        sa.Column("rule", sa.String(80)),
        sa.Column("rulepack", sa.String(40), nullable=False),
        sa.Column("language", sa.String(8)),
        sa.Column("unclear_negative", sa.Boolean, nullable=False),
        sa.Column("reply", sa.String(20)),
        sa.Column("review", sa.String(10)),
        sa.Column("purge_after", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("carrier", "message_id", name="uq_inbox_carrier_message_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_number_key_id", "inbox", ["number_key", "id"])


def _programs() -> None:
    programs = op.create_table(
        "programs",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("brand", sa.String(30)),
        sa.Column("contact", sa.String(40)),
        sa.Column("requires_consent", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("double_opt_in", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("quiet_hours", sa.String(10), nullable=False, server_default="off"),
        sa.Column("stop_scope", sa.String(10)),
        sa.Column("hearing", sa.Text),
        sa.Column("replies", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_programs"),
    )
    op.bulk_insert(programs, [{"id": "default", "name": "Default program"}])
    op.create_table(
        "senders",
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("program", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("address", name="pk_senders"),
    )
    op.create_index("ix_senders_program", "senders", ["program"])


def _secrets_and_keys() -> None:
    op.create_table(
        "access_keys",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("roles", sa.String(64), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_access_keys"),
    )
    op.create_table(
        "vault_secrets",
        sa.Column("fingerprint", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_vault_secrets"),
    )


def _holds() -> None:
    op.create_table(
        "holds",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("number_key", sa.LargeBinary(16)),
        sa.Column("program", sa.String(64)),
        sa.Column("sealed_reason", sa.LargeBinary, nullable=False),
        sa.Column("placed_at", sa.BigInteger, nullable=False),
        sa.Column("released_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_holds"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_holds_number_key", "holds", ["number_key"])


def _reconciliations() -> None:
    op.create_table(
        "reconciliations",
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("reached", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_reconciliations"),
    )


def _sends() -> None:
    op.create_table(
        "sends",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("idempotency_key", sa.LargeBinary(32)),
        sa.Column("request_hash", sa.LargeBinary(32)),
        sa.Column("number_key", sa.LargeBinary(16)),
        sa.Column("program", sa.String(64), nullable=False),
        sa.Column("sender", sa.String(64)),
        sa.Column("service", sa.String(64)),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(20)),
        sa.Column("status", sa.Integer),
        sa.Column("code", sa.Integer),
        sa.Column("sid", sa.String(64)),
        sa.Column("sealed_answer", sa.LargeBinary),
        sa.Column("send_at", sa.BigInteger),
        sa.Column("called_off", sa.String(10)),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("decided_at", sa.BigInteger),
        sa.Column("finished_at", sa.BigInteger),
        sa.Column("purge_after", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sends"),
        sa.UniqueConstraint("idempotency_key", name="uq_sends_idempotency_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sends_number_key_id", "sends", ["number_key", "id"])
    op.create_index(
        "ix_sends_send_at",
        "sends",
        ["send_at"],
        sqlite_where=sa.text("send_at IS NOT NULL"),
        postgresql_where=sa.text("send_at IS NOT NULL"),
    )
    op.create_index(
        "ix_sends_purge_after",
        "sends",
        ["purge_after"],
        sqlite_where=sa.text("idempotency_key IS NOT NULL"),
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    )


def _pushes() -> None:
    op.create_table(
        "feed_readers",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("reached", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_feed_readers"),
    )
    op.create_table(
        "pushes",
        sa.Column("number_key", sa.LargeBinary(16), nullable=False),
        sa.Column("sender", sa.String(64), nullable=False),
        sa.Column("event_id", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("claimed_until", sa.BigInteger),
        sa.Column("code", sa.Integer),
        sa.Column("fault", sa.String(40)),
        sa.PrimaryKeyConstraint("number_key", "sender", name="pk_pushes"),
    )
    op.create_index(
        "ix_pushes_due_at",
        "pushes",
        ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
