"""What the gateway's environment may say."""

from pathlib import Path

import pytest

from gateway.limits.rates import Rate
from gateway.settings import GatewaySettings
from libs.settings import WrongSettings
from tests.gateway.identity.issuer import Auth
from tests.gateway.process.gateways import environ


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A good one."""
    for name, value in environ(tmp_path, Auth(tmp_path), 8080, 7200, {}).items():
        monkeypatch.setenv(name, value)


def test_what_is_given_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORRERY_LIMITS__AUTH", "7/h")
    monkeypatch.setenv("ORRERY_TIMEOUTS__HEAD", "1.5")
    monkeypatch.setenv("ORRERY_LISTEN", "[::1]:8081")
    monkeypatch.setenv("ORRERY_SERVICES__AI_INFERENCE", "ai:7103")

    settings = GatewaySettings.read()

    assert (settings.limits.auth, settings.limits.chat) == (Rate(7, 3600), Rate(60, 60))
    assert settings.timeouts.patience.head_seconds == 1.5
    assert settings.listens_at == ("::1", 8081)
    assert settings.services.ai_inference == "ai:7103"


def test_the_issuer_is_the_public_url_unless_another_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORRERY_PUBLIC_URL", "https://api.example.com/")
    given = GatewaySettings.read().issuer
    monkeypatch.delenv("ORRERY_TOKENS__ISSUER")

    assert (given, GatewaySettings.read().issuer) == ("http://orrery.test", "https://api.example.com")


WRONG = {
    "ORRERY_LISTEN": ("8080", "an address is host:port"),
    "ORRERY_PROCESS__OPERATIONS": ("127.0.0.1:65536", "a port is 65535 at most"),
    "ORRERY_SERVICES__MEDIA": ("media", "an address is host:port"),
    "ORRERY_LIMITS__AUTH": ("ten a minute", "a rate is spelled like 10/min"),
    "ORRERY_TRUSTED_PROXIES": ("10.0.0.1/8", "10.0.0.1/8 has host bits set"),
    "ORRERY_PUBLIC_URL": ("api.example.com", "a URL is http://host or https://host"),
    "ORRERY_IDENTITY__KEY": ("/nowhere.pem", "Path does not point to a file"),
    "ORRERY_REDIS__URL": ("127.0.0.1:6379", "an address of Redis begins with redis://, rediss:// or unix://"),
    "ORRERY_WORKERS": ("0", "Input should be greater than or equal to 1"),
    "ORRERY_SPOOL_BYTES": ("1", "Input should be greater than or equal to"),
}


@pytest.mark.parametrize(("name", "value", "sentence"), [(name, *rest) for name, rest in WRONG.items()])
def test_what_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(WrongSettings) as refused:
        GatewaySettings.read()

    assert str(refused.value).startswith(f"{name}: {sentence}")
    assert "\n" not in str(refused.value)
