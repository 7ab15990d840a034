"""What the API promises, as OpenAPI 3.1."""

from __future__ import annotations

from typing import Any

from app.services.api_keys import ARRIVALS_MOST, REQUESTS_A_MINUTE
from app.services.arrivals import VISITORS_MOST
from app.services.needs import NEEDS
from app.services.outcomes import OUTCOMES, SERVICE_MINUTES_MOST, WAIT_MINUTES_MOST

EXAMPLE = {
    "arrivals": [
        {
            "office": "lisbon",
            "starts_at": "2026-03-02T09:12:00+00:00",
            "language": "uk",
            "need": "legal",
            "visitors": 1,
            "outcome": "served",
            "wait_minutes": 12,
            "service_minutes": 9,
        }
    ]
}


def document(server_url: str) -> dict[str, Any]:
    """The OpenAPI document of a server."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Escala: arrivals",
            "version": "1",
            "description": "Counts of people who came to an office. Nothing personal is taken.",
        },
        "servers": [{"url": server_url}],
        "security": [{"key": []}],
        "paths": {"/api/arrivals": {"post": _post()}},
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Arrivals": _arrivals(), "Counted": _counted(), "Problem": _problem()},
        },
    }


def _post() -> dict[str, Any]:
    return {
        "operationId": "sendArrivals",
        "summary": "Add people who came",
        "description": (
            "Adds to what was counted: all of the request or nothing. The same Idempotency-Key "
            "with the same body counts once, and is remembered for two days. "
            f"At most {REQUESTS_A_MINUTE} requests a minute."
        ),
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.-]{8,64}$"},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/Arrivals"},
                    "example": EXAMPLE,
                }
            },
        },
        "responses": {
            "201": _answer("Counted", "Counted"),
            "200": _answer("Counted when it first came", "Counted"),
            "400": _answer("No JSON, or faults: every one is listed", "Problem"),
            "401": _answer("No key, or one that opens nothing", "Problem"),
            "409": _answer("The Idempotency-Key belongs to another request", "Problem"),
            "413": _answer("The body is too large", "Problem"),
            "429": _answer("Too many requests in this minute", "Problem")
            | {
                "headers": {
                    "Retry-After": {
                        "description": "Seconds to wait",
                        "schema": {"type": "integer"},
                    }
                }
            },
        },
    }


def _answer(description: str, schema: str) -> dict[str, Any]:
    kind = "application/problem+json" if schema == "Problem" else "application/json"
    return {
        "description": description,
        "content": {kind: {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def _arrivals() -> dict[str, Any]:
    one = {
        "type": "object",
        "additionalProperties": False,
        "required": ["office", "starts_at", "language"],
        "properties": {
            "office": {"type": "string", "description": "An office's code"},
            "starts_at": {
                "type": "string",
                "format": "date-time",
                "description": "When they came, with the time zone; counted in its half hour",
            },
            "language": {"type": "string", "description": "A language's code, such as uk"},
            "need": {"type": "string", "enum": list(NEEDS), "default": "general"},
            "visitors": {
                "type": "integer",
                "minimum": 1,
                "maximum": VISITORS_MOST,
                "default": 1,
            },
            "outcome": {
                "type": "string",
                "enum": list(OUTCOMES),
                "description": (
                    "How the visit ended, where that is known: served, by_phone (by the telephone "
                    "service), left. Send such a visit once it is over, with the time at which "
                    "it came."
                ),
            },
            "wait_minutes": {
                "type": "integer",
                "minimum": 0,
                "maximum": WAIT_MINUTES_MOST,
                "description": "Minutes that each of the visitors waited; only with an outcome",
            },
            "service_minutes": {
                "type": "integer",
                "minimum": 1,
                "maximum": SERVICE_MINUTES_MOST,
                "description": (
                    "Minutes that each of them was received; only with an outcome, and not of "
                    "somebody who left"
                ),
            },
        },
        "dependentRequired": {"wait_minutes": ["outcome"], "service_minutes": ["outcome"]},
    }
    return {
        "type": "object",
        "required": ["arrivals"],
        "properties": {
            "arrivals": {
                "type": "array",
                "minItems": 1,
                "maxItems": ARRIVALS_MOST,
                "items": one,
            }
        },
    }


def _counted() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["visitors", "replayed"],
        "properties": {
            "visitors": {"type": "integer"},
            "replayed": {
                "type": "boolean",
                "description": "Whether the request had come before and was not counted again",
            },
        },
    }


def _problem() -> dict[str, Any]:
    text = {"type": "string"}
    fault = {"field": text, "value": {}, "expected": text}
    return {
        "type": "object",
        "required": ["title", "status"],
        "properties": {
            "title": text,
            "status": {"type": "integer"},
            "faults": {"type": "array", "items": {"type": "object", "properties": fault}},
        },
    }
