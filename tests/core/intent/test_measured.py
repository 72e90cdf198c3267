"""The marks that the engine must reach on labelled texts, where those are at hand."""

from collections import Counter
from collections.abc import Callable

from app.core.intent import Intent, classify

Reader = Callable[[str], list[tuple[str, str, str, str]]]


def test_labelled_phrases_are_heard(labelled: Reader) -> None:
    """Recall per label; a phrase whose label is a judgement counts as heard either way."""
    total: Counter[tuple[str, bool]] = Counter()
    heard: Counter[tuple[str, bool]] = Counter()
    for label, language, text, source in labelled("phrases.tsv"):
        key = (label, language == "en")
        total[key] += 1
        judged = "ambiguous" in source or "context" in source
        heard[key] += judged or classify(text).intent.value == label
    shares = {key: heard[key] / total[key] for key in total}
    assert shares["opt_out", True] >= 0.97
    assert shares["opt_out", False] >= 0.95
    assert min(shares["help", True], shares["help", False]) >= 0.95
    assert min(shares["none", True], shares["none", False]) >= 0.97
    assert (heard["opt_in", True] + heard["opt_in", False]) / 41 >= 0.95


def test_everyday_messages_are_left_alone(labelled: Reader) -> None:
    """At most one false opt-out in a thousand."""
    rows = labelled("everyday_messages.tsv")
    false = sum(classify(text).intent is Intent.OPT_OUT for _, _, text, _ in rows)
    assert false <= len(rows) / 1000
