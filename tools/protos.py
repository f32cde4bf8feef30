"""Generates gen/ from protos/: messages, gRPC stubs and their types.

Nothing is written when no proto changed, so that `make protos` may stand before everything.
"""

import hashlib
import shutil
import sys
from pathlib import Path

import grpc_tools
from grpc_tools import protoc

SOURCES = Path("protos")
THIRD_PARTY = Path("third_party/protos")
WELL_KNOWN = Path(grpc_tools.__file__).parent / "_proto"  # google/protobuf/*.proto
TARGET = Path("gen")
STAMP = TARGET / ".stamp"
DOCUMENTED = "descriptors.binpb"  # the protos with their comments, which generated code lacks


def digest(protos: list[Path]) -> str:
    """One hash over the names and bytes of all protos and of this generator."""
    seen = hashlib.sha256(Path(__file__).read_bytes())
    for proto in protos:
        seen.update(str(proto).encode() + b"\0" + proto.read_bytes())
    return seen.hexdigest()


def generate(names: list[str]) -> None:
    """Run protoc into an empty gen/; raises SystemExit with protoc's own message."""
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir()
    scripts = Path(sys.executable).parent  # the plugins of this environment, whatever PATH says
    outputs = [f"--plugin=protoc-gen-{plugin}={scripts}/protoc-gen-{plugin}" for plugin in ("mypy", "mypy_grpc")]
    outputs += [f"--{plugin}_out=quiet:{TARGET}" for plugin in ("mypy", "mypy_grpc")]
    outputs += [f"--{plugin}_out={TARGET}" for plugin in ("python", "grpc_python")]
    outputs += [f"--descriptor_set_out={TARGET / DOCUMENTED}", "--include_source_info"]
    if protoc.main(["protoc", f"-I{SOURCES}", f"-I{THIRD_PARTY}", f"-I{WELL_KNOWN}", *outputs, *names]) != 0:
        sys.exit("protos do not compile")


def main() -> None:
    protos = sorted(SOURCES.rglob("*.proto")) + sorted(THIRD_PARTY.rglob("*.proto"))
    wanted = digest(protos)
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    roots = (SOURCES, THIRD_PARTY)
    generate([str(path.relative_to(next(r for r in roots if r in path.parents))) for path in protos])
    STAMP.write_text(wanted)


if __name__ == "__main__":
    main()
