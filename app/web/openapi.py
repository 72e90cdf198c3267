"""The description of the API, made from the wire types."""

from typing import Any

import msgspec
from msgspec import Struct

from app.web import wire

_PROBLEM = "application/problem+json"
_JSON = "application/json"
_XML = "text/xml; charset=utf-8"
_REF = "#/components/schemas/{name}"

_PROBLEMS = {
    400: "The body is not the declared shape.",
    401: "No access key, or not a valid one.",
    403: "The access key does not have the role.",
    413: "Too many numbers, or a body over the limit.",
    415: "The body is not declared as what it must be.",
    422: "There is no program of that id.",
    503: "The database cannot be reached. For a check this means: do not send.",
}


def document(version: str) -> bytes:
    """Return the OpenAPI 3.1 document as JSON, for this version of the program."""
    structs = (
        wire.CheckRequest,
        wire.CheckAnswer,
        wire.BulkCheckRequest,
        wire.BulkCheckAnswer,
        wire.ClassifyRequest,
        wire.ClassifyAnswer,
        wire.Health,
        wire.Problem,
    )
    _, schemas = msgspec.json.schema_components(structs, ref_template=_REF)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Stoplist",
                "version": version,
                "summary": "Hears every way a person says stop, and refuses every message after that.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "paths": {
                "/v1/check": {
                    "post": _keyed(
                        "check",
                        "May one number be texted?",
                        "check",
                        wire.CheckRequest,
                        wire.CheckAnswer,
                    )
                },
                "/v1/check/bulk": {
                    "post": _keyed(
                        "checkBulk",
                        "May up to 10,000 numbers be texted?",
                        "check",
                        wire.BulkCheckRequest,
                        wire.BulkCheckAnswer,
                    )
                },
                "/v1/classify": {
                    "post": _keyed(
                        "classify",
                        "What does a text ask for?",
                        "read",
                        wire.ClassifyRequest,
                        wire.ClassifyAnswer,
                    )
                },
                "/webhooks/{carrier}/messages": {"post": _webhook()},
                "/healthz": {"get": _open("healthz", "Is the process alive?", _json(wire.Health))},
                "/readyz": {
                    "get": _open("readyz", "Does the database answer?", _json(wire.Health), 503)
                },
                "/openapi.json": {
                    "get": _open(
                        "openapi", "This document.", {_JSON: {"schema": {"type": "object"}}}
                    )
                },
            },
            "components": {
                "schemas": schemas,
                "securitySchemes": {"accessKey": {"type": "http", "scheme": "bearer"}},
            },
        }
    )


def _keyed(
    operation: str, summary: str, role: str, asked: type[Struct], answer: type[Struct]
) -> dict[str, Any]:
    return {
        "operationId": operation,
        "summary": summary,
        "description": f"Needs an access key with the role `{role}`.",
        "security": [{"accessKey": []}],
        "requestBody": {"required": True, "content": _json(asked)},
        "responses": {
            "200": {"description": "The answer.", "content": _json(answer)},
            **_refusals(*_PROBLEMS),
        },
    }


def _webhook() -> dict[str, Any]:
    return {
        "operationId": "inboundMessage",
        "summary": "A carrier's inbound message.",
        "description": "Signed by the carrier. Answered 2xx only when what it says is committed.",
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
        "responses": {
            "200": {"description": "Stored.", "content": {_XML: {"schema": {"type": "string"}}}},
            **_refusals(400, 403, 404, 413, 503),
        },
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
