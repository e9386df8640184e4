"""The description of the service in OpenAPI 3.1, typed by the schema of the bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from mlcore.handoff.shipped.rows import Field
from mlcore.handoff.shipped.service.body import MOST_REASONS
from mlcore.handoff.shipped.service.model import Served
from mlcore.handoff.shipped.service.settings import Settings

LARGEST = 1.7976931348623157e308
_TYPES = {
    "number": ["number", "null"],
    "time": ["string", "null"],
    "category": ["string", "number", "boolean", "null"],
    "text": ["string", "number", "boolean", "null"],
}
_ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["detail"],
    "properties": {"detail": {"type": "string", "description": "One sentence: what is wrong, and what to do."}},
}
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "A cell that cannot be scored. `row` is its place in `rows`, counted from 0.",
    "required": ["row", "column", "value", "expected", "remedy"],
    "properties": {"row": {"type": "integer", "minimum": 0}}
    | {name: {"type": "string"} for name in ("column", "value", "expected", "remedy")},
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the description tells of: a model, the limits of the service, and whether it gives reasons."""

    model: Served
    settings: Settings
    reasons: bool


def _route(summary: str, description: str, answers: Mapping[int, str], content: Any = None) -> dict[str, Any]:
    """What a route says about itself; `content` is the schema of 200, the others have that of an error."""
    said = {"application/json": {"schema": content or {"type": "object"}}}
    wrong = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    responses = {
        status: {"description": words, "content": said if status == 200 else wrong} for status, words in answers.items()
    }
    return {"summary": summary, "description": description, "responses": responses}


_BOTH = {400: "Called by a name that is not this machine's.", 401: "The API key is missing or wrong."}
PREDICT = _route(
    "Score rows",
    "One prediction for each row, in the order of the rows. null is an empty cell. What the model never saw (an "
    "unknown category, a number outside of the training range) is scored and flagged; columns that the model does not "
    "have are named in `ignored`; a cell that is not what its column holds is refused, with its row and column.",
    {
        200: "Predictions.",
        400: "The body is not JSON, or did not come whole.",
        401: "The API key is missing or wrong.",
        408: "The body came too slowly.",
        413: "The body is too large.",
        415: "The body is not JSON by its Content-Type.",
        422: "The rows do not fit the model: which cells, and what to do about them.",
        503: "Not ready, too busy, or it took too long.",
    },
    {"$ref": "#/components/schemas/Answer"},
)
HEALTH = _route("The process is alive", "For a liveness probe.", {200: "Alive.", 400: _BOTH[400]})
READY = _route(
    "Requests are answered",
    "For a readiness probe: the golden rows of the bundle were replayed when the service started.",
    {200: "Ready.", 400: _BOTH[400], 503: "The model does not score as it did when it was exported."},
)
READY["responses"][503]["content"] = READY["responses"][200]["content"]
SCHEMA = _route("What a row must look like", "JSON Schema 2020-12.", {200: "The schema.", **_BOTH})
METRICS = _route("What was counted", "In the text format of Prometheus.", {200: "Counts.", 400: _BOTH[400]})
METRICS["responses"][200]["content"] = {"text/plain": {"schema": {"type": "string"}}}


def document(app: FastAPI, told: Told) -> dict[str, Any]:
    """The whole description; made once."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=_about(told), routes=app.routes)
        made["paths"] = {"/predict": {"post": _predict()}} | made["paths"]
        made.setdefault("components", {})["schemas"] = _schemas(told)
        if told.settings.keys:
            made["components"]["securitySchemes"] = {"key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}}
            for path in ("/predict", "/schema"):
                for operation in made["paths"][path].values():
                    operation["security"] = [{"key": []}]
        app.openapi_schema = made
    return app.openapi_schema


def _about(told: Told) -> str:
    card = told.model.card
    reasons = "" if told.reasons else " It gives no reasons: `tablesmith serve` does."
    limits = f"A request has up to {told.settings.rows:,} rows and {told.settings.megabytes:g} MB."
    return f"Predicts {card['target']!r} (run {card['run']}, model {card['model']}). {limits}{reasons}"


def _predict() -> dict[str, Any]:
    """The one route that FastAPI does not know, as it answers none of its requests."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Request"}}}
    responses = {str(status): said for status, said in PREDICT["responses"].items()}
    more = {"operationId": "predict_predict_post", "requestBody": {"required": True, "content": content}}
    return PREDICT | more | {"responses": responses}


def _schemas(told: Told) -> dict[str, Any]:
    rows = {"type": "array", "items": {"$ref": "#/components/schemas/Row"}, "maxItems": told.settings.rows}
    request: dict[str, Any] = {
        "type": "object",
        "properties": {"rows": rows},
        "required": ["rows"],
        "additionalProperties": False,
    }
    if told.reasons:
        request["properties"]["reasons"] = {
            "type": "integer",
            "minimum": 0,
            "maximum": MOST_REASONS,
            "description": "So many reasons of each prediction, the strongest first, in words.",
        }
    answer = {
        "type": "object",
        "required": ["model", "predictions"],
        "properties": {
            "model": {"type": "object", "description": "Which model answered."},
            "predictions": {"type": "array", "items": {"$ref": "#/components/schemas/Prediction"}},
            "ignored": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Columns the model does not have.",
            },
        },
    }
    refused = {**_ERROR, "properties": _ERROR["properties"] | {"problems": {"type": "array", "items": _PROBLEM}}}
    refused["properties"]["more"] = {"type": "integer", "description": "Cells that are wrong too and not listed."}
    return {
        "Row": _row(told.model),
        "Request": request,
        "Prediction": _prediction(told.model),
        "Answer": answer,
        "Error": refused,
    }


def _row(model: Served) -> dict[str, Any]:
    described = model.schema.get("properties", {})
    reader = model.reader
    properties = {
        name: _column(field, described.get(name, {})) for name, field in zip(reader.names, reader.all, strict=True)
    }
    about = str(model.schema.get("description", "One row."))
    return {"type": "object", "description": about, "properties": properties, "required": list(reader.names)}


def _column(field: Field, said: Mapping[str, Any]) -> dict[str, Any]:
    """A column as the schema of the bundle describes it, typed as the service takes it."""
    kept = {name: value for name, value in said.items() if name == "title" or name.startswith("x-")}
    found: dict[str, Any] = {"type": _TYPES[field["kind"]], **kept}
    if field["kind"] == "number":
        found |= {"minimum": -LARGEST, "maximum": LARGEST}
    if field["kind"] == "time":
        found["format"] = "date-time"
    words = [str(said.get("description", "")), _unit(said), _range(said), _known(said)]
    if about := " ".join(word for word in words if word):
        found["description"] = about
    examples = said.get("x-categories") or ([said["x-example"]] if "x-example" in said else [])
    if examples:
        found["examples"] = [_typed(example, field["kind"]) for example in examples[:20]]
    return found


def _unit(said: Mapping[str, Any]) -> str:
    return f"In {said['x-unit']}." if said.get("x-unit") else ""


def _range(said: Mapping[str, Any]) -> str:
    low, high = said.get("x-low"), said.get("x-high")
    return "" if low is None or high is None else f"From {low} to {high} in training; a value outside is flagged."


def _known(said: Mapping[str, Any]) -> str:
    known = said.get("x-categories")
    return f"One of {len(known)} known values; another is scored and flagged." if known else ""


def _typed(example: Any, kind: str) -> Any:
    if kind != "number" or not isinstance(example, str):
        return example
    try:
        return float(example)
    except ValueError:
        return example


def _prediction(model: Served) -> dict[str, Any]:
    properties: dict[str, Any] = {"flags": {"type": "array", "items": {"type": "string"}}}
    if model.labels:
        share = {"type": "number", "minimum": 0, "maximum": 1.0000001}
        properties["prediction"] = {"type": "string", "enum": list(model.labels)}
        properties["probabilities"] = {
            "type": "object",
            "properties": dict.fromkeys(model.labels, share),
            "required": list(model.labels),
        }
        required = ["prediction", "probabilities", "flags"]
        properties["prediction_set"] = {"type": "array", "items": {"type": "string"}}
    else:
        required = ["prediction", "low", "high", "flags"]
        properties |= {name: {"type": "number"} for name in ("prediction", "low", "high", "decision")}
    properties["reasons"] = {"type": "array", "items": {"type": "string"}}
    return {"type": "object", "properties": properties, "required": required}
