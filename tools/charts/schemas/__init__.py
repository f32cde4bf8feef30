"""JSON schemas of the kinds that the charts use: Kubernetes' own from a running API server, the others from the Go
modules of the projects that define them. Unknown fields are refused, descriptions left out.

`sources.toml` lists them with their versions; what is made lies in `tests/charts/schemas`, so that rendered objects are
checked without a cluster. `differences()` holds Kubernetes' part against the server that kubectl reaches.
"""

from tools.charts.schemas.written import FOLDER as FOLDER
from tools.charts.schemas.written import SOURCES as SOURCES
from tools.charts.schemas.written import differences as differences
from tools.charts.schemas.written import write as write
