"""The tests' own protos, generated when first imported: real servicers and events that no service of the fleet has."""

import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

import grpc_tools
from grpc_tools import protoc

SOURCES = Path(__file__).parent / "protos"
ROOTS = (SOURCES, Path("protos"), Path(grpc_tools.__file__).parent / "_proto")


def generate() -> None:
    target = tempfile.mkdtemp(prefix="orrery-protos-")
    names = [str(path.relative_to(SOURCES)) for path in SOURCES.rglob("*.proto")]
    paths = [f"-I{root}" for root in ROOTS]
    if protoc.main(["protoc", *paths, f"--python_out={target}", f"--grpc_python_out={target}", *names]) != 0:
        raise SystemExit("the tests' protos do not compile")
    sys.path.append(target)


generate()
probe: Any = import_module("made_up.probe.v1.probe_pb2")
probe_rpc: Any = import_module("made_up.probe.v1.probe_pb2_grpc")
ledger: Any = import_module("made_up.ledger.v1.events_pb2")
TOPIC = "made_up.ledger.v1"
