"""The transactional outbox: an event reaches Kafka if, and only if, its transaction commits; in order per key."""

from libs.outbox.relay import Relay as Relay
from libs.outbox.table import ADDRESS_DDL as ADDRESS_DDL
from libs.outbox.table import DDL as DDL
from libs.outbox.table import OutboxRow as OutboxRow
from libs.outbox.table import publish as publish
