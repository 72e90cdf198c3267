"""Choose among the rules that matched a text."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.core.intent.grammar import BOUNDARIES
from app.core.intent.normalise import COMMA, locate
from app.core.intent.outbound import own_words
from app.core.intent.reading import Certainty, Hearing, Intent, Reading
from app.core.intent.rulepack import Rule, Rulepack

_MOST_ENDS = 24
_SPOKEN_BESIDE_ALL = "en"

Ends = list[tuple[int, tuple[int, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A text in symbols, with the places where rules match."""

    text: str
    symbols: list[str]
    ends: Ends
    language: str


@dataclass(frozen=True, slots=True)
class Match:
    """A rule and the symbols it matched, first and last."""

    rule: Rule
    first: int
    last: int

    def undoes(self, other: "Match") -> bool:
        """Say whether this veto takes another match back: it shares a word, and ranks as high."""
        return (
            self.first <= other.last
            and other.first <= self.last
            and self.rule.language in {other.rule.language, _SPOKEN_BESIDE_ALL}
            and self.rule.rank >= other.rule.rank
        )


def weigh(pack: Rulepack, heard: Heard, hearing: Hearing) -> Reading | None:
    """Read what the rules found: the highest rank decides, unless a veto touches it.

    Args:
        pack: the rules.
        heard: the text and where they match.
        hearing: the program's options.

    Returns:
        The reading, or `None` if nothing remains.
    """
    standing = list(_standing(pack, heard, hearing))
    if not standing:
        return None
    chosen = _first_said(standing)
    rule = chosen.rule
    intents = {match.rule.intent for match in standing}
    also = next((other for other in _BESIDE.get(rule.intent, ()) if other in intents), None)
    return Reading(
        intent=rule.intent,
        certainty=None if rule.intent is Intent.NONE else rule.certainty,
        rule=rule.id,
        language=rule.language,
        span=_place(heard, chosen),
        rulepack=pack.version,
        everything=rule.intent is Intent.OPT_OUT and any(m.rule.everything for m in standing),
        unclear_negative=rule.unclear,
        also=also,
    )


def _first_said(standing: list[Match]) -> Match:
    """Let a plain request go before a wrong number that only explains it: "Stop, wrong person"."""
    chosen = standing[0]
    if chosen.rule.intent is not Intent.WRONG_NUMBER:
        return chosen
    asked = (
        match
        for match in standing
        if match.rule.intent is Intent.OPT_OUT
        and match.rule.certainty is Certainty.DEFINITE
        and match.first < chosen.first
    )
    return next(asked, chosen)


_BESIDE = {
    Intent.OPT_OUT: (Intent.WRONG_NUMBER,),
    Intent.WRONG_NUMBER: (Intent.OPT_OUT,),
}


def _is_on(rule: Rule, heard: Heard, hearing: Hearing) -> bool:
    """Say whether a rule holds for this program, this caller and a text of this length."""
    if rule.hint_only and heard.language != rule.language:
        return False
    if rule.most_words is not None and len(heard.symbols) - 2 > rule.most_words:
        return False
    if rule.option is None:
        return True
    switched_on = bool(getattr(hearing, rule.option.removeprefix("!")))
    return switched_on is not rule.option.startswith("!")


def _standing(pack: Rulepack, heard: Heard, hearing: Hearing) -> Iterator[Match]:
    """Give the matches that no veto touches, the one of highest rank first."""
    ends = heard.ends
    if len(ends) > _MOST_ENDS:
        ends = ends[: _MOST_ENDS // 2] + ends[-_MOST_ENDS // 2 :]
    found = [
        (pack.rules[number], number, end)
        for end, numbers in ends
        for number in numbers
        if _is_on(pack.rules[number], heard, hearing)
    ]
    wanted = sorted(
        (hit for hit in found if not hit[0].veto),
        key=lambda hit: (-hit[0].rank, hit[0].language != heard.language, hit[2]),
    )
    if not wanted:
        return
    vetoes = [_match(pack, heard, hit) for hit in found if hit[0].veto]
    for hit in wanted:
        match = _match(pack, heard, hit)
        if match.rule.capital and not _is_name(heard, match):
            continue
        if match.rule.firm or not any(veto.undoes(match) for veto in vetoes):
            yield match


def _match(pack: Rulepack, heard: Heard, hit: tuple[Rule, int, int]) -> Match:
    """Give the words of a match, without the marks around them."""
    rule, number, end = hit
    symbols = heard.symbols
    first = pack.automaton.begin(symbols, end, number)
    last = end
    while last > first and symbols[last] in BOUNDARIES:
        last -= 1
    while first < last and (symbols[first] in BOUNDARIES or symbols[first] == COMMA):
        first += 1
    return Match(rule, first, last)


def _place(heard: Heard, match: Match) -> tuple[int, int] | None:
    return locate(own_words(heard.text), match.first - 1, match.last - 1)


def _is_name(heard: Heard, match: Match) -> bool:
    """Say whether the last word of a match is written as a name is: with one capital."""
    place = _place(heard, match)
    if place is None:
        return False
    words = heard.text[slice(*place)].split()
    return bool(words) and words[-1][:1].isupper() and not words[-1].isupper()
