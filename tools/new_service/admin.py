"""The service's place in the operators' command line: its schema, and its code in the admin image."""

import re
from pathlib import Path

from tools.new_service.errors import NotWritten
from tools.new_service.names import Names

SCHEMAS, MEMBER = Path("admin/schemas.py"), Path("admin/pyproject.toml")


def write(root: Path, names: Names) -> list[Path]:
    """Add the schema and the dependency, unless they are there. Raises NotWritten."""
    schema = f'    "{names.package}": Path("services/{names.module}"),\n'
    places = (
        (SCHEMAS, r"SCHEMAS = \{\n(?:    .*\n)*?(?=\})", schema),
        (MEMBER, r'    "typer>=[^\n]*\n(?:    "[a-z]+-?[a-z-]*",\n)*?(?=    "orrery-|\])', f'    "{names.name}",\n'),
        (MEMBER, r"\[tool\.uv\.sources\]\n", f"{names.name} = {{ workspace = true }}\n"),
    )
    return list(dict.fromkeys(path for path, after, line in places if insert(root / path, after, line)))


def insert(path: Path, after: str, line: str) -> bool:
    """Put the line behind what the pattern finds; False where the file has it."""
    text = path.read_text()
    if line in text:
        return False
    found = re.search(after, text)
    if found is None:
        raise NotWritten(f"{path.name} does not look as it did: no place for {line.strip()}")
    path.write_text(text[: found.end()] + line + text[found.end() :])
    return True
