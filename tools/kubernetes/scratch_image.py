"""Write to standard output a container image, as an OCI archive, that holds one static program.

usage: scratch_image.py NAME PROGRAM
"""

import hashlib
import io
import json
import platform
import sys
import tarfile
from pathlib import Path

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
OCI = "application/vnd.oci.image"
Files = dict[str, tuple[bytes, int]]  # contents and mode by path
Document = dict[str, object]


def tar(files: Files) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, (data, mode) in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), mode
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def blob(files: Files, kind: str, data: bytes) -> Document:
    """Put a blob among the files; what refers to it."""
    digest = hashlib.sha256(data).hexdigest()
    files[f"blobs/sha256/{digest}"] = (data, 0o644)
    return {"mediaType": f"{OCI}.{kind}", "digest": f"sha256:{digest}", "size": len(data)}


def configuration(program: str, layer: bytes) -> Document:
    return {
        "architecture": ARCHITECTURES[platform.machine()],
        "os": "linux",
        "config": {"Entrypoint": [f"/{program}"], "User": "65532:65532"},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
    }


def archive(name: str, program: Path) -> bytes:
    """The whole image of one layer with one file."""
    files: Files = {}
    layer = tar({program.name: (program.read_bytes(), 0o755)})
    config = blob(files, "config.v1+json", json.dumps(configuration(program.name, layer)).encode())
    layers = [blob(files, "layer.v1.tar", layer)]
    kind = "manifest.v1+json"
    body = {"schemaVersion": 2, "mediaType": f"{OCI}.{kind}", "config": config, "layers": layers}
    manifest = blob(files, kind, json.dumps(body).encode())
    manifest["annotations"] = {"io.containerd.image.name": name, "org.opencontainers.image.ref.name": name}
    index = {"schemaVersion": 2, "manifests": [manifest]}
    layout: Files = {
        "oci-layout": (json.dumps({"imageLayoutVersion": "1.0.0"}).encode(), 0o644),
        "index.json": (json.dumps(index).encode(), 0o644),
    }
    return tar(layout | files)


if __name__ == "__main__":
    sys.stdout.buffer.write(archive(sys.argv[1], Path(sys.argv[2])))
