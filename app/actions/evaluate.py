"""Measure the rules against labelled texts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.core.intent import Intent, Reading, classify


@dataclass(frozen=True, slots=True)
class Labelled:
    """One text whose meaning somebody has judged."""

    label: Intent
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Miss:
    """One text that was read otherwise than it is labelled."""

    labelled: Labelled
    reading: Reading


@dataclass(slots=True)
class Evaluation:
    """How often reading and label agree.

    Attributes:
        labelled: texts per label.
        read: texts per intent as read.
        agreed: texts per label that were read as labelled.
        misses: the others.
    """

    labelled: Counter[Intent] = field(default_factory=Counter)
    read: Counter[Intent] = field(default_factory=Counter)
    agreed: Counter[Intent] = field(default_factory=Counter)
    misses: list[Miss] = field(default_factory=list)

    def recall(self, label: Intent) -> float | None:
        """Return the share of a label's texts that were read so, 0 to 1; `None` where there are none."""
        return self.agreed[label] / self.labelled[label] if self.labelled[label] else None

    def precision(self, label: Intent) -> float | None:
        """Return the share of texts read so that are labelled so, 0 to 1; `None` where none was read so."""
        return self.agreed[label] / self.read[label] if self.read[label] else None


def evaluate(texts: Iterable[Labelled], *, hint: bool = False) -> Evaluation:
    """Read every text and compare.

    Args:
        texts: labelled texts, streamed.
        hint: whether to tell the reader the language, as a program that knows it would.
    """
    evaluation = Evaluation()
    for text in texts:
        reading = classify(text.text, language=text.language or None if hint else None)
        evaluation.labelled[text.label] += 1
        evaluation.read[reading.intent] += 1
        if reading.intent is text.label:
            evaluation.agreed[text.label] += 1
        else:
            evaluation.misses.append(Miss(text, reading))
    return evaluation
