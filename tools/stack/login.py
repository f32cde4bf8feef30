"""The first account of a stack, made through the public API like any other."""

import httpx

from admin.smoke.api import Login
from admin.smoke.patient import Patient
from tools.stack.errors import StackError
from tools.stack.keys import Keys

USERNAME = "ada"


def first_login(url: str, keys: Keys) -> Login:
    """Register the first account unless it is there; raises StackError with the API's own words."""
    login = Login(USERNAME, keys.password("first-login"))
    account = {"username": login.username, "email": f"{USERNAME}@example.com", "password": login.password}
    with httpx.Client(base_url=url, transport=Patient(), trust_env=False, timeout=15) as client:
        answer = client.post("/api/auth/register", json=account)
    if answer.status_code not in {httpx.codes.CREATED, httpx.codes.CONFLICT}:
        raise StackError(f"The first account could not be made: {answer.status_code} {answer.text[:300]}")
    return login
