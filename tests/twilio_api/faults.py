"""What can go wrong between a client and Twilio."""

import re
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong with one request.

    Without `status` and `cut` the request is carried out and answered, late by `wait_s`.

    Attributes:
        status: what is answered in place of the truth, such as 429 or 503.
        cut: the connection is closed without a word.
        acts: the request is carried out all the same: its sender cannot know. Twilio never carries
            out what it answers 429.
        wait_s: seconds before anything is answered.
        only: the requests it is for, a regular expression over `POST /path`.
    """

    status: int | None = None
    cut: bool = False
    acts: bool = False
    wait_s: float = 0
    only: str = ""

    @property
    def carried_out(self) -> bool:
        """Whether Twilio does what it was asked."""
        return self.acts or not (self.cut or self.status)

    def concerns(self, method: str, path: str) -> bool:
        """Tell whether it is for this request."""
        return re.search(self.only, f"{method} {path}") is not None


NOTHING = Fault()


class Faults:
    """What will go wrong, in order; each goes wrong once."""

    def __init__(self) -> None:
        self._due: deque[Fault] = deque()

    def add(self, fault: Fault, times: int) -> None:
        """Let a fault befall the next requests that it is for."""
        self._due.extend([fault] * times)

    def take(self, method: str, path: str) -> Fault:
        """Return what goes wrong with this request."""
        for fault in self._due:
            if fault.concerns(method, path):
                self._due.remove(fault)
                return fault
        return NOTHING
