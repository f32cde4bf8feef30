"""Objects against the schemas in `tests/charts/schemas`, unknown fields refused."""

from tools.charts.programs import Refused, run
from tools.charts.schemas import FOLDER

LOCATION = "{{ .ResourceKind }}{{ .KindSuffix }}.json"  # deployment-apps-v1.json


def complaints(manifest: str) -> list[str]:
    """What a cluster would refuse, one line each."""
    command = ["-strict", "-schema-location", f"{FOLDER}/{LOCATION}", "-output", "text"]
    try:
        run("kubeconform", *command, "-", given=manifest)
    except Refused as refused:
        return str(refused).splitlines()
    return []
