"""Keycloak, as far as it can be tried without one; tests/sso tries the rest."""

from pathlib import Path

import pytest

from tools.stack import ports
from tools.stack.install import keycloak
from tools.stack.parts.keycloak import Keycloak


def test_without_maven_it_says_what_is_missing_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK_INSTALLED", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))

    assert keycloak.missing().startswith("Maven is missing (sudo apt-get install")


def test_its_issuer_is_the_realms_and_nobody_answers_before_it_runs(tmp_path: Path) -> None:
    part = Keycloak(tmp_path, ports.free(), realm={"realm": "acme"})

    assert part.issuer == f"http://127.0.0.1:{part.port}/realms/acme"
    assert not part.replies()
    assert not part.stop()
