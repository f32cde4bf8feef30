"""Schemas as the API server gives them become strict ones."""

from typing import Any

import pytest

from tools.charts.schemas.modules import close, converted
from tools.charts.schemas.server import file, reached
from tools.charts.schemas.strict import Schema, references, strict

METADATA = "definitions.json#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"type": "string", "description": "A name.", "default": ""}, {"type": "string"}),
        ({"x-kubernetes-int-or-string": True, "anyOf": []}, {"type": ["integer", "string"]}),
        (
            {"allOf": [{"$ref": "#/components/schemas/a.B"}], "default": {}},
            {"$ref": "definitions.json#/definitions/a.B"},
        ),
        ({"type": "object", "additionalProperties": {"type": "string"}},) * 2,
    ],
)
def test_documentation_goes_and_meaning_stays(given: Any, expected: Any) -> None:
    assert strict(given) == expected


def test_an_object_refuses_fields_that_it_does_not_name() -> None:
    made = strict({"type": "object", "properties": {"spec": {"properties": {"default": {"type": "string"}}}}})

    assert made["additionalProperties"] is False
    assert made["properties"]["spec"]["additionalProperties"] is False
    assert made["properties"]["spec"]["properties"] == {"default": {"type": "string"}}, "a field may be called default"


def test_an_object_that_keeps_unknown_fields_stays_open() -> None:
    assert "additionalProperties" not in strict({"properties": {}, "x-kubernetes-preserve-unknown-fields": True})


def test_only_what_is_reached_is_kept() -> None:
    known: dict[str, Schema] = {"a": {"items": {"$ref": "x#/definitions/b"}}, "b": {}, "c": {}}

    assert references(known["a"]) == {"b"}
    assert reached(known, {"a"}) == {"a", "b"}


def test_files_are_named_as_kubeconform_looks_for_them() -> None:
    assert file("Service", "v1") == "service-v1.json"
    assert file("NetworkPolicy", "networking.k8s.io/v1") == "networkpolicy-networking-v1.json"


def test_a_definition_of_another_project_gives_a_schema_for_each_version_that_is_served() -> None:
    fields = {"metadata": {"type": "object"}, "spec": {"properties": {"a": {}, "b": {}}}}
    schema = {"openAPIV3Schema": {"type": "object", "properties": fields}}
    versions = [{"name": name, "served": name == "v1", "schema": schema} for name in ("v1alpha1", "v1")]
    definition = {"spec": {"group": "example.com", "names": {"kind": "Star"}, "versions": versions}}

    made = dict(converted(definition, ["Star spec.b", "Moon spec.a"]))

    assert made.keys() == {"star-example-v1.json"}
    assert made["star-example-v1.json"]["properties"]["metadata"] == {"$ref": METADATA}
    assert made["star-example-v1.json"]["properties"]["spec"]["properties"] == {"a": {}, "b": {"not": {}}}


def test_a_field_in_a_list_can_be_left_out() -> None:
    schema: Schema = {"properties": {"list": {"items": {"properties": {"large": {"type": "object"}}}}}}

    close(schema, "Star list[].large", "Star")

    assert schema["properties"]["list"]["items"]["properties"]["large"] == {"not": {}}
