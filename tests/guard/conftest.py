"""What goes out is caught."""

from collections.abc import Iterator

import pytest
import responses

from tests.guard.sends import MESSAGES


@pytest.fixture(name="wire")
def _wire() -> Iterator[responses.RequestsMock]:
    """Everything that goes out; Twilio takes any message."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        wire.post(MESSAGES, status=201, json={"sid": "SM1", "status": "queued"})
        yield wire
