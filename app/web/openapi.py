"""The description of the API, made from the wire types."""

import re
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct

from app.core.phone import REGIONS
from app.web import openapi_gate
from app.web.shapes import checks, facts, programs, subjects
from app.web.shapes.common import Health, Problem

_PROBLEM = "application/problem+json"
_JSON = "application/json"
_XML = "text/xml; charset=utf-8"
_REF = "#/components/schemas/{name}"

_PROBLEMS = {
    400: "The body, or the query, is not of the declared shape.",
    401: "No access key, or not a valid one.",
    403: "The access key does not have the role.",
    404: "There is nothing of that id.",
    409: "What is held already contradicts it.",
    413: "Too many numbers, or a body over the limit.",
    415: "The body is not declared as what it must be.",
    422: "The shape is right, but there is no such program, or no such number.",
    503: "The database cannot be reached. For a check this means: do not send.",
}
_ALWAYS = (400, 401, 403, 503)
_WITH_BODY = (*_ALWAYS, 413, 415)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation for which an access key is needed.

    Attributes:
        name: of the operation, for makers of clients.
        path: with its parameters in braces.
        method: of HTTP.
        summary: in one question or sentence.
        role: that the access key must have.
        answer: the shape of what comes back.
        body: the shape of what is sent; `None`: nothing is.
        query: names of whole numbers in the query.
        statuses: of success.
        problems: beside those that every operation has.
    """

    name: str
    path: str
    method: str
    summary: str
    role: str
    answer: type[Struct]
    body: type[Struct] | None = None
    query: tuple[str, ...] = ()
    statuses: tuple[int, ...] = (200,)
    problems: tuple[int, ...] = ()


_fact = partial(
    Operation, method="post", answer=facts.EventAnswer, statuses=(201, 200), problems=(409, 422)
)
_review = partial(
    Operation, method="post", role="admin", answer=facts.ReviewAnswer, problems=(404, 409)
)
_PAGE = ("after", "limit")
_PROGRAM = "/v1/programs/{program_id}"
OPERATIONS = (
    Operation("check", "/v1/check", "post", "May one number be texted?", "check",
              checks.CheckAnswer, checks.CheckRequest, problems=(422,)),
    Operation("checkBulk", "/v1/check/bulk", "post", "May up to 10,000 numbers be texted?", "check",
              checks.BulkCheckAnswer, checks.BulkCheckRequest, problems=(422,)),
    Operation("verifyDecision", "/v1/decisions/verify", "post", "Is this decision ours, and what did it say?",
              "read", checks.VerifyAnswer, checks.VerifyRequest, problems=(422,)),
    Operation("classify", "/v1/classify", "post", "What does a text ask for?", "read",
              checks.ClassifyAnswer, checks.ClassifyRequest),
    _fact("optOut", "/v1/opt-outs", summary="Record that a person wants no more messages.", role="write",
          body=facts.OptOutRequest),
    _fact("optIn", "/v1/opt-ins", summary="Record that a person agreed to messages.", role="write",
          body=facts.OptInRequest),
    _fact("block", "/v1/blocks", summary="Forbid messages to a person, whatever they say.", role="admin",
          body=facts.BlockRequest),
    _fact("lift", "/v1/blocks/lift", summary="Lift what blocks a person.", role="admin", body=facts.LiftRequest),
    Operation("history", "/v1/history", "post", "What is known of a person?", "read",
              facts.HistoryAnswer, facts.HistoryRequest, problems=(422,)),
    Operation("exportSubject", "/v1/subjects/export", "post", "What is held of a person?", "admin",
              subjects.SubjectAnswer, subjects.SubjectRequest, problems=(422,)),
    Operation("eraseSubject", "/v1/subjects/erase", "post", "Erase what is held of a person, but what must stay.",
              "admin", subjects.ErasedAnswer, subjects.EraseRequest, problems=(409, 422)),
    Operation("events", "/v1/events", "get", "Every fact, in ledger order.", "read", facts.FeedAnswer, query=_PAGE),
    Operation("reviews", "/v1/reviews", "get", "What waits for a person to look at it?", "read",
              facts.ReviewsAnswer, query=_PAGE),
    _review("confirmReview", "/v1/reviews/{review_id}/confirm", summary="It was understood rightly."),
    _review("dismissReview", "/v1/reviews/{review_id}/dismiss", summary="It was not: void the fact."),
    Operation("programs", "/v1/programs", "get", "Every messaging program.", "admin", programs.ProgramsAnswer),
    Operation("program", _PROGRAM, "get", "One messaging program.", "admin", programs.ProgramAnswer, problems=(404,)),
    Operation("putProgram", _PROGRAM, "put", "Make a program, or change it to this.", "admin",
              programs.ProgramAnswer, programs.ProgramRequest, problems=(422,)),
    Operation("removeProgram", _PROGRAM, "delete", "Take a program away; its history stays.", "admin",
              programs.ProgramAnswer, problems=(404, 409)),
)  # fmt: skip
_LEFT_OUT = {"type": "string", "maxLength": 0}
_PARAMETERS: dict[str, dict[str, Any]] = {
    "program_id": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,63}$"},
    "review_id": {"type": "integer", "minimum": 0, "maximum": 2**40},
    "after": {"oneOf": [{"type": "integer", "minimum": 0, "maximum": 2**40}, _LEFT_OUT]},
    "limit": {"oneOf": [{"type": "integer", "minimum": 0, "maximum": 1000}, _LEFT_OUT]},
}


def document(version: str) -> bytes:
    """Return the OpenAPI 3.1 document as JSON, for this version of the program."""
    structs = {
        shape for operation in OPERATIONS for shape in (operation.body, operation.answer) if shape
    }
    ordered = sorted(structs | {Health, Problem}, key=lambda shape: shape.__name__)
    _, schemas = msgspec.json.schema_components(ordered, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _keyed(operation)
    paths["/v1/scrub"] = {"post": _scrub()}
    paths["/webhooks/{carrier}/messages"] = {"post": _webhook()}
    paths["/webhooks/{carrier}/status"] = {"post": _status_webhook()}
    paths[openapi_gate.PATH] = {"post": openapi_gate.describe()}
    paths["/healthz"] = {"get": _open("healthz", "Is the process alive?", _json(Health))}
    paths["/readyz"] = {"get": _open("readyz", "Does the database answer?", _json(Health), 503)}
    itself = {_JSON: {"schema": {"type": "object"}}}
    paths["/openapi.json"] = {"get": _open("openapi", "This document.", itself)}
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Stoplist",
                "version": version,
                "summary": "Hears every way a person says stop, and refuses every message after that.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "paths": paths,
            "components": {
                "schemas": schemas,
                "securitySchemes": {
                    "accessKey": {"type": "http", "scheme": "bearer"},
                    "twilioBasic": {"type": "http", "scheme": "basic"},
                },
            },
        }
    )


def _keyed(operation: Operation) -> dict[str, Any]:
    in_path = re.findall(r"{(\w+)}", operation.path)
    parameters = [_parameter(name, "path") for name in in_path]
    parameters += [_parameter(name, "query") for name in operation.query]
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": f"Needs an access key with the role `{operation.role}`.",
        "security": [{"accessKey": []}],
        "parameters": parameters,
        "responses": {
            **{
                str(status): {"description": _SUCCESS[status], "content": _json(operation.answer)}
                for status in operation.statuses
            },
            **_refusals(*(_WITH_BODY if operation.body else _ALWAYS), *operation.problems),
        },
    }
    if operation.body:
        described["requestBody"] = {"required": True, "content": _json(operation.body)}
    return described


_SUCCESS = {
    200: "The answer; of a fact told again, the one that is held.",
    201: "The fact, as it was written down.",
}


def _parameter(name: str, place: str) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": _PARAMETERS[name]}


def _scrub() -> dict[str, Any]:
    """Describe the one operation whose bodies are tables."""
    table = {"text/csv": {"schema": {"type": "string", "examples": ["phone\n+14155550123\n"]}}}
    words = {
        "column": "The name of the column of the numbers; else it is found by its usual names.",
        "program": "The id of the program that wants to send; else `default`.",
        "region": "The country of numbers without a country code.",
    }
    return {
        "operationId": "scrub",
        "summary": "May the numbers of a table of any length be texted?",
        "description": "Needs an access key with the role `check`. The same rows are answered, with two columns more: "
        "`allowed` and `reason`. If the connection is broken off, the answer is not whole: throw it away.",
        "security": [{"accessKey": []}],
        "parameters": [
            {
                "name": name,
                "in": "query",
                "description": said,
                "schema": {"type": "string", "enum": sorted(REGIONS)}
                if name == "region"
                else {"type": "string", "maxLength": 64},
            }
            for name, said in words.items()
        ],
        "requestBody": {"required": True, "content": table},
        "responses": {
            "200": {"description": "The table with its answers, streamed.", "content": table},
            **_refusals(*_ALWAYS, 415, 422),
        },
    }


def _webhook() -> dict[str, Any]:
    return _from_carrier(
        "inboundMessage",
        "A carrier's inbound message.",
        "Signed by the carrier. Answered 2xx only when what it says is committed.",
        {"200": {"description": "Stored.", "content": {_XML: {"schema": {"type": "string"}}}}},
    )


def _status_webhook() -> dict[str, Any]:
    return _from_carrier(
        "deliveryReport",
        "What became of a message, as its carrier tells.",
        "Signed by the carrier. A refusal by the carrier for an opt-out becomes a block.",
        {"204": {"description": "Taken."}},
    )


def _from_carrier(
    operation: str, summary: str, description: str, success: dict[str, Any]
) -> dict[str, Any]:
    return {
        "operationId": operation,
        "summary": summary,
        "description": description,
        "parameters": [
            {
                "name": "carrier",
                "in": "path",
                "required": True,
                "schema": {"type": "string", "enum": ["twilio"]},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}},
        },
        "responses": {**success, **_refusals(400, 403, 404, 413, 503)},
    }


def _open(operation: str, summary: str, content: dict[str, Any], *problems: int) -> dict[str, Any]:
    return {
        "operationId": operation,
        "summary": summary,
        "responses": {"200": {"description": "Yes.", "content": content}, **_refusals(*problems)},
    }


def _refusals(*statuses: int) -> dict[str, Any]:
    return {
        str(status): {
            "description": _PROBLEMS.get(status, "There is nothing here."),
            "content": {_PROBLEM: {"schema": {"$ref": _REF.format(name="Problem")}}},
        }
        for status in statuses
    }


def _json(struct: type[Struct]) -> dict[str, Any]:
    return {_JSON: {"schema": {"$ref": _REF.format(name=struct.__name__)}}}
