"""A messaging program: a brand and a purpose, with the terms under which its senders may text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.core.errors import Unacceptable
from app.core.intent import Hearing, Intent, classify
from app.core.replies import Reply

DEFAULT = "default"
"""The program of every sender that is not mapped to another; it always exists."""

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class QuietHours(StrEnum):
    """What is done when it is night where the recipient is."""

    OFF = "off"  # nothing
    ADVISE = "advise"  # the check allows, and says from when it would be well
    BLOCK = "block"  # the check refuses until then


class StopScope(StrEnum):
    """What a STOP ends."""

    ALL = "all"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Of a program, what a check is decided by.

    Attributes:
        id: of the program.
        requires_consent: whether only those who opted in may be texted.
        double_opt_in: whether an opt-in that others tell of waits for the person's own YES; if so,
            the program requires consent.
        quiet_hours: what is done at night.
    """

    id: str
    requires_consent: bool = False
    double_opt_in: bool = False
    quiet_hours: QuietHours = QuietHours.OFF

    @property
    def needs_opt_in(self) -> bool:
        """Whether silence is not enough."""
        return self.requires_consent or self.double_opt_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Program(Terms):
    """One messaging program.

    Attributes:
        name: what operators call it.
        brand: its name as recipients know it, or `None`.
        contact: where recipients find help, or `None`.
        stop_scope: what a STOP to it ends; `None`: as the setting says.
        hearing: what it adds to, or changes in, the reading of its replies; `None`: nothing.
        replies: its own words for the texts that we answer with.
    """

    name: str
    brand: str | None = None
    contact: str | None = None
    stop_scope: StopScope | None = None
    hearing: Hearing | None = None
    replies: Mapping[Reply, str] = field(default_factory=dict)


def is_program_id(raw: str) -> bool:
    """Tell whether this can be a program's id: lower-case letters, digits, `-` and `_`, up to 64."""
    return _ID.fullmatch(raw) is not None


def require_fair(hearing: Hearing) -> None:
    """Refuse words of a program that would take their meaning from words which everyone must be able to rely on.

    Raises:
        Unacceptable: a word for opting in or for help is heard as an opt-out by all, or one for
            opting out is START or HELP. The message names the list, not the word.
    """
    for name, words, forbidden in (
        ("opt_in", hearing.opt_in_words, {Intent.OPT_OUT, Intent.WRONG_NUMBER, Intent.HELP}),
        ("help", hearing.help_words, {Intent.OPT_OUT, Intent.WRONG_NUMBER, Intent.OPT_IN}),
        ("opt_out", hearing.opt_out_words, {Intent.OPT_IN, Intent.HELP}),
    ):
        for place, word in enumerate(words):
            if not word.strip():
                raise Unacceptable(f"keywords.{name}[{place}] is empty")
            if classify(word).intent in forbidden:
                raise Unacceptable(
                    f"keywords.{name}[{place}] already means something else to everyone"
                )
