"""Messaging programs."""

from typing import Annotated

from msgspec import Meta, Struct, field

from app.core.program import QuietHours, StopScope
from app.core.replies import BRAND_CHARACTERS, CONTACT_CHARACTERS

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Brand = Annotated[str, Meta(max_length=BRAND_CHARACTERS, description="As recipients know it.")]
Contact = Annotated[str, Meta(max_length=CONTACT_CHARACTERS, description="Where help is.")]
Word = Annotated[str, Meta(min_length=1, max_length=160)]
Words = Annotated[list[Word], Meta(max_length=100)]
ReplyText = Annotated[
    str, Meta(min_length=1, max_length=320, description="Without a word of marketing.")
]


class Keywords(Struct, forbid_unknown_fields=True):
    """A program's own words, each a whole message, beside those that everyone may rely on."""

    opt_out: Words = field(default_factory=list)
    opt_in: Words = field(default_factory=list)
    help: Words = field(default_factory=list)
    bare_negatives: Annotated[bool, Meta(description='Hear a bare "no", "n", "S" as a stop.')] = (
        False
    )
    stop_with_argument: Annotated[bool, Meta(description='Hear "STOP ADS" as a stop.')] = True


class Replies(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A program's own words for what is answered, in whatever language the person wrote."""

    opted_out: ReplyText | None = None
    opted_in: ReplyText | None = None
    help: ReplyText | None = None


class ProgramRequest(Struct, forbid_unknown_fields=True):
    """A program as it shall be. What is left out is as it is by default, but for `senders`, which stay."""

    name: Name
    brand: Brand | None = None
    contact: Contact | None = None
    requires_consent: bool = False
    double_opt_in: bool = False
    quiet_hours: QuietHours = QuietHours.OFF
    stop_scope: StopScope | None = None
    senders: (
        Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(max_length=10_000)] | None
    ) = None
    keywords: Keywords | None = None
    replies: Replies | None = None


class ProgramAnswer(Struct):
    """A program as it is. A `stop_scope` of null is as the setting says."""

    id: str
    name: str
    brand: str | None
    contact: str | None
    requires_consent: bool
    double_opt_in: bool
    quiet_hours: str
    stop_scope: str | None
    senders: list[str]
    keywords: Keywords | None
    replies: Replies | None


class ProgramsAnswer(Struct):
    """Every program, by id."""

    programs: list[ProgramAnswer]
