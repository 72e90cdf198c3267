"""What a fact rests on: the words of the person, the consent they gave, the note of who recorded it.

It is personal, and so it is held sealed, beside the event.
"""

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

LEAST_KEPT = timedelta(days=1827)
"""Five years: what a fact rests on is kept for so long at least, unless the person asks to be forgotten."""

_SALT_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a person agreed to, and how that is known.

    Attributes:
        wording: the sentence that the person was shown, word for word.
        medium: where: `web form`, `paper`, `call`, ...
        url: of the page, if there is one.
        ip: of the person's device.
        proof: what else proves it: the id of a recording, of a signed form.
        postcode: where the person lives, so that quiet hours need not be guessed from the number.
        time_zone: of the person, by its IANA name.
    """

    wording: str
    medium: str
    url: str | None = None
    ip: str | None = None
    proof: str | None = None
    postcode: str | None = None
    time_zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What an event rests on; any part may be missing.

    Attributes:
        text: of the message that said it, as it came.
        note: of the operator or the system that recorded it.
        consent: of an opt-in.
    """

    text: str | None = None
    note: str | None = None
    consent: Consent | None = None


def dumps(evidence: Evidence) -> str:
    """Write evidence down, for the vault; parts that are missing take no room.

    It holds a random salt. The ledger's hash covers a commitment to what is written here, and a STOP would be guessed
    from its commitment at once. Who deletes the sealed evidence deletes the salt with it.
    """
    salt = secrets.token_hex(_SALT_BYTES)
    if evidence.note is None and evidence.consent is None:
        return f'{{"salt": "{salt}", "text": {json.dumps(evidence.text)}}}'
    held = {name: part for name, part in asdict(evidence).items() if part is not None}
    return json.dumps({"salt": salt, **held})


def loads(written: str) -> Evidence:
    """Read what `dumps` wrote."""
    held: dict[str, Any] = json.loads(written)
    held.pop("salt", None)
    consent = held.pop("consent", None)
    return Evidence(**held, consent=Consent(**consent) if consent else None)
