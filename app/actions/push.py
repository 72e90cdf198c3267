"""Tell Twilio of people's consent, so that what went past us is refused there too.

The ledger is what is never lost: a word stands in it in its own transaction, and the outbox is filled from its feed, of
which a reader misses nothing. What is told is the word that stands at that moment, so that it does not matter how
often or how late it is told.
"""

import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.core import pushing
from app.core.errors import CarrierAway, CarrierRefused, Misconfigured, Unsealable
from app.core.events import EVERYTHING, Event
from app.core.phone import PhoneNumber, SenderKind, sender
from app.core.vault import Vault
from app.store import feed, ledger, numbers, programs, pushes
from app.store.database import Database
from app.store.pushes import Due
from app.store.pushes import Refused as Refused  # noqa: PLC0414  # the command line shows them
from app.upstream.twilio import TwilioApi
from app.upstream.twilio_consents import MOST_ITEMS, PAUSE_S, Item, Taken, tell

_EVENTS_AT_ONCE = 1000
_CLAIM = timedelta(minutes=2)  # longer than any request takes
_FIRST_WAIT_S, _LONGEST_WAIT_S = 30.0, 6 * 3600.0
_PAUSE_ASKED_S = 120.0  # the limit is by the minute
_TOO_MANY, _BAD_REQUEST = 429, 400


@dataclass(slots=True, kw_only=True)
class Pushed:
    """What came of it.

    Attributes:
        told: consents that Twilio took.
        refused: that it will not take; they are kept with its reason.
        failed: that it gave no answer to; they are told again later.
        passed_over: of which there is nothing to tell: the word does not count for Twilio, or the number is not held.
        is_away: whether Twilio was away or wanted a pause, so that the rest waits.
    """

    told: int = 0
    refused: int = 0
    failed: int = 0
    passed_over: int = 0
    is_away: bool = False


def collect(db: Database, *, now: datetime) -> int:
    """Put into the outbox what the ledger has learned since the last time; return how much that is.

    Raises:
        Misconfigured: no sender of ours is known.
        Unavailable: the database cannot be reached.
    """
    added = 0
    while True:
        with db.reading() as connection:
            before = pushes.reached(connection)
            events = feed.after(connection, before, limit=_EVENTS_AT_ONCE)
            ours = [
                (address.address, program)
                for address, program in programs.senders_of(connection)
                if address.kind is not SenderKind.ALPHANUMERIC
            ]
        if not ours:
            raise Misconfigured(
                "Twilio is told for each sender, and none is known: `stoplist senders set` maps them to programs"
            )
        if not events:
            return added
        words = {
            (event.number_key, address): event_id
            for event_id, event in events
            if pushing.concerns(event.kind)
            for address, program in ours
            if event.scope in (EVERYTHING, program)
        }
        with db.begin() as tx:
            if pushes.reach(tx, before, events[-1][0]):
                rows = ((key, address, event_id) for (key, address), event_id in words.items())
                added += pushes.add(tx, rows, now)


def start_over(db: Database) -> None:
    """Have everything be told again, as is needed for senders that are new.

    Raises:
        Unavailable: the database cannot be reached.
    """
    with db.begin() as tx:
        pushes.start_over(tx)


def kept(db: Database) -> tuple[int, list[Refused]]:
    """Return how many consents wait to be told, and those that Twilio will not take.

    Raises:
        Unavailable: the database cannot be reached.
    """
    with db.reading() as connection:
        return pushes.waiting(connection), pushes.refused(connection)


def push(
    db: Database,
    vault: Vault,
    api: TwilioApi,
    *,
    account: str,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None] = time.sleep,
    chance: Callable[[], float] = random.random,
    on_batch: Callable[[int], None] = lambda _told: None,
) -> Pushed:
    """Tell what is due, until nothing is, or Twilio is away.

    Args:
        db: the database.
        vault: opens numbers.
        api: Twilio's REST API.
        account: the AccountSid that the senders belong to.
        clock: tells the time. Aware, UTC.
        sleep: waits some seconds between two requests.
        chance: a number from 0 to 1, so that those who wait do not come back together.
        on_batch: told of each request, with how many were told.

    Raises:
        Misconfigured: there is no token for the account, or it may not use the API.
        Unavailable: the database cannot be reached.
    """
    work = _Work(db, vault, api, account, clock, sleep, chance)
    while not work.pushed.is_away:
        now = clock()
        with db.begin() as tx:
            some = pushes.claim(tx, now=now, until=now + _CLAIM, limit=MOST_ITEMS)
        if not some:
            break
        before = work.pushed.told
        work.tell(some)
        on_batch(work.pushed.told - before)
    return work.pushed


@dataclass(frozen=True, slots=True)
class _Work:
    """A run of the push."""

    db: Database
    vault: Vault
    api: TwilioApi
    account: str
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    chance: Callable[[], float]
    pushed: Pushed = field(default_factory=Pushed)

    def tell(self, some: Sequence[Due]) -> None:
        """Tell one batch."""
        items = {due: self._item(due) for due in some}
        nothing = [due for due, item in items.items() if item is None]
        to_tell = {due: item for due, item in items.items() if item is not None}
        if nothing:
            self.pushed.passed_over += len(nothing)
            with self.db.begin() as tx:
                for due in nothing:
                    pushes.done(tx, due)
        if to_tell:
            self._ask(to_tell)

    def _item(self, due: Due) -> Item | None:
        with self.db.reading() as connection:
            program = pushes.program_of(connection, due.sender)
            number = self._number(pushes.sealed_number(connection, due.number_key), due)
            if number is None or program is None or not number.e164.startswith("+1"):
                return None
            keys = self.vault.number_keys(number)
            history: list[Event] = [event for _, event in ledger.read(connection, keys)]
        word = pushing.consent(history, sender(due.sender), program, now=self.clock())
        if word is None:
            return None
        return Item(
            id=uuid.uuid4().hex,
            contact=number.e164,
            sender=due.sender,
            status=word.status,
            source=word.medium,
            since=word.since,
        )

    def _number(self, sealed: bytes | None, due: Due) -> PhoneNumber | None:
        if sealed is None:
            return None
        try:
            opened = self.vault.open(sealed, bound_to=numbers.binding(due.number_key))
        except Unsealable:
            return None
        return PhoneNumber(e164=opened)

    def _ask(self, items: Mapping[Due, Item]) -> None:
        try:
            became = tell(self.api, self.account, list(items.values()))
        except CarrierAway as fault:
            self.pushed.is_away = True
            self._put_off(list(items), code=fault.status, counts=fault.status != _TOO_MANY)
        except CarrierRefused as fault:
            self._refused(items, fault)
        except BaseException:
            self._put_off(list(items), code=None, counts=False)
            raise
        else:
            with self.db.begin() as tx:
                for due, item in items.items():
                    self._note(tx, due, became.get(item.id))
            self.sleep(PAUSE_S)

    def _refused(self, items: Mapping[Due, Item], fault: CarrierRefused) -> None:
        """Take a no to a whole request: of many, each is told alone; else it is the item, or the account."""
        if fault.status != _BAD_REQUEST:
            self._put_off(list(items), code=fault.carrier_code, counts=True)
            raise Misconfigured(
                f"Twilio refuses to be told of consents ({fault}): the account needs its Consent Management API"
            ) from None
        if len(items) > 1:
            for due, item in items.items():
                if self.pushed.is_away:
                    self._put_off([due], code=None, counts=False)
                else:
                    self._ask({due: item})
            return
        (due,) = items
        self.pushed.refused += 1
        with self.db.begin() as tx:
            pushes.give_up(tx, due, code=fault.carrier_code, fault=None)
        self.sleep(PAUSE_S)

    def _note(self, tx: Connection, due: Due, taken: Taken | None) -> None:
        if taken is None:
            self.pushed.failed += 1
            pushes.again(tx, due, self._later(due.tries), code=None)
        elif taken.code:
            self.pushed.refused += 1
            pushes.give_up(tx, due, code=taken.code, fault=taken.fault)
        else:
            self.pushed.told += 1
            pushes.done(tx, due)

    def _put_off(self, some: Sequence[Due], *, code: int | None, counts: bool) -> None:
        self.pushed.failed += len(some)
        with self.db.begin() as tx:
            for due in some:
                at = self._later(due.tries) if counts else self._in(_PAUSE_ASKED_S)
                pushes.again(tx, due, at, code=code, counts=counts)

    def _later(self, tries: int) -> datetime:
        """Return when to try again: ever later, and never all at the same moment."""
        return self._in(min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** min(tries, 20)))

    def _in(self, seconds: float) -> datetime:
        return self.clock() + timedelta(seconds=seconds * (1 + self.chance()) / 2)
