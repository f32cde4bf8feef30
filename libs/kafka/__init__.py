"""Kafka: a producer that outlives its broker, consumers with manual commits, CloudEvents 1.0 in binary mode."""

from libs.kafka.client import Kafka as Kafka
from libs.kafka.client import KafkaAway as KafkaAway
from libs.kafka.client import Record as Record
from libs.kafka.envelope import Envelope as Envelope
from libs.kafka.json import from_json as from_json
from libs.kafka.json import to_json as to_json
