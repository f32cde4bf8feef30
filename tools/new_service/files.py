"""The files of a service, from the templates beside this module."""

from pathlib import Path
from string import Template

from tools.new_service.names import Names

TEMPLATES = Path(__file__).parent / "templates"
SERVICE, FEATURE = "services/$module", "services/$module/$feature"
TARGETS = {
    "feature.proto": "protos/orrery/$package/v1/$feature.proto",
    "pyproject.toml": f"{SERVICE}/pyproject.toml",
    "service.py": f"{SERVICE}/__init__.py",
    "main.py": f"{SERVICE}/__main__.py",
    "settings.py": f"{SERVICE}/settings.py",
    "migration.py": f"{SERVICE}/migrations/versions/0001_outbox_and_inbox.py",
    "feature.py": f"{FEATURE}/__init__.py",
    "rpc.py": f"{FEATURE}/rpc.py",
    "operations.py": f"{FEATURE}/operations.py",
    "repository.py": f"{FEATURE}/repository.py",
    "models.py": f"{FEATURE}/models.py",
    "errors.py": f"{FEATURE}/errors.py",
    "routes.py": "gateway/routes/$module.py",
    "package.py": "tests/services/$module/__init__.py",
    "test_health.py": "tests/services/$module/test_health.py",
}


def write(root: Path, names: Names) -> list[Path]:
    """Write every file and answer their paths."""
    written = []
    for template, target in TARGETS.items():
        path = root / Template(target).substitute(names.values)
        text = Template((TEMPLATES / f"{template}.tmpl").read_text()).substitute(names.values)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        written.append(path.relative_to(root))
    return written
