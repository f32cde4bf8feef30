"""Consumers: each event takes effect once, in order per key, or ends in a dead-letter topic with its reason."""

from libs.inbox.consumer import Consumer as Consumer
from libs.inbox.consumer import Delivery as Delivery
from libs.inbox.table import DDL as DDL
