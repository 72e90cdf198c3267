"""Who is asking: the access key of a request."""

from flask import request

from app.actions import keys
from app.actions.keys import Role
from app.core.errors import Unauthenticated
from app.wiring import Services


def bearer() -> str:
    """Return the access key that the request shows.

    Raises:
        Unauthenticated: it shows none.
    """
    scheme, _, key = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated("send an access key: Authorization: Bearer <access key>")
    return str(key).strip()


def require(services: Services, role: Role) -> None:
    """Let the request pass only with an access key of that role.

    Raises:
        Unauthenticated: there is none, or it is not valid.
        Forbidden: it does not have the role.
        Unavailable: it cannot be proven now.
    """
    keys.prove(services.db, bearer(), role)
