import tomllib
from pathlib import Path

import pytest

from tools.new_service import stack
from tools.new_service.names import Names

TOLD = """# Ports, folders and versions.

[ports]
gateway = 8080
auth = 7101
media = 7103
auth-operations = 7201
media-worker-operations = 7202

# What each is told.
[deployables.auth]
module = "services.auth"
schema = "auth"
needs = ["rpc"]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / stack.STACK).parent.mkdir(parents=True)
    (tmp_path / stack.STACK).write_text(TOLD)
    return tmp_path


def test_a_service_gets_two_free_ports_of_the_same_place_and_its_entry(root: Path) -> None:
    stack.write(root, Names.of("ai-inference", "ai", "models"))

    text = (root / stack.STACK).read_text()
    told = tomllib.loads(text)
    assert (told["ports"]["ai-inference"], told["ports"]["ai-inference-operations"]) == (7104, 7204)
    assert told["deployables"]["ai-inference"] == {
        "module": "services.ai_inference",
        "schema": "ai",
        "needs": ["rpc", "process", "database", "kafka"],
    }
    assert "\n# What each is told.\n" in text


def test_an_entry_that_is_there_stays(root: Path) -> None:
    names = Names.of("ai-inference", "ai", "models")
    stack.write(root, names)
    once = (root / stack.STACK).read_text()

    assert stack.write(root, names) == []
    assert (root / stack.STACK).read_text() == once
