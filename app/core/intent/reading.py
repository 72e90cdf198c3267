"""What a reading of a message is: the intent, how sure it is, and which rule says so."""

from dataclasses import dataclass
from enum import StrEnum


class Intent(StrEnum):
    """What a person asks for with a message."""

    OPT_OUT = "opt_out"  # no more messages
    OPT_IN = "opt_in"  # messages, from now on or again
    HELP = "help"  # who is this, how do I stop it
    WRONG_NUMBER = "wrong_number"  # the person texted is not the one meant
    NONE = "none"  # anything else


class Certainty(StrEnum):
    """How plainly the words say it. Both suppress at once."""

    DEFINITE = "definite"  # a reasonable person could not read it otherwise
    PROBABLE = "probable"  # most would read it so: a person looks at it later


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What a program adds to, or changes in, the reading of its replies.

    Attributes:
        opt_out_words: whole messages that opt out beside the rule pack's own (compared after
            normalisation).
        opt_in_words: whole messages that opt in; never one that the rule pack hears as an opt-out.
        help_words: whole messages that ask for help; never one that the rule pack hears as an
            opt-out.
        bare_negatives: read a bare "no", "n" or "S" as an opt-out. Off by default: they answer
            questions more often than they revoke. On for programs whose own texts invite them, and
            for Australian ones.
        yes_opts_in: read a bare "yes" as an opt-in: only while a double opt-in or a clarification
            is open.
        stop_with_argument: read "STOP ADS", a stop keyword with one unknown word behind it, as an
            opt-out.
    """

    opt_out_words: tuple[str, ...] = ()
    opt_in_words: tuple[str, ...] = ()
    help_words: tuple[str, ...] = ()
    bare_negatives: bool = False
    yes_opts_in: bool = False
    stop_with_argument: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One text as it was understood.

    Attributes:
        intent: what is asked for.
        certainty: `None` when the intent is `none`.
        rule: the id of the rule that matched, such as `en.keyword.stop`; `None` when none did.
        language: ISO 639-1 code of the rule's language; `None` when no rule matched.
        span: start and end of the deciding words in the text as it was given, in characters;
            `None` if unknown.
        rulepack: the version of the rules that gave this reading.
        everything: the text asks to end every program ("STOPALL", "stop everything"), whatever the
            default scope.
        unclear_negative: a refusal too vague to act on alone ("no thanks"); two within 30 days
            make an opt-out.
        also: the second thing the text says: `wrong_number` beside an opt-out ("wrong person,
            remove me"), `opt_out` beside a wrong number ("Wrong number. Stop.").
    """

    intent: Intent
    certainty: Certainty | None
    rule: str | None
    language: str | None
    span: tuple[int, int] | None
    rulepack: str
    everything: bool = False
    unclear_negative: bool = False
    also: Intent | None = None
