"""One frozen object from the environment, and one clear line for whatever is wrong with it."""

from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from libs.settings import (
    DatabaseSettings,
    KafkaSettings,
    ProcessSettings,
    RpcSettings,
    Settings,
    TlsSettings,
    UnknownSetting,
    WrongSettings,
)

ENOUGH = {"ORRERY_DATABASE__DSN": "postgresql://app:hunter2@db/x", "ORRERY_KAFKA__BROKERS": "127.0.0.1:9092"}


class Inner(BaseModel):
    size: int = 5


class Probe(Settings):
    database: DatabaseSettings
    kafka: KafkaSettings
    process: ProcessSettings = ProcessSettings()
    rpc: RpcSettings | None = None
    inner: Inner = Inner()
    plain: str = "default"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in ENOUGH.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_what_is_set_is_read_and_the_rest_has_its_default(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ORRERY_PROCESS__DRAIN_SECONDS", "2.5")
    environment.setenv("ORRERY_INNER__SIZE", "9")

    found = Probe.read()

    assert found.database.dsn == SecretStr(ENOUGH["ORRERY_DATABASE__DSN"])
    assert (found.database.pool_size, found.process.drain_seconds, found.inner.size) == (10, 2.5, 9)
    assert (found.plain, found.rpc) == ("default", None)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ORRERY_DATABASE__DNS", "did you mean ORRERY_DATABASE__DSN?"),
        ("ORRERY_KAFKA__BROKER", "did you mean ORRERY_KAFKA__BROKERS?"),
        ("ORRERY_PLAN", "did you mean ORRERY_PLAIN?"),
        ("orrery_database__dns", "is not a setting"),
        ("ORRERY_XYZZY_42", "is not a setting of this process"),
        ("ORRERY_RPC__LISTENS", "did you mean ORRERY_RPC__LISTEN?"),
    ],
)
def test_an_unknown_name_is_refused_with_a_suggestion(name: str, hint: str, environment: pytest.MonkeyPatch) -> None:
    environment.setenv(name, "hunter2")

    with pytest.raises(UnknownSetting) as refused:
        Probe.read()

    assert name in str(refused.value)
    assert hint in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_names_of_others_are_nobodys_business(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ORREERY_DATABASE__DNS", "x")
    environment.setenv("DATABASE__DSN", "x")

    assert Probe.read().plain == "default"


def test_each_missing_or_wrong_variable_has_its_line(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("ORRERY_KAFKA__BROKERS")
    environment.setenv("ORRERY_DATABASE__POOL_SIZE", "hunter2")
    environment.setenv("ORRERY_PROCESS__DRAIN_SECONDS", "-1")

    with pytest.raises(WrongSettings) as refused:
        Probe.read()

    lines = sorted(str(refused.value).splitlines())
    assert [line.partition(":")[0] for line in lines] == [
        "ORRERY_DATABASE__POOL_SIZE",
        "ORRERY_KAFKA",
        "ORRERY_PROCESS__DRAIN_SECONDS",
    ]
    assert "required" in lines[1]
    assert "hunter2" not in str(refused.value)


def test_a_group_that_is_no_object_is_refused(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ORRERY_KAFKA", "hunter2")

    with pytest.raises(WrongSettings, match="kafka") as refused:
        Probe.read()

    assert "hunter2" not in str(refused.value)


def test_secrets_are_shown_nowhere() -> None:
    found = Probe.read()

    for shown in (repr(found), str(found), found.model_dump_json()):
        assert "hunter2" not in shown


@pytest.mark.parametrize("name", ["plain", "database"])
def test_settings_cannot_be_changed(name: str) -> None:
    found = Probe.read()

    with pytest.raises(ValidationError, match="frozen"):
        setattr(found, name, "other")
    with pytest.raises(ValidationError, match="frozen"):
        setattr(found.database, "dsn" if name == "plain" else "pool_size", 3)


@pytest.mark.parametrize("given", [("certificate",), ("key",), ("certificate", "key"), ("authority", "key")])
def test_some_of_the_three_tls_files_are_refused(given: tuple[str, ...], environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ORRERY_RPC__LISTEN", "127.0.0.1:0")
    environment.setenv("ORRERY_RPC__IDENTITY_KEYS", "a.pem")
    for name in given:
        environment.setenv(f"ORRERY_RPC__{name.upper()}", "x.pem")

    with pytest.raises(WrongSettings, match="ORRERY_RPC: mutual TLS needs certificate, key and authority together"):
        Probe.read()


def test_tls_is_mutual_or_none() -> None:
    file = Path("x.pem")

    assert not TlsSettings().is_mutual
    assert TlsSettings(certificate=file, key=file, authority=file).is_mutual
