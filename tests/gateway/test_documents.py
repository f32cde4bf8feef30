"""The OpenAPI document and the pages that show it."""

import re
from typing import Any

import openapi_spec_validator
import orjson
import pytest

from gateway.router import all_routes
from gateway.routes import ROUTERS
from tests.gateway.fleet import Fleet

LOADED = re.compile(r'(?:src|href)="([^"]+)"')


async def document(gateway: Fleet) -> Any:
    return (await gateway.http.get("/openapi.json")).json()


async def test_the_document_is_valid_openapi_3_1(gateway: Fleet) -> None:
    found = await document(gateway)

    openapi_spec_validator.validate(found)
    assert found["openapi"] == "3.1.0"
    assert found["servers"] == [{"url": "http://testserver"}]


async def test_every_route_is_in_it_under_its_own_name(gateway: Fleet) -> None:
    found = await document(gateway)

    bound = {(route.path, route.verb.lower()): route.id for route in all_routes(ROUTERS)}
    told = {(path, verb): one["operationId"] for path, item in found["paths"].items() for verb, one in item.items()}
    assert told.items() >= bound.items()
    assert set(told.values()) - set(bound.values()) == {
        "operations_healthz",
        "operations_readyz",
        "operations_metrics",
        "health_get",
        "health_check",
        "sso_login",
        "sso_callback",
        "sso_logout",
        "sso_backchannel_logout",
        "openid_configuration",
        "oauth_authorization_server",
        "oauth2_authorize",
        "oauth2_authorize_post",
        "oauth2_logout",
        "oauth2_token",
        "oauth2_revoke",
        "oauth2_introspect",
        "oauth2_userinfo",
        "oauth2_userinfo_post",
    }


async def test_the_protos_comments_are_its_prose(gateway: Fleet) -> None:
    found = await document(gateway)

    upload = found["paths"]["/api/media/videos/init-upload"]["post"]
    assert upload["summary"] == "Reserves a video and answers the signed URL that its file is PUT to"
    assert upload["description"].endswith("Needs the scope `media:write`.")
    size = found["components"]["schemas"]["InitUploadRequest"]["properties"]["size"]
    assert size["description"] == "The file's size in bytes, at most 5 GiB."
    assert {"name": "Videos", "description": "Keeps the videos of a user and has them processed."} in found["tags"]


async def test_the_fields_rules_are_in_its_schemas(gateway: Fleet) -> None:
    schemas = (await document(gateway))["components"]["schemas"]

    register = schemas["RegisterRequest"]
    assert register["additionalProperties"] is False
    assert register["required"] == ["username", "email", "password"]
    assert register["properties"]["username"] == {
        "type": "string",
        "minLength": 3,
        "maxLength": 100,
        "pattern": "^[A-Za-z0-9_]+$",
        "description": "3 to 100 letters, digits or _; unique without regard to case.",
    }
    assert register["properties"]["password"]["writeOnly"] is True
    assert schemas["InitUploadRequest"]["properties"]["size"]["maximum"] == 5368709120
    assert schemas["Video"]["properties"]["videoId"]["format"] == "int64"
    assert "duration" not in schemas["Video"]["required"]
    assert {"title", "videoId"} <= set(schemas["Video"]["required"])


async def test_answers_are_framed_as_their_families_frame_them(gateway: Fleet) -> None:
    paths = (await document(gateway))["paths"]

    def schema(path: str, verb: str, status: str) -> Any:
        return paths[path][verb]["responses"][status]["content"]["application/json"]["schema"]

    assert list(schema("/api/auth/me", "get", "200")["properties"]) == ["success", "data"]
    assert schema("/api/v1/auth/me", "get", "200") == {"$ref": "#/components/schemas/TenantUser"}
    page = schema("/api/v1/audit-logs", "get", "200")
    assert page["properties"]["data"]["items"] == {"$ref": "#/components/schemas/AuditLog"}
    assert page["properties"]["metadata"] == {"$ref": "#/components/schemas/PageMetadata"}


@pytest.mark.parametrize(
    ("path", "verb", "statuses"),
    [
        ("/api/auth/login", "post", {"200", "400", "401", "404", "408", "409", "413", "415", "429", "500", "503"}),
        ("/api/v1/auth/me", "get", {"200", "400", "401", "403", "422", "429", "500", "503"}),
        ("/api/media/videos/{videoId}", "get", {"200", "400", "401", "403", "404", "429", "500", "503"}),
    ],
)
async def test_it_says_how_a_route_can_fail(gateway: Fleet, path: str, verb: str, statuses: set[str]) -> None:
    responses = (await document(gateway))["paths"][path][verb]["responses"]

    assert set(responses) == statuses


async def test_it_says_who_may_call(gateway: Fleet) -> None:
    found = await document(gateway)

    assert found["paths"]["/api/auth/login"]["post"]["security"] == []
    assert found["paths"]["/api/auth/me"]["get"]["security"] == [{"bearer": []}, {"apiKey": []}]
    assert set(found["components"]["securitySchemes"]) == {"bearer", "apiKey"}


async def test_absent_is_never_told_as_null(gateway: Fleet) -> None:
    text = orjson.dumps((await document(gateway))["components"]["schemas"]["HealthCheck"])

    assert b"null" not in text


async def test_the_same_tables_make_the_same_bytes(gateway: Fleet) -> None:
    first = await gateway.http.get("/openapi.json")
    again = await gateway.http.get("/openapi.json", headers={"if-none-match": first.headers["etag"]})

    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_a_page_loads_nothing_from_elsewhere_and_no_inline_script(gateway: Fleet, path: str) -> None:
    page = await gateway.http.get(path)

    loaded = LOADED.findall(page.text)
    assert len(loaded) >= 3
    for url in loaded:
        asset = await gateway.http.get(url)
        assert url.startswith("/docs/assets/")
        assert asset.status_code == 200
        assert len(asset.content) > 100
        assert b"https://cdn." not in asset.content
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|javascript:", page.text)


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_a_pages_policy_lets_scripts_in_from_here_alone(gateway: Fleet, path: str) -> None:
    page = await gateway.http.get(path)

    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["connect-src"] == "'self' http://testserver"


async def test_assets_are_compressed_for_whoever_takes_that(gateway: Fleet) -> None:
    plain = await gateway.http.get("/docs/assets/swagger-ui.css", headers={"accept-encoding": "identity"})
    zipped = await gateway.http.get("/docs/assets/swagger-ui.css", headers={"accept-encoding": "br, gzip"})

    assert plain.content == zipped.content
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers


@pytest.mark.parametrize("name", ["../openapi.py", "..%2fopenapi.py", "nothing.js", "%00"])
async def test_no_other_file_is_served(gateway: Fleet, name: str) -> None:
    answer = await gateway.http.get(f"/docs/assets/{name}")

    assert answer.status_code == 404
