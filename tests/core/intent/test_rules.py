"""Each rule shows what it hears and what it does not."""

from typing import Any

import pytest

from app.core.intent import Hearing, Intent, classify
from app.core.intent.grammar import END, START
from app.core.intent.normalise import fold, tokenise
from app.core.intent.rulepack import (
    Rule,
    RuleError,
    build,
    parse_rule,
    read_files,
    rulepack,
    version_of,
)

RULES = rulepack().rules
ASKED = [rule for rule in RULES if not rule.veto]
VETOES = [rule for rule in RULES if rule.veto]


def hearing_for(rule: Rule) -> Hearing:
    """Switch on what the rule needs."""
    option = rule.option or ""
    switched: dict[str, Any] = {option.removeprefix("!"): not option.startswith("!")}
    return Hearing(**switched) if option else Hearing()


def matched(text: str) -> set[str]:
    """Give the ids of all rules that match somewhere in a text, vetoed or not."""
    pack = rulepack()
    symbols = [START, *(pack.speller[token] for token in tokenise(fold(text))), END]
    return {
        pack.rules[number].id for _, numbers in pack.automaton.read(symbols) for number in numbers
    }


@pytest.mark.parametrize("rule", ASKED, ids=lambda rule: rule.id)
def test_a_rule_hears_its_examples(rule: Rule) -> None:
    """Each example matches the rule and is read with the rule's intent."""
    for example in rule.example:
        reading = classify(example, language=rule.language, hearing=hearing_for(rule))
        assert reading.intent is rule.intent, (example, reading)
        assert reading.unclear_negative is rule.unclear


@pytest.mark.parametrize("rule", ASKED, ids=lambda rule: rule.id)
def test_a_rule_leaves_its_counter_examples_alone(rule: Rule) -> None:
    """No counter-example is decided by the rule."""
    for counter in rule.counter:
        reading = classify(counter, language=rule.language, hearing=hearing_for(rule))
        assert reading.rule != rule.id, (counter, reading)


@pytest.mark.parametrize("rule", VETOES, ids=lambda rule: rule.id)
def test_a_veto_covers_its_examples_and_no_others(rule: Rule) -> None:
    """A veto matches its examples, which then say nothing, and not its counter-examples."""
    for example in rule.example:
        assert rule.id in matched(example), example
        assert classify(example, hearing=hearing_for(rule)).intent is Intent.NONE, example
    for counter in rule.counter:
        assert rule.id not in matched(counter), counter


def test_every_language_of_the_table_has_words_for_all_three_requests() -> None:
    """Thirty languages: opt out, opt in, help and wrong number."""
    needed = {Intent.OPT_OUT, Intent.OPT_IN, Intent.HELP, Intent.WRONG_NUMBER}
    heard: dict[str, set[Intent]] = {}
    for rule in RULES:
        heard.setdefault(rule.language, set()).add(rule.intent)
    assert len(heard) >= 28
    assert {language for language, intents in heard.items() if not needed <= intents} == set()


def test_a_changed_rule_is_a_changed_version() -> None:
    """The version carries a digest of the files."""
    sources = read_files()
    changed = sources | {"en": sources["en"] + "\n# a word more\n"}
    assert version_of(sources) == version_of(dict(sources))
    assert version_of(sources) != version_of(changed)


GOOD = {
    "id": "en.a",
    "intent": "opt_out",
    "whole": ["x"],
    "example": "x",
    "counter": "y",
    "source": "z",
}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"example": ""}, "no example"),
        ({"counter": ""}, "no counter"),
        ({"source": ""}, "no source"),
        ({"colour": "red"}, "unknown field 'colour'"),
        ({"intent": "shout"}, "shout"),
        ({"id": "fr.a"}, "does not start with"),
        ({"option": "loud"}, "unknown option"),
        ({"whole": []}, "neither whole nor match"),
        ({"whole": [1]}, "no list of texts"),
    ],
)
def test_a_malformed_rule_is_refused_by_name(change: dict[str, object], complaint: str) -> None:
    """The error says which rule and what is wrong with it."""
    with pytest.raises(RuleError, match=complaint):
        parse_rule("en", GOOD | change)


def test_two_rules_may_not_share_an_id() -> None:
    """An id names one rule for good."""
    sources = read_files()
    first = sources["en"].index("[[rule]]")
    second = sources["en"].index("[[rule]]", first + 1)
    with pytest.raises(RuleError, match="same id"):
        build(sources | {"en": sources["en"] + "\n" + sources["en"][first:second]})
