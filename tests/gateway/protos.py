"""Protos made for one test, compiled as the real ones are."""

from pathlib import Path
from tempfile import TemporaryDirectory

import grpc_tools
from google.protobuf.descriptor import Descriptor, FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import Default
from grpc_tools import protoc
from orrery.options.v1 import options_pb2 as _options  # registers what the test protos import
from orrery.types.v1 import types_pb2 as _types

HEAD = """
syntax = "proto3";
package orrery.tests.{name}.v1;
import "buf/validate/validate.proto";
import "orrery/options/v1/options.proto";
import "orrery/types/v1/types.proto";
"""
IMPORTS = ("protos", "third_party/protos", str(Path(grpc_tools.__file__).parent / "_proto"))
_REGISTERED = (_options, _types)


def proto(name: str, body: str) -> FileDescriptor:
    """The file `orrery/tests/<name>.proto` with this body, in the default pool; a name is used once."""
    with TemporaryDirectory() as folder:
        source, target = Path(folder, "orrery/tests", f"{name}.proto"), Path(folder, "set.binpb")
        source.parent.mkdir(parents=True)
        source.write_text(HEAD.format(name=name) + body)
        paths = [f"-I{path}" for path in (*IMPORTS, folder)]
        assert protoc.main(["protoc", *paths, f"--descriptor_set_out={target}", str(source)]) == 0
        (made,) = FileDescriptorSet.FromString(target.read_bytes()).file
    return Default().AddSerializedFile(made.SerializeToString())


def message(file: FileDescriptor, name: str) -> Descriptor:
    found: Descriptor = file.message_types_by_name[name]
    return found
