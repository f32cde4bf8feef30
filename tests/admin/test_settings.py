"""What the environment may not say."""

from pathlib import Path

import pytest

from admin.errors import Failed
from admin.settings import PostgresSettings


@pytest.mark.parametrize(
    "url", ["postgresql://h:notaport/db", "postgresql://:word@h/db", "postgresql://h:0/db"], ids=str
)
def test_an_address_that_is_none_is_refused_at_the_start(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"(?i)port|without a user"):
        PostgresSettings(url=url, passwords=tmp_path)


def test_a_password_that_is_no_text_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "admin").write_bytes(b"\xff\xfe")
    settings = PostgresSettings(url="postgresql://h:5432/db", passwords=tmp_path)

    with pytest.raises(Failed) as refused:
        settings.password("admin")

    assert str(refused.value) == f"The password of admin at {tmp_path / 'admin'} is no UTF-8."
