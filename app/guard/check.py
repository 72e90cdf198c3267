"""Which requests send a message, what is asked about them, and what the answer means: no connection is made here."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from twilio.base.exceptions import TwilioRestException
from twilio.http.response import Response

Program = str | Callable[[Mapping[str, str]], str]
"""The id of the program that sends, or what finds it from a message's parameters, named as Twilio names them."""

# The 2010 API answers in the format of the suffix, XML without one; `SMS/` is how it once began.
_CREATION = re.compile(r"/Accounts/[^/]+/(?:SMS/)?Messages(?:\.[a-z]+)?/*\Z", re.IGNORECASE)
_CHANNEL = re.compile(r"[A-Za-z_]+:")  # such as `whatsapp:+12015550123`
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_CODE = re.compile(r"[a-z][a-z_]{0,63}")
_EXPLAINED = ("reason", "program", "scope", "since", "certainty", "retry_at")

_HTTP_OK = 200
_UNSUBSCRIBED = 21610  # https://www.twilio.com/docs/api/errors/21610


class CheckFailed(TwilioRestException):  # type: ignore[misc]  # twilio is untyped
    """Whether this message may be sent is not known, so it was not sent: it can be tried again later.

    Args:
        cause: what went wrong, without the number.
        uri: the path of the send.
    """

    def __init__(self, cause: str, uri: str) -> None:
        super().__init__(503, uri, f"Not sent: {cause}", None, "POST")

    def __str__(self) -> str:
        """Say it in one line, and not, as on a terminal, that it was Twilio who said it."""
        return str(self.msg)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the check said, or the name of what kept it from saying anything.

    Attributes:
        dropped: a connection went away. A server closes an idle one at the moment it is used
            again, so the question is put once more, which doubles nothing.
    """

    status: int = 0
    body: bytes = field(default=b"", repr=False)
    fault: str = ""
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Send:
    """One message that somebody wants to send."""

    path: str
    question: dict[str, str] = field(repr=False)

    def judge(self, answer: Answer) -> Response | None:
        """Return `None` if the message may be sent, else what Twilio answers to a refused one.

        Raises:
            CheckFailed: the answer does not say.
        """
        if answer.fault:
            raise CheckFailed(f"the check gave no answer ({answer.fault})", self.path)
        said = _object(answer.body)
        if answer.status != _HTTP_OK:
            code = _code(said.get("code")) or "without a code"
            raise CheckFailed(f"the check answered {answer.status} {code}", self.path)
        allowed, reason = said.get("allowed"), said.get("reason")
        if self._is_about(said) and allowed is True and reason is None:
            return None
        if self._is_about(said) and allowed is False and _code(reason):
            return _refusal(said)
        raise CheckFailed("the check answered what makes no sense", self.path)

    def _is_about(self, said: Mapping[str, Any]) -> bool:
        """Tell whether an answer is about this program and number.

        A number in E.164 keeps its last digits, whatever the server makes of its beginning.
        """
        asked, answered = self.question["to"], said.get("to")
        if said.get("program") != self.question["program"] or not isinstance(answered, str):
            return False
        return _E164.fullmatch(asked) is None or answered[-4:] == asked[-4:]


@dataclass(frozen=True, slots=True)
class Guard:
    """What knows which requests to ask about, without a connection of its own."""

    url: str
    program: Program
    region: str | None

    def read(self, method: str, url: str, params: Any, data: Any) -> Send | None:
        """Return what is to be asked about a request, or `None` for one that sends no message to anybody.

        Raises:
            CheckFailed: it sends a message, but to whom cannot be read.
        """
        parts = urlsplit(url)
        path = unquote(parts.path)
        if method.upper() != "POST" or _CREATION.search(path) is None:
            return None
        pairs = [pair for given in (parts.query, params, data) for pair in _pairs(given, path)]
        recipients = {value.strip() for name, value in pairs if name.casefold() == "to"} - {""}
        if not recipients:
            return None  # Twilio refuses a message to nobody
        if len(recipients) > 1:
            raise CheckFailed("the message has several recipients", path)
        address = recipients.pop()
        to = _CHANNEL.sub("", address, count=1)
        if to != address and not to.startswith("+"):
            raise CheckFailed("the recipient has no phone number", path)
        program = self.program if isinstance(self.program, str) else self.program(dict(pairs))
        region = {} if self.region is None else {"region": self.region}
        return Send(path, {"to": to, "program": program, **region})


def _pairs(given: Any, path: str) -> list[tuple[str, str]]:
    """Return parameters given as an object, as a list of pairs, or encoded."""
    if isinstance(given, str):
        return parse_qsl(given)
    pairs = given.items() if isinstance(given, Mapping) else given
    if not isinstance(given, Mapping | list | tuple | None):
        raise CheckFailed("the parameters of the message cannot be read", path)
    return [
        (str(name), str(value))
        for name, values in pairs or ()
        for value in (values if isinstance(values, list | tuple) else [values])
        if value is not None
    ]


def _object(body: bytes) -> dict[str, Any]:
    """Return a JSON object, an empty one where there is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _code(value: object) -> str | None:
    """Return a stable code of ours: only what looks like one is shown to anybody."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else None


def _refusal(said: Mapping[str, Any]) -> Response:
    body = {
        "code": _UNSUBSCRIBED,
        "message": f"Stoplist refuses this message: {said['reason']}",
        "more_info": f"https://www.twilio.com/docs/errors/{_UNSUBSCRIBED}",
        "status": 400,
        "details": {name: said.get(name) for name in _EXPLAINED},
    }
    return Response(400, json.dumps(body))
