"""What an image holds, as CycloneDX 1.5 JSON on standard output. It runs inside the image, on the standard library.

usage: python contents.py NAME VERSION
"""

import json
import platform
import re
import sys
import urllib.parse
import uuid
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

Component = dict[str, object]
DPKG = Path("/var/lib/dpkg/status")
RELEASE = Path("/etc/os-release")
JARS = Path("/opt/kafka")
NAMESPACE = uuid.UUID("4f4c5f0e-6f0b-5c55-9c3f-1f6a8d1c2b7e")  # any; it makes the same document of the same contents


def document(name: str, version: str, components: Iterable[Component]) -> dict[str, object]:
    """The whole document; the same components give the same bytes."""
    held = sorted(components, key=lambda one: str(one["bom-ref"]))
    serial = uuid.uuid5(NAMESPACE, json.dumps([name, version, held], sort_keys=True))
    subject = {"type": "container", "name": name, "version": version, "bom-ref": f"{name}@{version}"}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": subject},
        "components": held,
    }


def component(name: str, version: str, purl: str, licence: str = "") -> Component:
    made: Component = {"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl}
    return {**made, "licenses": [{"license": {"name": licence}}]} if licence else made


def python_packages(found: Iterable[Distribution]) -> Iterator[Component]:
    """Each installed distribution, once."""
    seen: dict[str, Distribution] = {}
    for one in found:
        seen.setdefault(re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower(), one)
    for name, one in seen.items():
        yield component(name, one.version, f"pkg:pypi/{name}@{quoted(one.version)}", licence(one))


def licence(one: Distribution) -> str:
    """Its licence's name; some give the whole text, of which the first line is the name."""
    said = [one.metadata[field] for field in ("License-Expression", "License") if field in one.metadata]
    return said[0].partition("\n")[0][:100] if said else ""


def jars(folder: Path) -> Iterator[Component]:
    """Kafka's: name and version stand in a jar's file name."""
    for path in folder.glob("*.jar"):
        found = re.fullmatch(r"(.+?)-(\d[\w.+-]*)", path.stem)
        name, version = found.groups() if found else (path.stem, "unknown")
        yield component(name, version, f"pkg:generic/{quoted(name)}@{quoted(version)}?file_name={quoted(path.name)}")


def debian_packages(status: str, release: str) -> Iterator[Component]:
    """Each installed package of dpkg's status file."""
    for paragraph in status.strip().split("\n\n"):
        fields = dict(re.findall(r"^([A-Z][A-Za-z-]*): (.*)$", paragraph, re.MULTILINE))
        if fields.get("Status", "").endswith(" installed"):
            name, version, architecture = fields["Package"], fields["Version"], fields["Architecture"]
            where = f"arch={architecture}&distro=debian-{release}"
            yield component(name, version, f"pkg:deb/debian/{quoted(name)}@{quoted(version)}?{where}")


def quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="")


def release(text: str) -> str:
    """Debian's version, such as 12."""
    found = re.search(r'^VERSION_ID="?([^"\n]+)', text, re.MULTILINE)
    return found[1] if found else "unknown"


def interpreter() -> Component:
    """Python itself: no package of Debian's in the images that Docker makes."""
    return component("python", platform.python_version(), f"pkg:generic/python@{platform.python_version()}")


def main(name: str, version: str) -> None:
    held = [interpreter(), *python_packages(distributions()), *jars(JARS)]
    if DPKG.exists():
        held += debian_packages(DPKG.read_text(), release(RELEASE.read_text()))
    json.dump(document(name, version, held), sys.stdout, indent=1)


if __name__ == "__main__":
    main(*sys.argv[1:3])
