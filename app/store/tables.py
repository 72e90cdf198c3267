"""Every table and constraint. The unique keys are the idempotence: what may exist once has a key that says so.

No column holds a person's number or text as such: numbers are keyed hashes, what may be read back
is sealed. Instants are whole microseconds since 1970 in UTC, which sort, compare and travel the
same in every database.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware UTC `datetime`, kept as whole microseconds since the epoch."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002
        """Turn an aware time into microseconds; a naive one is a mistake and raises `TypeError`."""
        return None if value is None else (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """Turn microseconds into an aware time."""
        return None if value is None else EPOCH + value * _MICROSECOND


# SQLite numbers rows by itself only where the key is declared INTEGER.
_Serial = BigInteger().with_variant(Integer, "sqlite")
_NumberKey = LargeBinary(16)
_Hash = LargeBinary(32)
_Scope = String(64)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

programs = Table(
    "programs",
    metadata,
    Column("id", _Scope, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("brand", String(30)),  # as recipients know it; stands before every answer
    Column("contact", String(40)),  # for HELP answers
    Column("requires_consent", Boolean, nullable=False, server_default=sa.false()),
    Column("double_opt_in", Boolean, nullable=False, server_default=sa.false()),
    Column("quiet_hours", String(10), nullable=False, server_default="off"),
    Column("stop_scope", String(10)),  # all | program; NULL: as the setting says
    Column("hearing", Text),  # JSON: words and switches of its own; NULL: none
    Column("replies", Text),  # JSON: texts of its own; NULL: none
)

senders = Table(
    "senders",
    metadata,
    Column("address", String(64), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("program", _Scope, nullable=False, index=True),
)

numbers = Table(
    "numbers",
    metadata,
    Column("number_key", _NumberKey, primary_key=True),
    Column("sealed", LargeBinary),  # NULL with STOPLIST_STORE_NUMBERS=never
    Column(
        "sealed_place", LargeBinary
    ),  # where the person lives, as a consent told; for quiet hours
    Column("first_seen", Instant, nullable=False),
    Column("chain", _Hash, nullable=False),  # the name of its chain: core.chain.begin
    Column("sealed_salt", LargeBinary),  # what shows that the chain is the number's
    Column("head", _Hash),  # the hash of its last event; NULL: it has none
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("number_key", _NumberKey, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("scope", _Scope, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("source", String(32), nullable=False),
    Column("source_ref", String(200), nullable=False),
    Column("certainty", String(10)),
    Column("rule", String(80)),
    Column("rulepack", String(40)),
    Column("cause", String(20)),
    Column("chain", _Hash, nullable=False),
    Column("previous", _Hash, nullable=False),  # the hash of the number's event before
    Column("evidence", _Hash),  # the commitment to what the fact rests on
    Column("hash", _Hash, nullable=False),
    Column("sealed_evidence", LargeBinary),
    UniqueConstraint("source", "source_ref"),
    Index(None, "number_key", "id"),
    sqlite_autoincrement=True,
)

seals = Table(
    "seals",
    metadata,
    Column("id", _Serial, primary_key=True, autoincrement=False),
    Column("previous", _Hash, nullable=False),  # the hash of the seal before
    Column("first_event", BigInteger, nullable=False),
    Column("last_event", BigInteger, nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("sealed_at", BigInteger, nullable=False),  # raw, as it is signed
    Column("root", _Hash, nullable=False),
    Column("public_key", _Hash, nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("number_key", _NumberKey, primary_key=True),
    Column("scope", _Scope, primary_key=True),
    Column("layer", String(10), primary_key=True),  # what the word is about: core.standing.Layer
    Column("status", String(20), nullable=False),
    Column("since", Instant, nullable=False),
    Column("certainty", String(10)),
    Column("cause", String(20)),
    Column("rank", Integer, nullable=False),  # among words of the same instant
    Column("event_id", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("carrier", String(32), nullable=False),
    Column("message_id", String(128), nullable=False),
    Column("number_key", _NumberKey),  # NULL: the author is no person's number
    Column("sealed_author", LargeBinary),  # such an author's address
    Column("sender", String(64), nullable=False),
    Column("service", String(64)),
    Column("channel", String(16), nullable=False),
    Column("program", _Scope, nullable=False),
    Column("sealed_body", LargeBinary),
    Column("received_at", Instant, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("intent", String(20), nullable=False),
    Column("certainty", String(10)),
    Column("rule", String(80)),
    Column("rulepack", String(40), nullable=False),
    Column("language", String(8)),
    Column("unclear_negative", Boolean, nullable=False),
    Column("reply", String(20)),  # which of our texts answered it; NULL: none
    Column("review", String(10)),  # open | confirmed | dismissed; NULL: needs none
    Column("purge_after", Instant),
    UniqueConstraint("carrier", "message_id"),
    Index(None, "number_key", "id"),
    sqlite_autoincrement=True,
)

access_keys = Table(
    "access_keys",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("roles", String(64), nullable=False),  # comma-separated
    Column("digest", LargeBinary(32), nullable=False),  # SHA-256 of a secret of 192 random bits
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

vault_secrets = Table(
    "vault_secrets",
    metadata,
    Column("fingerprint", String(16), primary_key=True),
)

holds = Table(
    "holds",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("number_key", _NumberKey, index=True),  # of the number that is held, or NULL
    Column("program", _Scope),  # the program that is held, or NULL
    Column("sealed_reason", LargeBinary, nullable=False),
    Column("placed_at", Instant, nullable=False),
    Column("released_at", Instant),
    sqlite_autoincrement=True,
)

reconciliations = Table(
    "reconciliations",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("reached", Instant, nullable=False),
)

sends = Table(
    "sends",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("account", String(64), nullable=False),  # whose message it is: an AccountSid
    Column("idempotency_key", LargeBinary(32), unique=True),  # keyed hash; NULL: none, or released
    Column("request_hash", LargeBinary(32)),  # keyed hash of what was asked under that key
    Column("number_key", _NumberKey),  # NULL: the recipient is no number
    Column("program", _Scope, nullable=False),
    Column("sender", String(64)),
    Column("service", String(64)),
    Column("state", String(10), nullable=False),  # store.sends.State
    Column("reason", String(20)),  # why we refused; NULL: we did not
    Column("status", Integer),  # of HTTP, as it was answered
    Column("code", Integer),  # of the carrier, or ours in its place
    Column("sid", String(64)),  # the carrier's id of the message
    Column("sealed_answer", LargeBinary),  # for whoever asks again under the same key
    Column("send_at", Instant),  # of a scheduled message
    Column("called_off", String(10)),  # of one whose person refused since: canceled | failed
    Column("created_at", Instant, nullable=False),
    Column("decided_at", Instant),
    Column("finished_at", Instant),
    Column("purge_after", Instant, nullable=False),  # the answer and the key
    Index(None, "number_key", "id"),
    Index(
        None,
        "send_at",
        sqlite_where=sa.text("send_at IS NOT NULL"),
        postgresql_where=sa.text("send_at IS NOT NULL"),
    ),
    Index(
        None,
        "purge_after",
        sqlite_where=sa.text("idempotency_key IS NOT NULL"),
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    ),
    sqlite_autoincrement=True,
)

feed_readers = Table(
    "feed_readers",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("reached", BigInteger, nullable=False),  # the last event that was read
)

pushes = Table(
    "pushes",
    metadata,
    Column("number_key", _NumberKey, primary_key=True),
    Column("sender", String(64), primary_key=True),
    Column("event_id", BigInteger, nullable=False),  # the newest word there is to tell of
    Column("tries", Integer, nullable=False),
    Column("due_at", Instant),  # NULL: given up
    Column("claimed_until", Instant),  # by whoever is telling it at this moment
    Column("code", Integer),  # the carrier's, of the last try
    Column("fault", String(40)),  # its name for it
    Index(
        None,
        "due_at",
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    ),
)
