"""Plain HTTP to servers that are nobody in particular."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.auth import AuthBase

from app.core.errors import CarrierAway, Unavailable

_TIMEOUT_S = (3.05, 15.0)  # to connect, to answer


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    status: int
    body: str = field(repr=False)

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object.

        Raises:
            ValueError: it is not one.
        """
        value = json.loads(self.body)
        if not isinstance(value, dict):
            raise ValueError("not a JSON object")
        return value


def post_form(url: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
    """Post a form.

    Raises:
        Unavailable: no answer came.
    """
    return _post(url, headers=headers, data=dict(fields))


def post_json(url: str, body: Mapping[str, Any], *, bearer: str | None = None) -> Answer:
    """Post a JSON object, with an access key where there is one.

    Raises:
        Unavailable: no answer came.
    """
    return _post(url, headers={}, auth=_Bearer(bearer) if bearer else None, json=dict(body))


def lines(url: str) -> Iterator[str]:
    """Yield the lines of a text as they come.

    Raises:
        CarrierAway: no answer came, or not a good one, or it broke off.
    """
    try:
        with requests.get(url, timeout=_TIMEOUT_S, stream=True) as response:
            if not response.ok:
                raise CarrierAway(f"a file was answered {response.status_code}")
            for line in response.iter_lines():
                yield line.decode("utf-8", "replace")
    except requests.RequestException as fault:
        raise CarrierAway(f"a file could not be read: {type(fault).__name__}") from None


class _Bearer(AuthBase):
    """An access key; given as this and not as a header, it is not replaced by what stands in a `.netrc`."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


def _post(url: str, *, headers: Mapping[str, str], **content: Any) -> Answer:
    try:
        response = requests.post(
            url, headers=dict(headers), timeout=_TIMEOUT_S, allow_redirects=False, **content
        )
    except requests.RequestException as fault:
        raise Unavailable(f"no answer from {url}: {type(fault).__name__}") from None
    return Answer(response.status_code, response.text)
