"""Operations import no transport.

An operation that raised an HTTP error could not be called by a consumer: the event was buried for a status code that
nobody was there to read. Verbs take sessions and values; rpc.py and consumers.py are the ways in.
"""

from collections.abc import Iterator

from tools.lint.names import imports, is_under
from tools.lint.rule import Offence, Rule
from tools.lint.sources import Tree

TRANSPORTS = ("grpc", "fastapi", "starlette", "uvicorn", "httpx", "kafka", "aiokafka", "libs.kafka")
STUBS = "_pb2_grpc"


def check(tree: Tree) -> Iterator[Offence]:
    for source in tree.python:
        if source.is_in("services") and source.path.name == "operations.py":
            for line, name in imports(source):
                if is_under(name, TRANSPORTS) or STUBS in name:
                    yield Offence(
                        source.path, line, f"operations know no transport; {name} belongs to rpc.py or consumers.py."
                    )


RULE = Rule("operations-without-transport", check)
