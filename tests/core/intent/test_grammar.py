"""The language of the rules, and the automaton that reads them."""

import pytest

from app.core.intent.automaton import Automaton
from app.core.intent.grammar import END, START, Network, PatternError

LISTS = {"me": "me | us", "asked": "please {me}"}


def ends(pattern: str, text: str) -> bool:
    """Say whether a pattern matches somewhere in a text of folded words."""
    network = Network()
    network.add(pattern, 0, LISTS)
    return bool(Automaton(network).read([START, *text.split(), END]))


@pytest.mark.parametrize(
    ("pattern", "hit", "miss"),
    [
        ("stop texting", "please stop texting me", "stop the texting"),
        ("(stop|quit) texting", "quit texting", "end texting"),
        ("please? stop now", "stop now", "please now"),
        ("very* bad", "very very bad", "very good"),
        ("stop {me}", "stop us", "stop them"),
        ("{asked} go", "please me go", "please go"),
        ("stop ~2 me", "stop a b me", "stop a b c me"),
        ("stop ~2 me", "stop me", "stop . me"),
        ("^ stop $", "stop . ?", "please stop"),
        ("< stop >", "no . stop . yes", "no stop yes"),
        ("stop ??", "stop ?", "stop ."),
        (", stop", "well , stop", "well stop"),
        ("stop me", "stop , me", "stop . me"),
        ("stop = end", "stop = end", "stop end"),
        ("not _", "not <other>", "not stop"),
    ],
)
def test_a_pattern_means_what_the_manual_says(pattern: str, hit: str, miss: str) -> None:
    """One line of the manual each."""
    assert ends(pattern, hit)
    assert not ends(pattern, miss)


@pytest.mark.parametrize(
    "pattern", ["", "(stop", "stop)", "a | ", "{nobody}", "stop?", "~2", "*", "a ()", "+-+"]
)
def test_a_malformed_pattern_is_refused(pattern: str) -> None:
    """An error, never a rule that matches anything or nothing."""
    with pytest.raises(PatternError):
        Network().add(pattern, 0, LISTS)


def test_lists_that_name_each_other_are_refused() -> None:
    """A circle of lists ends in an error, not in a hang."""
    with pytest.raises(PatternError, match="too deeply"):
        Network().add("{a}", 0, {"a": "x {b}", "b": "y {a}"})


def test_the_table_may_be_forgotten_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full table is thrown away and built anew; matches stay the same."""
    monkeypatch.setattr("app.core.intent.automaton._LARGEST_TABLE", 2)
    network = Network()
    network.add("a ~3 b", 0, {})
    automaton = Automaton(network)
    for _ in range(3):
        assert automaton.read([START, "a", "x", "y", "b", END]) == [(4, (0,))]
