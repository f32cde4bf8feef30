"""Whose certificates `orrery smoke` believes."""

from pathlib import Path

import pytest

from admin.errors import Failed
from admin.smoke.api import trust
from tests.libs.keys import Authority


def test_an_authority_of_ones_own_is_believed_beside_the_systems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    systems, own = Authority.make(tmp_path / "systems"), Authority.make(tmp_path / "own")
    monkeypatch.setenv("SSL_CERT_FILE", str(systems.file))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))

    believed = {one["serialNumber"] for one in trust(own.file).get_ca_certs()}

    assert believed == {f"{one.certificate.serial_number:X}".zfill(40)[-40:] for one in (systems, own)}


def test_a_file_without_certificates_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")

    with pytest.raises(Failed, match=r"empty\.pem is no file of certificates"):
        trust(tmp_path / "empty.pem")
