"""Whether a document is CycloneDX: held against the specification's own schemas, which lie in schemas/.

They are those of the Go module github.com/CycloneDX/cyclonedx-go v0.12.0 without what they say to people: titles,
descriptions, examples.
"""

import json
from functools import cache
from pathlib import Path

from jsonschema_rs import Draft7Validator, Registry

from tools.images.errors import WrongContents

SCHEMAS = Path(__file__).with_name("schemas")
MOST_TOLD = 5


def check(name: str, text: str) -> None:
    """Raises WrongContents with a line for each mistake, and where it is."""
    try:
        document = json.loads(text)
    except ValueError as broken:
        raise WrongContents(f"{name} is no JSON: {broken}") from None
    found = [f"{name} {place(one.instance_path)}: {one.message}" for one in validator().iter_errors(document)]
    if found:
        raise WrongContents("\n".join(line[:300] for line in found[:MOST_TOLD]))


def place(path: list[str | int]) -> str:
    return "/".join(map(str, path)) or "as a whole"


@cache
def validator() -> Draft7Validator:
    schemas = [json.loads(file.read_text()) for file in sorted(SCHEMAS.glob("*.schema.json"))]
    known = {one["$id"]: one for one in schemas}
    registry = Registry(list(known.items()))
    return Draft7Validator(
        known["http://cyclonedx.org/schema/bom-1.5.schema.json"], registry=registry, validate_formats=True, offline=True
    )
