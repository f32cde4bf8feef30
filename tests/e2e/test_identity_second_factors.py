"""Second factors, from the QR code to the audit log."""

from typing import Any

import httpx
import pyotp

from tests.e2e.people import PASSWORD, Meet, Person, eventually


def data(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


def error(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()["error"]
    return found


def login(person: Person, **more: str) -> httpx.Response:
    return person.http.post("/api/auth/login", json={"username": person.name, "password": PASSWORD, **more})


def test_a_person_enables_two_factors_signs_in_by_them_and_pays(meet: Meet) -> None:
    ada = meet()
    made = data(ada.http.get("/api/auth/2fa/setup"))
    app = pyotp.parse_uri(made["otpAuthUri"])
    assert isinstance(app, pyotp.TOTP)
    assert (app.secret, made["qrCodeImage"][:18]) == (made["secret"], "data:image/svg+xml")

    enabled = data(ada.http.post("/api/auth/2fa/enable", json={"otpCode": app.now()}))
    codes = enabled["backupCodes"]

    assert (enabled["success"], len(codes)) == (True, 10)
    assert error(login(ada), 401)["code"] == "OTP_REQUIRED"
    assert error(login(ada, otpCode="000000"), 401)["code"] == "OTP_INVALID"
    assert data(login(ada, backupCode=codes[0]))["token"]
    tenant = ada.http.post("/api/v1/auth/login", json={"email": ada.user["email"], "password": PASSWORD})
    assert (tenant.status_code, tenant.json()["error_code"]) == (401, "OTP_REQUIRED")

    paid = ada.http.post("/api/auth/payment-auth", json={"paymentId": "order-1", "method": "2fa", "code": codes[1]})
    again = ada.http.post("/api/auth/payment-auth", json={"paymentId": "order-1", "method": "2fa", "code": codes[2]})

    assert data(paid) == {"success": True}
    assert data(again)["reason"] == "PAYMENT_AUTHORISED_BEFORE"
    assert data(ada.http.get("/api/auth/2fa")) == {"isEnabled": True, "backupCodesLeft": 8, "hasPin": False}
    assert error(ada.http.post("/api/auth/2fa/disable", json={"otpCode": "000000"}), 400)["code"] == "OTP_INVALID"
    assert data(ada.http.post("/api/auth/2fa/disable", json={"backupCode": codes[3]})) == {"success": True}
    assert data(login(ada))["token"]
    wanted = {"second_factor.enabled", "second_factor.refused", "second_factor.disabled", "payment.authorised"}
    eventually(lambda: wanted <= {row["action"] for row in ada.audit()} or None)


def test_five_wrong_pins_lock_it(meet: Meet) -> None:
    ada = meet()
    assert data(ada.http.post("/api/auth/pin/set", json={"pin": "271828"})) == {"success": True}
    assert data(ada.http.post("/api/auth/pin/verify", json={"pin": "271828"})) == {"success": True}

    wrong = [data(ada.http.post("/api/auth/pin/verify", json={"pin": "314159"})) for _ in range(5)]
    locked = ada.http.post("/api/auth/pin/verify", json={"pin": "271828"}, headers={"accept-language": "ja"})

    assert [(one["success"], one["attemptsLeft"]) for one in wrong] == [(False, left) for left in (4, 3, 2, 1, 0)]
    told = error(locked, 423)
    assert (told["code"], 0 < told["details"]["retry_after_seconds"] <= 900) == ("PIN_LOCKED", True)
    assert locked.headers["retry-after"] == str(told["details"]["retry_after_seconds"])
    assert told["message"].startswith("PIN")
