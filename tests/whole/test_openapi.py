"""schemathesis attacks every route by what `/openapi.json` says of it."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok

from tests.live import LiveServer

EXAMPLES = 60
# A program that does not exist is well-formed and yet refused: 422, as the description says.
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ["2xx", "401", "403", "404", "422"]}
        },
        # Most texts are no tables, which no schema can say.
        "operations": [
            {
                "include-path": "/v1/scrub",
                "checks": {
                    "positive_data_acceptance": {"expected-statuses": ["2xx", "400", "422"]}
                },
            }
        ],
    }
)


@pytest.fixture(scope="module", name="described")
def _described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    live = LiveServer(tmp_path_factory.mktemp("described") / "data")
    yield live.start()
    live.kill()


def test_every_answer_is_as_described(described: LiveServer) -> None:
    """Status, content type and schema, for good requests and for bad ones, on every route."""
    schema = schemathesis.openapi.from_url(f"{described.url}/openapi.json", config=CONFIG)
    bearer = {"Authorization": f"Bearer {described.access_key}"}

    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]

    assert len(operations) >= 6
    for operation in operations:
        # Of a query and of a table, the attacker takes for wrong what HTTP cannot write otherwise: a number is a text
        # there. tests/web sends wrong ones.
        texts = operation.method == "get" or operation.path == "/v1/scrub"
        modes = [GenerationMode.POSITIVE] if texts else list(GenerationMode)
        for mode in modes:
            with contextlib.suppress(
                Unsatisfiable
            ):  # a route that takes nothing takes nothing wrong
                _attack(operation.as_strategy(generation_mode=mode), bearer)


def _attack(cases: SearchStrategy[Case[Any]], headers: dict[str, str]) -> None:
    @settings(
        max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(cases)
    def attack(case: Case[Any]) -> None:
        case.call_and_validate(headers=headers, timeout=10)

    attack()
