"""Read one text: fold it, find the rules that match, weigh them, say what the person asks for."""

from functools import lru_cache

from app.core.intent.grammar import BOUNDARIES, END, START
from app.core.intent.normalise import COMMA, READ_AT_MOST, fold, locate, tokenise, words_of
from app.core.intent.outbound import own_words
from app.core.intent.reading import Certainty, Hearing, Intent, Reading
from app.core.intent.rulepack import Rule, Rulepack, longest_match, rulepack

DEFAULT_HEARING = Hearing()
_MOST_ENDS = 64
_LONGEST_SQUEEZED = 30


def classify(
    text: str, *, language: str | None = None, hearing: Hearing = DEFAULT_HEARING
) -> Reading:
    """Say what a person asks for with a text.

    Args:
        text: the message, any string.
        language: ISO 639-1 code of the language expected; a STOP in any other is heard all the same.
        hearing: what the program adds to the rules.

    Returns:
        The reading. Never raises. (47 CFR 64.1200(a)(10): what a reasonable person would understand.)
    """
    pack = rulepack()
    if len(text) > READ_AT_MOST:
        text = text[:READ_AT_MOST]
    symbols = [START]
    symbols.extend(map(pack.speller.__getitem__, tokenise(fold(own_words(text)))))
    symbols.append(END)
    hits = pack.automaton.read(symbols)
    if not hits and len(text) <= _LONGEST_SQUEEZED:
        symbols, hits = _squeeze(pack, text) or (symbols, hits)
    reading = _weigh(pack, text, symbols, hits, language, hearing) if hits else None
    if hearing is not DEFAULT_HEARING:
        reading = _customise(pack, text, reading, hearing)
    return reading or _nothing(pack.version)


@lru_cache(maxsize=4)
def _nothing(version: str) -> Reading:
    return Reading(
        intent=Intent.NONE, certainty=None, rule=None, language=None, span=None, rulepack=version
    )


def _squeeze(
    pack: Rulepack, text: str
) -> tuple[list[str], list[tuple[int, tuple[int, ...]]]] | None:
    """Hear a keyword whose letters stand apart ("s t o p", "sto p")."""
    word = pack.squeezed.get("".join(words_of(text)))
    if word is None:
        return None
    symbols = [START, word, END]
    return symbols, pack.automaton.read(symbols)


def _is_on(rule: Rule, language: str | None, hearing: Hearing) -> bool:
    """Say whether a rule holds for this program and this caller."""
    if rule.hint_only and (language or "")[:2].lower() != rule.language:
        return False
    return rule.option is None or bool(getattr(hearing, rule.option))


def _weigh(
    pack: Rulepack,
    text: str,
    symbols: list[str],
    ends: list[tuple[int, tuple[int, ...]]],
    language: str | None,
    hearing: Hearing,
) -> Reading | None:
    """Choose among the rules that matched: the highest rank, unless a veto covers it."""
    if len(ends) > _MOST_ENDS:
        ends = ends[: _MOST_ENDS // 2] + ends[-_MOST_ENDS // 2 :]
    hits = [
        (pack.rules[number], number, end)
        for end, numbers in ends
        for number in numbers
        if _is_on(pack.rules[number], language, hearing)
    ]
    vetoes: list[tuple[int, int]] | None = None
    hint = (language or "")[:2].lower()
    wanted = sorted(
        (hit for hit in hits if not hit[0].veto),
        key=lambda hit: (-hit[0].rank, hit[0].language != hint, hit[2]),
    )
    chosen: tuple[Rule, int, int] | None = None
    everything = False
    for rule, number, end in wanted:
        if chosen is not None and not rule.everything:
            continue
        if vetoes is None:
            vetoes = [_span(pack, symbols, number, end) for veto, number, end in hits if veto.veto]
        first, last = _span(pack, symbols, number, end)
        if any(first <= stop and start <= last for start, stop in vetoes):
            continue
        everything = everything or rule.everything
        if chosen is None:
            chosen = (rule, first, last)
    return None if chosen is None else _reading(pack, text, symbols, chosen, everything=everything)


def _span(pack: Rulepack, symbols: list[str], number: int, end: int) -> tuple[int, int]:
    """Give the first and last symbol of a match, without the marks around it."""
    first = pack.automaton.begin(symbols, end, number, longest_match())
    last = end
    while last > first and symbols[last] in BOUNDARIES:
        last -= 1
    while first < last and (symbols[first] in BOUNDARIES or symbols[first] == COMMA):
        first += 1
    return first, last


def _reading(
    pack: Rulepack,
    text: str,
    symbols: list[str],
    chosen: tuple[Rule, int, int],
    *,
    everything: bool,
) -> Reading:
    rule, first, last = chosen
    whole = len(symbols) - 2 == 1 and last == 1
    span = locate(own_words(text), first - 1, last - 1)
    if span is None and whole:
        span = (0, len(text))
    heard = rule.intent is not Intent.NONE
    return Reading(
        intent=rule.intent,
        certainty=rule.certainty if heard else None,
        rule=rule.id,
        language=rule.language,
        span=span,
        rulepack=pack.version,
        everything=everything and rule.intent is Intent.OPT_OUT,
        unclear_negative=rule.unclear,
    )


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
