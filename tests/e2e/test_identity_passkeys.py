"""A page of the deployment itself, in Chromium: a passkey is made, signs in without a password, and is removed."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.people import Meet, Person, eventually
from tests.services.auth.passkeys.chromium import running
from tools.stack.errors import StackError
from tools.stack.install import apt
from tools.stack.layout import SETTINGS

pytestmark = pytest.mark.timeout(600)  # the browser may have to be fetched
FRONT_END = """
async token => {
  const call = async (method, path, body, bearer) => {
    const headers = {'content-type': 'application/json', ...(bearer && {authorization: 'Bearer ' + bearer})};
    const answer = await fetch('/api/auth/webauthn' + path, {method, headers, body: body && JSON.stringify(body)});
    return (await answer.json());
  };
  const parse = PublicKeyCredential;
  const asked = (await call('POST', '/register/options', {}, token)).data.publicKey;
  const made = await navigator.credentials.create({publicKey: parse.parseCreationOptionsFromJSON(asked)});
  const kept = await call('POST', '/register/verify', {credential: made.toJSON(), name: 'Laptop'}, token);
  const wanted = (await call('POST', '/login/options', {})).data.publicKey;
  const shown = await navigator.credentials.get({publicKey: parse.parseRequestOptionsFromJSON(wanted)});
  const document = shown.toJSON();
  const entered = await call('POST', '/login/verify', {credential: document});
  const again = await call('POST', '/login/verify', {credential: document});
  return {kept, entered, again};
}"""


@pytest.fixture(scope="module")
def chromium() -> str:
    try:
        apt.ensure(SETTINGS["debian_browser"])
    except StackError as missing:
        pytest.skip(f"no Chromium on this machine: {missing} {missing.advice}")
    return str(next(iter(SETTINGS["debian_browser"])))


def credentials(who: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = who.http.get("/api/auth/webauthn/credentials").json()["data"]["credentials"]
    return found


async def test_a_passkey_signs_in_through_the_whole_fleet(
    chromium: str, meet: Meet, fleet_url: str, tmp_path: Path
) -> None:
    ada = meet()
    bearer = ada.http.headers["authorization"].removeprefix("Bearer ")
    async with running(chromium, tmp_path) as browser:
        page = await browser.open(fleet_url.replace("127.0.0.1", "localhost") + "/docs")
        done = await page.run(FRONT_END, bearer)

    entered = done["entered"]["data"]
    assert entered["user"] == ada.user
    assert (entered["token"], entered["refreshToken"]) == (entered["access_token"], entered["refresh_token"])
    assert done["again"]["error"]["details"] == {"reason": "CHALLENGE_REFUSED"}
    [kept] = credentials(ada)
    assert (kept["name"], kept["credentialId"]) == ("Laptop", done["kept"]["data"]["credential"]["credentialId"])

    ada.http.headers["authorization"] = f"Bearer {entered['token']}"
    path = f"/api/auth/webauthn/credentials/{kept['credentialId']}"
    renamed = ada.http.patch(path, json={"name": "電話"})
    assert renamed.json()["data"]["credential"]["name"] == "電話"
    stranger = meet()
    for method in ("PATCH", "DELETE"):
        foreign = stranger.http.request(method, path, json={"name": "Mine"} if method == "PATCH" else None)
        assert (foreign.status_code, foreign.json()["error"]["code"]) == (404, "RESOURCE_NOT_FOUND")
    assert ada.http.delete(path).json() == {"success": True, "data": {"success": True}}
    assert credentials(ada) == []
    for action in ("passkey.registered", "passkey.used", "passkey.renamed", "passkey.removed"):
        assert eventually(partial(ada.audit, action=action))


def test_what_is_no_credential_is_refused_by_name(meet: Meet) -> None:
    ada = meet()
    for path in ("register", "login"):
        for body, field in (({}, "credential"), ({"credential": {}}, "credential"), ({"credential": 5}, "credential")):
            answer = ada.http.post(f"/api/auth/webauthn/{path}/verify", json=body)
            assert answer.status_code == 400, answer.text
            error = answer.json()["error"]
            assert error["code"] == "VALIDATION_ERROR"
            assert [one["field"] for one in error["details"]["validation_errors"]] == [field]
    long = ada.http.post("/api/auth/webauthn/login/verify", json={"credential": {"id": "x" * 200_000}})
    assert (long.status_code, long.json()["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")
    nobody = ada.http.post("/api/auth/webauthn/register/options", json={}, headers={"authorization": ""})
    assert nobody.status_code == 401
