"""Schemas of the families' frames: around an answer, and of an error."""

from gateway.bridge.schemas import Schema
from gateway.codes import ENVELOPE_CODES, PLAIN_CODES, RESOURCE_CODES
from gateway.families import Family
from gateway.problems import Codes

MOMENT: Schema = {"type": "string", "format": "date-time"}
TEXT: Schema = {"type": "string"}
MILLISECONDS: Schema = {"type": "number", "description": "Milliseconds."}
PROBLEM_TYPE = "application/problem+json"


def reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def closed(properties: dict[str, Schema], *optional: str) -> Schema:
    """An object whose members are all there, but for the optional ones."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


def codes_of(codes: Codes) -> Schema:
    return {"type": "string", "enum": sorted({*codes.kinds.values(), *codes.reasons.values()})}


def framed(family: Family, data: Schema, pagination: Schema | None) -> Schema:
    """The schema of a success."""
    if family.name == "envelope":
        return closed({"success": {"type": "boolean", "const": True}, "data": data})
    if family.name != "resource":
        return data
    about = reference("PageMetadata" if pagination else "Metadata")
    return closed(
        {"requestId": TEXT, "data": data, "metadata": about, "timestamp": MOMENT, "processingTime": MILLISECONDS}
    )


def error_schema(family: Family) -> Schema:
    """A reference to the schema of a failure."""
    names = {"envelope": "EnvelopeError", "bare": "EnvelopeError", "resource": "ResourceError", "openai": "OpenAIError"}
    return reference(names.get(family.name, "PlainError"))


DETAILS: Schema = {
    "type": "object",
    "description": "Facts about the error; for broken rules, each of them.",
    "properties": {"validation_errors": {"type": "array", "items": reference("Violation")}, "reason": TEXT},
}
RATE: Schema = closed({"limit": {"type": "integer"}, "remaining": {"type": "integer"}, "resetAt": MOMENT})
ABOUT: dict[str, Schema] = {"version": TEXT, "requestId": TEXT, "rateLimit": RATE}
RESOURCE_ERROR = closed(
    {"code": codes_of(RESOURCE_CODES), "message": TEXT, "details": DETAILS, "requestId": TEXT, "timestamp": MOMENT},
    "details",
)
FRAMES: dict[str, Schema] = {
    "Violation": closed({"field": TEXT, "message": TEXT, "code": TEXT}),
    "EnvelopeError": closed(
        {
            "success": {"type": "boolean", "const": False},
            "error": closed({"code": codes_of(ENVELOPE_CODES), "message": TEXT, "details": DETAILS}, "details"),
        }
    ),
    "PlainError": closed(
        {
            "detail": TEXT,
            "error_code": codes_of(PLAIN_CODES),
            "timestamp": MOMENT,
            "validation_errors": {"type": "array", "items": reference("Violation")},
        },
        "validation_errors",
    ),
    "ResourceError": closed(
        {
            "requestId": TEXT,
            "error": RESOURCE_ERROR,
            "metadata": reference("Metadata"),
            "timestamp": MOMENT,
            "processingTime": MILLISECONDS,
        }
    ),
    "OpenAIError": closed(
        {"error": closed({"message": TEXT, "type": TEXT, "param": {"type": ["string", "null"]}, "code": TEXT})}
    ),
    "Problem": {
        **closed(
            {
                "type": {"type": "string", "format": "uri-reference"},
                "title": TEXT,
                "status": {"type": "integer"},
                "code": TEXT,
                "instance": TEXT,
                "errors": {"type": "array", "items": reference("Violation")},
            },
            "errors",
        ),
        "description": "RFC 9457, sent to whoever accepts application/problem+json.",
    },
    "Metadata": closed(ABOUT, "rateLimit"),
    "PageMetadata": closed({**ABOUT, "pagination": reference("Pagination")}, "rateLimit"),
}
