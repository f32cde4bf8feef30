"""Calls between the fleet's processes: one builder for every server, one for every client.

A call carries a signed identity, a deadline, the request's id and the trace; a refusal keeps its type over the hop.
"""

from libs.rpc.client import Call as Call
from libs.rpc.client import Client as Client
from libs.rpc.client import Passage as Passage
from libs.rpc.context import arrived_ms as arrived_ms
from libs.rpc.context import caller as caller
from libs.rpc.context import request_id as request_id
from libs.rpc.identity import Signer as Signer
from libs.rpc.listening import bound as bound
from libs.rpc.server import Server as Server
