"""Read one text: fold it, find the rules that match, weigh them, say what the person asks for."""

from dataclasses import replace
from functools import lru_cache

from app.core.intent.encoded import decoded
from app.core.intent.grammar import END, START
from app.core.intent.normalise import READ_AT_MOST, fold, tokenise, words_of
from app.core.intent.outbound import own_words
from app.core.intent.reading import Certainty, Hearing, Intent, Reading
from app.core.intent.rulepack import Rulepack, rulepack
from app.core.intent.weigh import Ends, Heard, weigh

DEFAULT_HEARING = Hearing()
_LONGEST_SQUEEZED = 30


def classify(
    text: str, *, language: str | None = None, hearing: Hearing = DEFAULT_HEARING
) -> Reading:
    """Say what a person asks for with a text.

    Args:
        text: the message, any string.
        language: ISO 639-1 code of the language expected; a STOP in any other is heard all the
            same.
        hearing: what the program adds to the rules.

    Returns:
        The reading. Never raises. (47 CFR 64.1200(a)(10): what a reasonable person would
        understand.)
    """
    pack = rulepack()
    if len(text) > READ_AT_MOST:
        text = text[:READ_AT_MOST]
    symbols = [START]
    symbols.extend(map(pack.speller.__getitem__, tokenise(fold(own_words(text)))))
    symbols.append(END)
    ends = pack.automaton.read(symbols)
    if not ends and len(text) <= _LONGEST_SQUEEZED:
        symbols, ends = _squeeze(pack, text) or (symbols, ends)
    reading = None
    if ends:
        hint = (language or "")[:2].lower()
        heard = Heard(text=text, symbols=symbols, ends=ends, language=hint)
        reading = weigh(pack, heard, hearing)
    elif (behind := decoded(text)) is not None:
        reading = replace(classify(behind, language=language, hearing=hearing), span=None)
    if hearing is not DEFAULT_HEARING:
        reading = _customise(pack, text, reading, hearing)
    return reading or _nothing(pack.version)


@lru_cache(maxsize=4)
def _nothing(version: str) -> Reading:
    return Reading(
        intent=Intent.NONE, certainty=None, rule=None, language=None, span=None, rulepack=version
    )


def _squeeze(pack: Rulepack, text: str) -> tuple[list[str], Ends] | None:
    """Hear a keyword whose letters stand apart ("s t o p", "sto p")."""
    word = pack.squeezed.get("".join(words_of(text)))
    if word is None:
        return None
    symbols = [START, word, END]
    return symbols, pack.automaton.read(symbols)


@lru_cache(maxsize=256)
def _custom_words(hearing: Hearing) -> dict[str, Intent]:
    """Fold a program's own words once; an opt-out wins over the other intents."""
    groups = (
        (hearing.help_words, Intent.HELP),
        (hearing.opt_in_words, Intent.OPT_IN),
        (hearing.opt_out_words, Intent.OPT_OUT),
    )
    return {" ".join(words_of(word)): intent for words, intent in groups for word in words}


def _customise(
    pack: Rulepack, text: str, reading: Reading | None, hearing: Hearing
) -> Reading | None:
    """Apply a program's own words, where the rule pack does not already hear something plain."""
    intent = _custom_words(hearing).get(" ".join(words_of(text)) or "\n")
    if intent is None:
        return reading
    heard = reading.intent if reading is not None else Intent.NONE
    plain = reading is not None and reading.certainty is Certainty.DEFINITE
    if heard is not Intent.NONE and (plain or intent is not Intent.OPT_OUT):
        return reading
    return Reading(
        intent=intent,
        certainty=Certainty.DEFINITE,
        rule=f"program.{intent.value}",
        language=None,
        span=(0, len(text)),
        rulepack=pack.version,
        everything=False,
        unclear_negative=False,
    )
