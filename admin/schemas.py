"""Which service owns which schema."""

from pathlib import Path

from admin.errors import Failed

ROOT = Path(__file__).resolve().parents[1]
SCHEMAS = {
    "auth": Path("services/auth"),
    "media": Path("services/media"),
    "ai": Path("services/ai_inference"),
    "domain": Path("services/domain_data"),
    "history": Path("services/audit"),
    "control": Path("services/control_plane"),
}


def chosen(names: list[str]) -> dict[str, Path]:
    """These schemas, or all; raises Failed for a name that is none."""
    if unknown := sorted(set(names) - SCHEMAS.keys()):
        raise Failed(f"No schema is called {', '.join(unknown)}; there are {', '.join(SCHEMAS)}.")
    return {name: SCHEMAS[name] for name in names or SCHEMAS}
