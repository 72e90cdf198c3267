"""Everything that can go wrong, as one tree.

    StoplistError
    ├── Refusal                  the request cannot be carried out as asked: it is permanent
    │   ├── MalformedRequest     the body is not the declared shape
    │   ├── Unacceptable         the declared shape, but it says what cannot be
    │   ├── UnsupportedMediaType the body is not declared as what it must be
    │   ├── TooManyNumbers       more numbers than one bulk check takes
    │   ├── InvalidNumber        not a phone number (also a ValueError)
    │   ├── UnreadableTable      a CSV file that cannot be understood, with its line
    │   ├── UnreadableRow        one row of a list that cannot be taken, with its column
    │   ├── WeakPartnerKey       a key too short to keep numbers secret
    │   ├── UnknownProgram       no program of that id
    │   ├── UnknownKey           no access key of that id
    │   ├── UnknownSender        an address that is not mapped to a program
    │   ├── UnknownReview        no message of that id that a person was to look at
    │   ├── UnknownHold          no litigation hold of that id
    │   ├── UnderHold            a hold forbids what was asked
    │   ├── InvalidSender        not an address that can text (also a ValueError)
    │   ├── Conflict             what is held already contradicts it
    │   ├── Unauthenticated      no access key, or not a valid one
    │   ├── Forbidden            an access key without the role
    │   └── BadSignature         a webhook that its carrier did not sign
    ├── Unavailable              the database cannot be reached: try again
    ├── CarrierAway              a carrier's API gives no answer, or says to try again
    │   └── CarrierUnreached     it could not even be asked
    ├── CarrierRefused           a carrier's API says no
    ├── Misconfigured            the settings do not add up; holds every fault found
    └── Unsealable               a sealed value that none of our keys opens: damaged, moved or
    foreign

Each leaf knows its stable `code` and whether trying again can help. Messages never hold a phone
number or a text.
"""


class StoplistError(Exception):
    """The root: whatever this program raises on purpose."""

    code = "error"
    permanent = True


class Refusal(StoplistError):
    """A request that cannot be carried out as asked."""

    code = "refused"


class MalformedRequest(Refusal):
    """The body is not the declared shape."""

    code = "malformed_request"


class Unacceptable(Refusal):
    """The body has the declared shape, but says what cannot be."""

    code = "unacceptable"


class UnsupportedMediaType(Refusal):
    """The body is not declared as what it must be."""

    code = "unsupported_media_type"


class TooManyNumbers(Refusal):
    """One bulk check holds more numbers than it may."""

    code = "too_many_numbers"


class InvalidNumber(Refusal, ValueError):
    """What was given cannot be a phone number at all."""

    code = "invalid_number"


class UnreadableTable(Refusal):
    """A CSV file that cannot be understood; the message names the line."""

    code = "unreadable_table"


class UnreadableRow(Refusal):
    """One row of a list that cannot be taken.

    Attributes:
        column: the name of the column that is the matter; `None`: the row as a whole.
    """

    code = "unreadable_row"

    def __init__(self, reason: str, column: str | None = None) -> None:
        super().__init__(reason)
        self.column = column


class WeakPartnerKey(Refusal):
    """The key that lists are exchanged under could be guessed."""

    code = "weak_partner_key"


class UnknownProgram(Refusal):
    """There is no program of that id."""

    code = "unknown_program"


class UnknownKey(Refusal):
    """There is no access key of that id."""

    code = "unknown_key"


class UnknownSender(Refusal):
    """The address is not mapped to any program."""

    code = "unknown_sender"


class UnknownReview(Refusal):
    """There is no message of that id that a person was to look at."""

    code = "unknown_review"


class UnknownHold(Refusal):
    """There is no litigation hold of that id."""

    code = "unknown_hold"


class UnderHold(Refusal):
    """A litigation hold forbids what was asked."""

    code = "under_hold"


class InvalidSender(Refusal, ValueError):
    """What was given cannot be an address that texts."""

    code = "invalid_sender"


class Conflict(Refusal):
    """What is held already contradicts it."""

    code = "conflict"


class Unauthenticated(Refusal):
    """No access key, or one that is not valid."""

    code = "unauthenticated"


class Forbidden(Refusal):
    """The access key does not have the role."""

    code = "forbidden"


class BadSignature(Refusal):
    """The webhook is not signed by its carrier."""

    code = "bad_signature"


class Unavailable(StoplistError):
    """The database cannot be reached, or is not ready; the same request may succeed later."""

    code = "unavailable"
    permanent = False


class CarrierAway(StoplistError):
    """A carrier's API gave no answer, or said to try again. What was asked may have been done all the same.

    Attributes:
        status: of the answer; `None`: there was none.
    """

    code = "carrier_away"
    permanent = False

    def __init__(self, words: str, *, status: int | None = None) -> None:
        super().__init__(words)
        self.status = status


class CarrierUnreached(CarrierAway):
    """A carrier's API could not even be asked: what was to be done was not done."""

    code = "carrier_unreached"


class CarrierRefused(StoplistError):
    """A carrier's API said no.

    Attributes:
        status: of the answer.
        carrier_code: the carrier's own code, or `None`.
    """

    code = "carrier_refused"

    def __init__(self, words: str, *, status: int, carrier_code: int | None) -> None:
        super().__init__(words)
        self.status = status
        self.carrier_code = carrier_code


class Misconfigured(StoplistError):
    """The settings do not add up.

    Attributes:
        faults: every fault found, one sentence each, none of them quoting a secret.
    """

    code = "misconfigured"

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Unsealable(StoplistError):
    """A sealed value that none of the configured keys opens."""

    code = "unsealable"
