"""Brokers that ask for a password over TLS, and what they say to those they do not know."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from pydantic import ValidationError

from libs.kafka import Kafka, KafkaAway, Record
from libs.settings import KafkaSettings
from tests.libs.kafka.secured import SecuredKafka
from tests.libs.keys import Authority
from tests.libs.ledger import stored


@pytest.fixture(scope="module")
def broker() -> Iterator[SecuredKafka]:
    with SecuredKafka.ephemeral() as server:
        assert isinstance(server, SecuredKafka)
        yield server


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "PLAIN"])
async def test_who_has_the_password_makes_topics_sends_and_reads(broker: SecuredKafka, mechanism: str) -> None:
    async with Kafka(broker.settings(mechanism=mechanism)) as kafka:
        topic = f"made_up.{mechanism.lower()}"
        await kafka.ensure_topics([topic])
        await kafka.send([Record(topic, b"key", b"value", [])])

        assert [one.value for one in await stored(kafka, topic)] == [b"value"]
        assert await kafka.answers()
        assert await kafka.checks["kafka"]()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"password": "hunter2"}, "invalid credentials"),
        ({"mechanism": "PLAIN", "password": "hunter2"}, "Invalid username or password"),
        ({"username": "somebody"}, "invalid credentials"),
        ({"mechanism": "SCRAM-SHA-256"}, "do not know the mechanism SCRAM-SHA-256"),
        ({"authority": None}, "certificate verify failed"),
    ],
    ids=["password", "plain-password", "user", "mechanism", "authority"],
)
async def test_who_is_refused_is_not_ready_and_told_why_once(
    broker: SecuredKafka, changed: dict[str, object], reason: str
) -> None:
    async with Kafka(broker.settings(**changed)) as kafka:
        with structlog.testing.capture_logs() as logs:
            assert not await kafka.checks["kafka"]()
            assert not await kafka.checks["kafka"]()
        with pytest.raises(KafkaAway):
            await kafka.send([Record("made_up.any", b"key", b"value", [])])
        assert not await kafka.answers()

    (told,) = [one for one in logs if one["event"] == "kafka_refused"]
    assert reason in told["reason"]
    assert "hunter2" not in str(logs)


async def test_brokers_that_are_away_refuse_nobody(broker: SecuredKafka) -> None:
    async with Kafka(broker.settings(brokers="127.0.0.1:1")) as kafka:
        assert await kafka.checks["kafka"]()


async def test_who_was_let_in_once_stays_ready(broker: SecuredKafka) -> None:
    async with Kafka(broker.settings()) as kafka:
        assert await kafka.checks["kafka"]()
        broker.stop()
        try:
            assert await kafka.checks["kafka"]()
            assert not await kafka.answers()
        finally:
            broker.start()


def test_brokers_without_a_password_are_nothing_to_be_ready_for() -> None:
    assert Kafka(KafkaSettings(brokers="127.0.0.1:1")).checks == {}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"protocol": "SASL_SSL"}, "SASL_SSL needs mechanism and username and password"),
        (
            {"protocol": "SASL_PLAINTEXT", "mechanism": "PLAIN", "username": "me", "password": ""},
            "SASL_PLAINTEXT needs password",
        ),
        ({"username": "me"}, "username are for the protocols SASL_SSL and SASL_PLAINTEXT alone"),
        ({"protocol": "SSL", "password": "hunter2"}, "password are for the protocols"),
        ({"protocol": "TLS"}, "Input should be 'PLAINTEXT', 'SSL', 'SASL_PLAINTEXT' or 'SASL_SSL'"),
    ],
)
def test_settings_that_do_not_fit_their_protocol_are_refused(values: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence) as refused:
        KafkaSettings.model_validate({"brokers": "127.0.0.1:1"} | values)

    assert "hunter2" not in str(refused.value)


def test_an_authority_is_a_file_of_certificates_and_of_a_protocol_with_tls(tmp_path: Path) -> None:
    good, bad = Authority.make(tmp_path).file, tmp_path / "bad.pem"
    bad.write_text("nothing")

    with pytest.raises(ValidationError, match="authority is for the protocols SSL and SASL_SSL alone"):
        KafkaSettings(brokers="127.0.0.1:1", authority=good)
    with pytest.raises(ValidationError, match="holds no certificates"):
        KafkaSettings(brokers="127.0.0.1:1", protocol="SSL", authority=bad)
    with pytest.raises(ValidationError, match="does not point to a file"):
        KafkaSettings(brokers="127.0.0.1:1", protocol="SSL", authority=tmp_path / "none.pem")
