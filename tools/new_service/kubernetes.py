"""The service's place on Kubernetes: its alias of charts/service, its image in skaffold.yaml and in the release."""

import re
from dataclasses import dataclass
from pathlib import Path
from string import Template

from tools.new_service.errors import NotWritten
from tools.new_service.names import Names

CHART = Path("charts/orrery")
VALUES = """
$name:
  enabled: true
  image: $name
  module: services.$module
  schema: $package
  needs: [rpc, process, database, kafka]
  resources:
    requests: {cpu: 50m, memory: 128Mi}
    limits: {memory: 384Mi}
"""
ARTIFACT = """    - image: orrery/$name
      custom:
        buildCommand: tools/skaffold/build.sh $name
        dependencies:
          paths: [Dockerfile, pyproject.toml, uv.lock, protos/**, third_party/**, libs/**, services/$module/**]
          ignore: ["**/__pycache__/**"]
      sync:
        manual:
          - { src: "libs/**/*.py", dest: /code }
          - { src: "services/$module/**/*", dest: /code }
"""
DEPENDENCY = (
    '  - {name: service, alias: $name, version: 0.1.0, repository: "file://../service", condition: $name.enabled}\n'
)
IMAGE = '          global.tracks.blue.images.$name: "{{.IMAGE_FULLY_QUALIFIED_orrery_$module}}"\n'
DEVELOPED = (
    "$name: { args: [libs.process.reload, services.$module], drainSeconds: 1, "
    "extraVolumes: *volumes, extraVolumeMounts: *mounts }\n"
)
ALIAS = '    "$name": {"$$ref": "#/definitions/alias"},\n'
MATRIX = "          - { name: $name, target: fleet, service: services/$module }\n"


@dataclass(frozen=True)
class Place:
    """A file, the text after which something comes, and what comes."""

    path: Path
    after: str
    text: str

    def fill(self, before: str, names: Names) -> str:
        """The file's text with it there; raises NotWritten where the file does not look as it did."""
        found = re.search(self.after, before, re.DOTALL)
        if found is None:
            raise NotWritten(f"{self.path} does not look as it did: no place for {names.name}")
        text = Template(self.text).substitute(names.values)
        return before[: found.end()] + text + before[found.end() :]


SKAFFOLD, SCHEMA = Path("skaffold.yaml"), CHART / "values.schema.json"
PLACES = (
    Place(CHART / "Chart.yaml", r".*\n  - \{name: service,[^\n]*\n", DEPENDENCY),
    Place(CHART / "values.yaml", r".*?\n    gateway: \[[^\]\n]*", ", $name"),
    Place(CHART / "values.yaml", r".*\n  needs: [^\n]*\n  resources:\n(?:    [^\n]*\n)+", VALUES),
    Place(SCHEMA, r'.*\n    "[a-z-]+": \{"\$ref": "#/definitions/alias"\},\n', ALIAS),
    Place(SCHEMA, r'"deployable": \{\s*"enum": \[[^\]]*', ', "$name"'),
    Place(SCHEMA, r'"image": \{"enum": \[[^\]]*', ', "$name"'),
    Place(SKAFFOLD, r"artifacts:\n(?:    [^\n]*\n)+", ARTIFACT),
    Place(SKAFFOLD, r".*\n +global\.tracks\.blue\.images\.[^\n]*\n", IMAGE),
    Place(Path("tools/skaffold/dev-values.yaml"), r".*\n", DEVELOPED),
    Place(Path(".github/workflows/build.yml"), r".*\n +- \{ name: [a-z-]+, target: [^\n]*\n", MATRIX),
)


def write(root: Path, names: Names) -> list[Path]:
    """Write it at every place or, raising NotWritten, at none, unless the chart has it already."""
    texts = {place.path: (root / place.path).read_text() for place in PLACES}
    if re.search(rf"alias: {names.name},", texts[CHART / "Chart.yaml"]):
        return []
    for place in PLACES:
        texts[place.path] = place.fill(texts[place.path], names)
    for path, text in texts.items():
        (root / path).write_text(text)
    return list(texts)
