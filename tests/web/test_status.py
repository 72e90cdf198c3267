"""Health, readiness and the API's description."""

from app.factory import create_app
from tests.conftest import Web


def test_it_is_alive_and_ready(web: Web) -> None:
    """Without a key."""
    assert web.client.get("/healthz").status_code == 200
    assert web.client.get("/readyz").status_code == 200


def test_the_description_holds_every_route(web: Web) -> None:
    """What is served is described, and nothing else is."""
    described = web.client.get("/openapi.json").json
    assert described is not None
    paths = {path.replace("{", "<").replace("}", ">") for path in described["paths"]}

    served = {rule.rule.replace("<int:", "<") for rule in web.app.url_map.iter_rules()}

    assert served == paths


def test_the_package_makes_the_application_lazily() -> None:
    """`from app import create_app` is the same function."""
    import app  # noqa: PLC0415

    assert app.create_app is create_app
