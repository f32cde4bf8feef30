"""What every process shows of itself: traces (OpenTelemetry), logs (JSON on stdout) and metrics (Prometheus).

Own thin spans where the stock instrumentations cost over 50 µs a request; the wire formats are the standard ones.
"""

from libs.telemetry.checks import Answer as Answer
from libs.telemetry.checks import Check as Check
from libs.telemetry.checks import No as No
from libs.telemetry.checks import why_not as why_not
from libs.telemetry.logs import get_logger as get_logger
from libs.telemetry.logs import set_request_id as set_request_id
from libs.telemetry.metrics import render_metrics as render_metrics
from libs.telemetry.start import Telemetry as Telemetry
from libs.telemetry.traces import inner_span as inner_span
from libs.telemetry.traces import span as span
from libs.telemetry.traces import traceparent as traceparent
from libs.telemetry.watching import watch as watch
