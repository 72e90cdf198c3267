"""Load the rules: one TOML file a language, checked, and turned into one automaton."""

import gc
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from app.core.intent.automaton import Automaton
from app.core.intent.grammar import Network, PatternError
from app.core.intent.reading import Certainty, Intent
from app.core.intent.spelling import Speller

EDITION = "2026.11.1"
SHARED = "shared"
_FIELDS = frozenset({
    "id", "intent", "certainty", "whole", "match", "example", "counter", "source", "rank",
    "everything", "unclear", "firm", "tight", "capital", "most_words", "option",
    "veto", "hint_only",
})  # fmt: skip
_OPTIONS = frozenset({"bare_negatives", "yes_opts_in", "stop_with_argument"})


class RuleError(ValueError):
    """A rule file is malformed; the message names the rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule as its file gives it.

    Attributes:
        id: stable name, `<language>.<kind>.<name>`.
        language: ISO 639-1 code, from the file's name.
        intent: what the rule hears; `none` for a veto or an unclear refusal.
        certainty: how plainly.
        patterns: in the language of `grammar`.
        example: texts that the rule alone must match.
        counter: texts that it must not match.
        source: where the rule comes from.
        rank: of several rules that match, the highest decides.
        everything: the rule asks to end every program.
        unclear: the rule hears a refusal too vague to act on alone.
        option: the field of `Hearing` that switches the rule on, or with "!" before it, off.
        veto: another rule's match in the same place is not meant, if its rank is no higher.
        hint_only: the rule holds only where the caller names its language.
        firm: no veto undoes the rule ("if you don't stop texting me").
        most_words: the rule holds in messages of so many words at most; `None` for any length.
        tight: no comma may stand between the words of a match.
        capital: the last word of the match is written with a capital: a name.
    """

    id: str
    language: str
    intent: Intent
    certainty: Certainty
    patterns: tuple[str, ...]
    example: tuple[str, ...]
    counter: tuple[str, ...]
    source: str
    rank: int
    everything: bool = False
    unclear: bool = False
    option: str | None = None
    veto: bool = False
    hint_only: bool = False
    firm: bool = False
    tight: bool = False
    most_words: int | None = None
    capital: bool = False


@dataclass(frozen=True, slots=True)
class Rulepack:
    """All rules, ready to read with."""

    version: str
    rules: tuple[Rule, ...]
    automaton: Automaton
    speller: Speller
    squeezed: Mapping[str, str]


_VETO = 100
_RANKS = {
    (Intent.OPT_OUT, Certainty.DEFINITE): 60,
    (Intent.OPT_OUT, Certainty.PROBABLE): 50,
    (Intent.WRONG_NUMBER, Certainty.DEFINITE): 70,
    (Intent.WRONG_NUMBER, Certainty.PROBABLE): 40,
    (Intent.OPT_IN, Certainty.DEFINITE): 65,
    (Intent.OPT_IN, Certainty.PROBABLE): 45,
    (Intent.HELP, Certainty.DEFINITE): 30,
    (Intent.HELP, Certainty.PROBABLE): 25,
}


def _texts(rule: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = rule.get(name, ())
    texts = (value,) if isinstance(value, str) else tuple(value)
    if not all(isinstance(text, str) for text in texts):
        raise RuleError(f"{rule.get('id')}: {name} is no list of texts")
    return texts


def _whole(words: tuple[str, ...]) -> tuple[str, ...]:
    """Say that the keywords, with courtesies around them, are the whole message."""
    if not words:
        return ()
    choice = " | ".join(words)
    return (f"^ {{courtesy}}* ({choice}) ({{courtesy}}|{choice})* $",)


def parse_rule(language: str, raw: Mapping[str, Any]) -> Rule:
    """Check one rule of a file.

    Args:
        language: the file's language.
        raw: the table as TOML gives it.

    Raises:
        RuleError: a field is unknown, missing or of the wrong kind.
    """
    name = raw.get("id", "a rule without id")
    unknown = set(raw) - _FIELDS
    if unknown:
        raise RuleError(f"{name}: unknown field {sorted(unknown)[0]!r}")
    for needed in ("id", "example", "counter", "source"):
        if not raw.get(needed):
            raise RuleError(f"{name}: no {needed}")
    if not str(name).startswith(f"{language}."):
        raise RuleError(f"{name}: the id does not start with {language!r}")
    if str(raw.get("option", "")).removeprefix("!") not in _OPTIONS | {""}:
        raise RuleError(f"{name}: unknown option {raw['option']!r}")
    patterns = _whole(_texts(raw, "whole")) + _texts(raw, "match")
    if not patterns:
        raise RuleError(f"{name}: neither whole nor match")
    try:
        intent = Intent(raw.get("intent", "none"))
        certainty = Certainty(raw.get("certainty", "definite"))
    except ValueError as error:
        raise RuleError(f"{name}: {error}") from error
    return Rule(
        id=str(name),
        language=language,
        intent=intent,
        certainty=certainty,
        patterns=patterns,
        example=_texts(raw, "example"),
        counter=_texts(raw, "counter"),
        source=str(raw["source"]),
        rank=int(
            raw.get("rank", _VETO if raw.get("veto") else _RANKS.get((intent, certainty), 10))
        ),
        everything=bool(raw.get("everything", False)),
        unclear=bool(raw.get("unclear", False)),
        option=raw.get("option"),
        veto=bool(raw.get("veto", False)),
        hint_only=bool(raw.get("hint_only", False)),
        firm=bool(raw.get("firm", False)),
        most_words=int(raw["most_words"]) if "most_words" in raw else None,
        tight=bool(raw.get("tight", False)),
        capital=bool(raw.get("capital", False)),
    )


def read_files() -> dict[str, str]:
    """Read the rule files that ship with the package, by language."""
    folder = files("app.core.intent") / "rules"
    return {
        path.name.removesuffix(".toml"): path.read_text(encoding="utf-8")
        for path in sorted(folder.iterdir(), key=lambda path: path.name)
        if path.name.endswith(".toml")
    }


def version_of(sources: Mapping[str, str]) -> str:
    """Name a set of rule files: an edition, and a digest that any change of a rule changes."""
    digest = hashlib.sha256()
    for name in sorted(sources):
        digest.update(f"{name}\n{sources[name]}\n".encode())
    return f"{EDITION}+{digest.hexdigest()[:8]}"


def build(sources: Mapping[str, str]) -> Rulepack:
    """Check and compile rule files.

    Args:
        sources: TOML text by language, `shared` among them.

    Raises:
        RuleError: a rule is malformed, or two have the same id.
    """
    tables = {language: tomllib.loads(text) for language, text in sources.items()}
    shared = tables.pop(SHARED)
    lists: dict[str, str] = dict(shared["words"])
    lists["courtesy"] = " | ".join(
        [
            lists["courtesy"],
            *(table["courtesy"] for table in tables.values() if "courtesy" in table),
        ]
    )
    spelling = shared["spelling"]
    alike = {other: word for word, others in spelling["alike"].items() for other in others.split()}
    network = Network(alike=alike)
    rules: list[Rule] = []
    words: dict[str, dict[str, str]] = {}
    for name, table in tables.items():
        words.setdefault(name.partition(".")[0], {}).update(table.get("words", {}))
    for name, table in tables.items():
        language = name.partition(".")[0]
        own = lists | words[language]
        for raw in table.get("rule", ()):
            rule = parse_rule(language, raw)
            for pattern in rule.patterns:
                _add(network, pattern, len(rules), own, rule)
            rules.append(rule)
    if len({rule.id for rule in rules}) < len(rules):
        raise RuleError("two rules have the same id")
    automaton = Automaton(network)
    speller = Speller(
        automaton.vocabulary,
        near=spelling["near"],
        far=spelling["far"],
        alike=alike,
        guards=spelling["guards"].split(),
        keywords=spelling["glued"],
        joined={"": spelling["glue_symbol"]}
        | {other: word for word, others in spelling["joined"].items() for other in others.split()},
    )
    return Rulepack(version_of(sources), tuple(rules), automaton, speller, dict(shared["squeezed"]))


def _add(network: Network, pattern: str, number: int, lists: Mapping[str, str], rule: Rule) -> None:
    try:
        network.add(pattern, number, lists, tight=rule.tight)
    except PatternError as error:
        raise RuleError(f"{rule.id}: {error}") from error


@lru_cache(maxsize=1)
def rulepack() -> Rulepack:
    """Load the rule pack that ships with the package, once.

    What is loaded lives as long as the process. The garbage collector is told so: else it would look through it
    again and again, and a message would now and then take some eighty milliseconds instead of one.
    """
    gc.disable()
    try:
        return build(read_files())
    finally:
        gc.enable()
        gc.freeze()
