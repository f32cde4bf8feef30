"""One process of the fleet: gRPC server, loops and operations port in one task group, and a clean way out."""

from libs.process.process import FAREWELL_SECONDS as FAREWELL_SECONDS
from libs.process.process import Process as Process
from libs.process.process import Runnable as Runnable
from libs.process.process import lasting as lasting
from libs.process.starting import run as run
