"""Sessions through the whole fleet: they are listed, ended from another device, and refused by the gateway at once."""

import logging
import time
from typing import Any

import httpx

from tests.e2e.people import Meet, Person, eventually

log = logging.getLogger(__name__)
SESSIONS = "/api/v1/users/me/sessions"
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0 Mobile Safari/537.36"
PATIENCE = 10.0  # seconds; a quarter of a second is what it takes


def on_another_device(person: Person) -> Person:
    """The same person, signed in once more."""
    other = Person(str(person.http.base_url))
    other.name = person.name
    other.http.headers["user-agent"] = PHONE
    return other.login()


def is_let_in(person: Person) -> bool:
    return person.http.get("/api/auth/me").status_code == 200


def reason(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["details"]["reason"])


def listed(person: Person) -> list[dict[str, Any]]:
    answer = person.http.get(SESSIONS)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["data"]
    return rows


def moment_of_refusal(person: Person) -> float:
    """When the person's access token was first refused, in monotonic seconds; fails after PATIENCE."""
    limit = time.monotonic() + PATIENCE
    while is_let_in(person):
        assert time.monotonic() < limit
    return time.monotonic()


def test_a_session_that_is_ended_elsewhere_is_refused_within_moments(meet: Meet) -> None:
    own = meet()
    phone = on_another_device(own)
    (found,) = [one for one in listed(own) if not one["isCurrent"]]
    assert found["deviceInfo"]["browser"] == "Chrome"
    assert is_let_in(phone)

    answer = own.http.delete(f"{SESSIONS}/{found['id']}")
    ended = time.monotonic()

    assert answer.status_code == 204, answer.text
    log.info("refused %.3f s after the answer", moment_of_refusal(phone) - ended)
    assert reason(phone.http.get("/api/auth/me")) == "TOKEN_REVOKED"
    assert phone.http.post("/api/auth/refresh", json={"refresh_token": phone.refresh_token}).status_code == 401
    assert [one["isCurrent"] for one in listed(own)] == [True]
    assert own.http.delete(f"{SESSIONS}/{found['id']}").status_code == 404
    phone.http.close()


def test_all_others_are_ended_by_one_call_and_audited(meet: Meet) -> None:
    own, stranger = meet(), meet()
    others = [on_another_device(own) for _ in range(2)]

    answer = own.http.post(f"{SESSIONS}/revoke-others")

    assert (answer.status_code, answer.json()["data"]) == (200, {"revoked": 2})
    for other in others:
        moment_of_refusal(other)
        other.http.close()
    assert is_let_in(own)
    assert is_let_in(stranger)
    rows = eventually(lambda: two(own.audit(action="session.revoked")))
    assert {row["details"]["reason"] for row in rows} == {"revoked"}


def two(rows: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    return rows if len(rows) > 1 else None
