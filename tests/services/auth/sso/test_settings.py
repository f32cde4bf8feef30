"""What a deployment says of its issuers."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from libs.settings import Settings
from services.auth.sso.provider import SsoProviderSettings, SsoSettings, groups_in

GOOD: dict[str, Any] = {
    "name": "acme",
    "issuer": "https://id.acme.example/realms/acme",
    "client_id": "orrery",
    "organization": "acme",
}


class Some(Settings):
    sso: SsoSettings = SsoSettings(providers=())


def test_the_environment_says_it_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORRERY_SSO__PROVIDERS", json.dumps([GOOD | {"roles": {"/admins": "ADMIN"}}]))
    monkeypatch.setenv("ORRERY_SSO__REDIRECT_URIS", json.dumps(["https://app.example/in"]))
    monkeypatch.setenv("ORRERY_SSO__LANDING_URL", "https://app.example/")

    found = Some.read().sso

    assert found.providers[0].title == "acme"
    assert found.providers[0].scopes == "openid profile email"
    assert found.redirect_uris == {"https://app.example/in"}


WRONG: dict[str, dict[str, Any]] = {
    "a plain issuer elsewhere": {"issuer": "http://id.acme.example"},
    "an issuer with a query": {"issuer": "https://id.acme.example/?a=b"},
    "an issuer with a fragment": {"issuer": "https://id.acme.example/#"},
    "an issuer with a name in it": {"issuer": "https://a:b@id.acme.example"},
    "no issuer": {"issuer": ""},
    "a name that is no part of a path": {"name": "acme/.."},
    "a name in capitals": {"name": "ACME"},
    "a role without a name": {"roles": {"/admins": ""}},
    "scopes without openid": {"scopes": "profile email"},
    "the audience of ID tokens for bearers": {"accept_bearer": "orrery"},
    "a misspelt name": {"clientid": "x"},
    "a secret's file that is not there": {"client_secret_file": "/nowhere/secret"},
    "no organization": {"organization": ""},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_what_is_no_provider_stops_the_start(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SsoProviderSettings.model_validate(GOOD | wrong)


def test_two_of_a_name_or_an_issuer_stop_the_start() -> None:
    for same in ({"issuer": "https://other.example"}, {"name": "other"}):
        with pytest.raises(ValidationError, match="two providers have the same"):
            SsoSettings.model_validate({"providers": [GOOD, GOOD | same]})


@pytest.mark.parametrize(
    "target", ["http://app.example/", "https://app.example/#a", "javascript:alert(1)", "myapp:/in", "/in", "https:///x"]
)
def test_a_redirect_that_is_not_safe_stops_the_start(target: str) -> None:
    with pytest.raises(ValidationError):
        SsoSettings.model_validate({"redirect_uris": [target]})


def test_a_secret_may_lie_in_a_file_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hidden-here\n")
    by_file = SsoProviderSettings.model_validate(GOOD | {"client_secret_file": str(tmp_path / "secret")})
    by_value = SsoProviderSettings.model_validate(GOOD | {"client_secret": "hidden-here"})

    assert by_file.secret == by_value.secret == "hidden-here"
    assert "hidden-here" not in f"{by_value!r}{by_value}{shown(by_value)}"
    with pytest.raises(ValidationError):
        SsoProviderSettings.model_validate({**by_value.model_dump(), "client_secret_file": str(tmp_path / "secret")})


def shown(model: BaseModel) -> str:
    return model.model_dump_json()


@pytest.mark.parametrize(
    ("claims", "path", "expected"),
    [
        ({"groups": ["/a", "/b"]}, "groups", {"/a", "/b"}),
        ({"realm_access": {"roles": ["a"]}}, "realm_access.roles", {"a"}),
        ({"https://acme.example/groups": ["a"]}, "https://acme.example/groups", {"a"}),
        ({"groups": "a"}, "groups", {"a"}),
        ({"groups": {"a": 1}}, "groups", set()),
        ({"realm_access": ["roles"]}, "realm_access.roles", set()),
        ({}, "a.b.c", set()),
        ({"groups": [1, None, "a", ["b"]]}, "groups", {"a"}),
    ],
)
def test_groups_are_the_texts_at_a_claims_path(claims: dict[str, Any], path: str, expected: set[str]) -> None:
    assert groups_in(claims, path) == expected


def test_the_first_group_that_fits_gives_the_role() -> None:
    one = SsoProviderSettings.model_validate(GOOD | {"roles": {"/admins": "ADMIN", "/staff": "OPERATOR"}})

    assert one.role_of({"groups": ["/staff", "/admins"]}) == "ADMIN"
    assert one.role_of({}) == "OPERATOR"
    assert one.model_copy(update={"default_role": None}).role_of({}) is None
