"""What one row of an opt-out list says, whoever wrote it: columns by their usual names, kinds in anybody's words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core import cells
from app.core.errors import InvalidNumber, UnreadableRow, UnreadableTable
from app.core.events import EVERYTHING, REVIEW, Cause, Kind
from app.core.intent import Certainty
from app.core.phone import PhoneNumber
from app.core.program import DEFAULT
from app.core.table import find, plain

NUMBERS = ("phone", "number", "msisdn", "to", "mobile", "cell", "phonenumber", "mobilenumber", "cellnumber",
           "mobilephone", "cellphone", "telephone", "tel", "contactnumber", "recipient")  # fmt: skip
HASHES = ("hash", "numberhash", "phonehash")
_COLUMNS = {
    "kind": ("kind", "status", "type", "optstatus", "subscriptionstatus"),
    "scope": ("scope", "program", "programid"),
    "date": ("occurredat", "optedoutat", "optoutat", "optedoutdate", "optoutdate", "unsubscribedat",
             "unsubscribedate", "optedinat", "optinat", "consentedat", "date", "datetime", "timestamp", "time",
             "datesent", "sentdate", "createdat", "datecreated", "dateadded", "addedat"),
    "source": ("source",),
    "reference": ("sourceref", "id", "sid", "messagesid", "messageid", "reference"),
    "cause": ("cause",),
    "note": ("note", "notes", "comment"),
    "certainty": ("certainty",),
    "rule": ("rule",),
}  # fmt: skip
# Of our own export, what is ours to say anew; no row loses anything by it.
_PASSED_OVER = {"recordedat"}
_KINDS = {
    Kind.OPTED_OUT: ("optedout", "optout", "optsout", "out", "stop", "stopped", "unsubscribed", "unsubscribe",
                     "unsub", "suppressed", "suppression", "revoked", "revocation", "donotcontact", "dnc"),
    Kind.WRONG_NUMBER: ("wrongnumber", "wrong"),
    Kind.BLOCKED: ("blocked", "block", "blocklisted", "blacklisted"),
    Kind.CONSENT_IMPORTED: ("consent", "consented", "consentimported", "optedin", "optin", "in", "subscribed",
                            "subscribe", "resubscribed"),
}  # fmt: skip
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words}
_EVERYTHING = {"*", "all", "everything", "any"}
_SOURCE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,31}")
_NO_SOURCE = re.compile(r"[^a-z0-9_.-]+")
_WISHES = {Kind.OPTED_OUT, Kind.WRONG_NUMBER}
_SKEW = timedelta(minutes=5)  # between the clock of whoever wrote the list and ours
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_MOST_REFERENCE, _MOST_RULE, _MOST_NOTE = 200, 80, 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a list is read, and what holds where its rows say nothing.

    Attributes:
        region: two-letter region of numbers without a country code.
        programs: the ids that a scope may name.
        now: the time of our reading it. Aware, UTC.
        kind: of every row, whatever a column says; `None`: as the column says, else opt-outs.
        scope: of rows that name none; `None`: everything, and the default program for consents.
        source: of rows that name none.
        date: of rows that have none; `None`: they are told now.
        calendar: how dates are read.
        column: the name of the column of the number; `None`: it is found by its name.
        hashed: whether a partner's hash stands in the place of the number.
    """

    region: str
    programs: frozenset[str]
    now: datetime
    kind: Kind | None = None
    scope: str | None = None
    source: str = "import"
    date: datetime | None = None
    calendar: cells.Calendar = field(default_factory=cells.Calendar)
    column: str | None = None
    hashed: bool = False


@dataclass(slots=True)
class Listed:
    """One row as it was understood.

    Attributes:
        number: the person's; `None` in a hashed list.
        hash: the partner's hash of it, in a hashed list.
        kind: what happened.
        scope: `*` or a program id.
        dated: when it happened; `None`: the row does not say.
        source: who told.
        reference: the source's own id; `None`: it has none.
        certainty: how plainly it was said.
        cause: of a block.
        rule: that read it so, where a message was read.
        note: for whoever reads the history.
    """

    number: PhoneNumber | None
    hash: bytes | None
    kind: Kind
    scope: str
    dated: datetime | None
    source: str
    reference: str | None
    certainty: Certainty | None
    cause: Cause | None
    rule: str | None
    note: str | None


def is_source(name: str) -> bool:
    """Tell whether this can be the source of an imported fact."""
    return _SOURCE.fullmatch(name) is not None and name != REVIEW


class Reader:
    """Reads the rows below one header.

    Args:
        columns: the header.
        terms: how the list is read.

    Raises:
        UnreadableTable: no column holds the number, or the header names one twice.
    """

    def __init__(self, columns: Sequence[str], terms: Terms) -> None:
        usual = HASHES if terms.hashed else NUMBERS
        number = find(columns, *([terms.column] if terms.column else usual))
        if number is None:
            what = "partner's hash" if terms.hashed else "phone number"
            raise UnreadableTable(f"line 1 names no column with the {what}: name it with --column")
        self._columns = columns
        self._terms = terms
        self._number = number
        self._places = {what: find(columns, *names) for what, names in _COLUMNS.items()}
        if terms.kind is not None:
            self._places["kind"] = None
        self._further = [
            (what, place)
            for what, place in self._places.items()
            if place is not None and what != "date"
        ]
        self._dates = self._places["date"]
        self._latest = terms.now + _SKEW
        self._plain = self._said_by_none()

    @property
    def unused(self) -> list[str]:
        """The columns that say nothing to us."""
        used = {self._number, *self._places.values()}
        return [
            name
            for place, name in enumerate(self._columns)
            if place not in used and plain(name) not in _PASSED_OVER
        ]

    def read(self, row: Sequence[str]) -> Listed:
        """Read one row.

        Args:
            row: its cells, as many as the header has columns.

        Raises:
            UnreadableRow: it cannot be taken, with the column and the reason; the reason quotes nothing.
        """
        terms = self._terms
        number = None if terms.hashed else self._read_number(row[self._number])
        said = {what: row[place].strip() for what, place in self._further if row[place]}
        if not said and self._plain is not None:
            kind, scope = self._plain  # as most rows of most lists
            certainty = Certainty.DEFINITE if kind in _WISHES else None
            dated, source = self._dated(row), terms.source
            return Listed(
                number, None, kind, scope, dated, source, None, certainty, None, None, None
            )
        kind = self._kind(said)
        wish = kind in _WISHES
        # The certainty and the cause that stand in a list are read only where they mean something.
        return Listed(
            number=number,
            hash=self._read_hash(row[self._number]) if terms.hashed else None,
            kind=kind,
            scope=self._scope(said, kind),
            dated=self._dated(row),
            source=self._source(said),
            reference=self._reference(said),
            certainty=self._one_of(Certainty, said, "certainty", Certainty.DEFINITE) if wish else None,
            cause=self._one_of(Cause, said, "cause", Cause.OPERATOR) if kind is Kind.BLOCKED else None,
            rule=self._text(said, "rule", _MOST_RULE),
            note=self._text(said, "note", _MOST_NOTE),
        )  # fmt: skip

    def _said_by_none(self) -> tuple[Kind, str] | None:
        """Return the kind and scope of a row that says neither; `None`: it must, or says more than that."""
        kind = self._terms.kind or Kind.OPTED_OUT
        if self._terms.hashed or self._places["kind"] is not None or kind is Kind.BLOCKED:
            return None
        return kind, self._scope({}, kind)

    def _read_number(self, cell: str) -> PhoneNumber:
        try:
            return cells.number(cell, self._terms.region)
        except InvalidNumber as fault:
            reason = str(fault) if cell.strip() else "there is no number"
            raise UnreadableRow(reason, self._columns[self._number]) from None

    def _read_hash(self, cell: str) -> bytes:
        try:
            found = bytes.fromhex(cell.strip())
        except ValueError:
            found = b""
        if len(found) != 32:  # noqa: PLR2004  # bytes of SHA-256
            raise self._fault("this is no hash: 64 hexadecimal digits", self._number)
        return found

    def _kind(self, said: Mapping[str, str]) -> Kind:
        place = self._places["kind"]
        if place is None:
            return self._terms.kind or Kind.OPTED_OUT
        told = said.get("kind", "")
        kind = _KIND_OF.get(told) or _KIND_OF.get(plain(told))
        if kind is None:
            problem = "is none that an import takes" if told else "is missing"
            raise self._fault(
                f"the kind {problem}: opted_out, wrong_number, blocked or consent; --kind says it for all rows",
                place,
            )
        if self._terms.hashed and kind is Kind.CONSENT_IMPORTED:
            raise self._fault("a hashed list carries refusals only", place)
        return kind

    def _scope(self, said: Mapping[str, str], kind: Kind) -> str:
        told = said.get("scope")
        if told is None:
            unsaid = DEFAULT if kind is Kind.CONSENT_IMPORTED else EVERYTHING
            return self._terms.scope or unsaid
        if told.lower() in _EVERYTHING:
            return EVERYTHING
        if told not in self._terms.programs:
            raise self._fault("there is no program of that id", self._places["scope"])
        return told

    def _dated(self, row: Sequence[str]) -> datetime | None:
        terms, place = self._terms, self._dates
        if place is None or not row[place] or row[place].isspace():
            return terms.date
        try:
            moment = terms.calendar.moment(row[place])
        except UnreadableRow as fault:
            raise self._fault(str(fault), place) from None
        if moment > self._latest:
            raise self._fault("the date is in the future", place)
        if moment < _EARLIEST:
            raise self._fault("the date is before 1990", place)
        return min(moment, terms.now)

    def _source(self, said: Mapping[str, str]) -> str:
        told = said.get("source")
        if told is None:
            return self._terms.source
        # Others write "Web Form" where we write web_form.
        source = told
        if not _SOURCE.fullmatch(told):
            source = _NO_SOURCE.sub("_", told.lower()).strip("_.-")[:32]
        if not is_source(source):
            raise self._fault("this is no name of a source", self._places["source"])
        return source

    def _reference(self, said: Mapping[str, str]) -> str | None:
        told = said.get("reference")
        if not told:
            return None
        return self._text({"reference": cells.meant(told)}, "reference", _MOST_REFERENCE)

    def _text(self, said: Mapping[str, str], what: str, most: int) -> str | None:
        told = said.get(what)
        if not told:
            return None
        if len(told) > most or (what != "note" and not told.isprintable()):
            raise self._fault(f"it must be up to {most:,} printable characters", self._places[what])
        return told

    def _one_of(self, kind: Any, said: Mapping[str, str], what: str, default: Any) -> Any:
        told = said.get(what)
        if not told:
            return default
        try:
            return kind(told.lower())
        except ValueError:
            words = ", ".join(kind)
            raise self._fault(f"the {what} is none of {words}", self._places[what]) from None

    def _fault(self, reason: str, place: int | None) -> UnreadableRow:
        return UnreadableRow(reason, None if place is None else self._columns[place])
