"""OpenAPI of Kubernetes as JSON schema: shorter, and strict."""

from typing import Any

Schema = dict[str, Any]
ANYTHING = "x-kubernetes-preserve-unknown-fields"
NUMBER_OR_TEXT = "x-kubernetes-int-or-string"
KEPT = {"additionalProperties", "allOf", "anyOf", "enum", "items", "maxItems", "maximum", "minItems", "minLength"}
KEPT |= {"minimum", "not", "oneOf", "pattern", "properties", "required", "type", "$ref"}
NAMED = {"properties"}  # whose keys are names, not keywords


def strict(schema: Any) -> Any:
    """The schema without documentation, its objects closed to fields that they do not name."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get(NUMBER_OR_TEXT):
        return {"type": ["integer", "string"]}
    made = {key: inner(key, value) for key, value in schema.items() if key in KEPT}
    if made.keys() == {"allOf"} and len(made["allOf"]) == 1:
        return made["allOf"][0]
    if "properties" in made and not schema.get(ANYTHING):
        made.setdefault("additionalProperties", False)
    return made


def inner(key: str, value: Any) -> Any:
    if key in NAMED:
        return {name: strict(one) for name, one in value.items()}
    if key == "$ref":
        return f"definitions.json#/definitions/{value.rpartition('/')[2]}"
    return strict(value)


def references(schema: Any) -> set[str]:
    """The definitions that the schema names itself."""
    if isinstance(schema, list):
        return {name for one in schema for name in references(one)}
    if not isinstance(schema, dict):
        return set()
    own = {schema["$ref"].rpartition("/")[2]} if isinstance(schema.get("$ref"), str) else set()
    return own.union(*(references(one) for one in schema.values()))
