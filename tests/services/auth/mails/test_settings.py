"""How mails are sent is decided by settings, and a wrong one stops the start."""

from email.headerregistry import Address

import pytest
from pydantic import SecretStr, ValidationError

from services.auth.mails.delivery import Mailbox, Smtp
from services.auth.settings import MailSettings
from services.auth.worker import carrier

APP = "https://app.orrery.test"
PASSWORD = "p%40ss%2Fword"


def settings(**told: object) -> MailSettings:
    return MailSettings.model_validate({"app_url": APP, **told})


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({}, "set either SMTP_URL"),
        ({"mailbox": True, "smtp_url": "smtp://mail.example"}, "set either SMTP_URL"),
        ({"smtp_url": "http://mail.example"}, "a mail server is smtp://"),
        ({"smtp_url": "smtp://"}, "a mail server is smtp://"),
        ({"smtp_url": "smtp+plain://user:secret@mail.example"}, "would be sent in the clear"),
        ({"mailbox": True, "sender": "nobody"}, "a sender is an address"),
        ({"mailbox": True, "sender": "a@b.example\r\nBcc: c@d.example"}, "a sender is an address"),
        ({"mailbox": True, "app_url": "javascript:alert(1)"}, "a URL is http"),
        ({"mailbox": True, "app_url": "https://app.example/?x=1"}, "a URL is http"),
    ],
)
def test_what_is_wrong_is_said_without_the_password(told: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence) as wrong:
        settings(**told)

    assert "secret" not in str(wrong.value)


def test_a_sender_has_a_name_and_an_address() -> None:
    made = settings(mailbox=True, sender="Orrery Team <hello@orrery.test>")

    assert made.sender_address == Address("Orrery Team", "hello", "orrery.test")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (f"smtp://ada:{PASSWORD}@mail.example", {"port": 587, "start_tls": True, "password": "p@ss/word"}),
        (f"smtps://ada:{PASSWORD}@mail.example:4650", {"port": 4650, "use_tls": True, "username": "ada"}),
        ("smtp+plain://127.0.0.1", {"hostname": "127.0.0.1", "port": 25, "start_tls": False}),
    ],
)
def test_a_url_says_how_the_connection_is_secured(url: str, told: dict[str, object]) -> None:
    made = carrier(settings(smtp_url=SecretStr(url)))

    assert isinstance(made, Smtp)
    assert told.items() <= made.connection().items()


def test_in_development_mails_are_kept() -> None:
    assert carrier(settings(mailbox=True)) == Mailbox(APP)
