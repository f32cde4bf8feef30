"""Which requests reach a route, and what becomes of the others."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.gateway.fleet import Fleet

KANA = {"authorization": "Bearer kana"}
UPLOAD = "/api/media/videos/init-upload"
JSON = {**KANA, "content-type": "application/json"}


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/api/nothing", {"success", "error"}),
        ("/api/v1/nothing", {"requestId", "error", "metadata", "timestamp", "processingTime"}),
        ("/api/v1/auth/nothing", {"detail", "error_code", "timestamp"}),
        ("/v1/nothing", {"error"}),
        ("/nothing", {"detail", "error_code", "timestamp"}),
        ("/", {"detail", "error_code", "timestamp"}),
        ("/api/media/videos/", {"success", "error"}),
        ("/api/media/videos/5/", {"success", "error"}),
        ("/api/media/videos//captures", {"success", "error"}),
        ("/api/media/videos/5/captures/6", {"success", "error"}),
        ("//api/media/videos", {"detail", "error_code", "timestamp"}),
    ],
)
async def test_what_is_at_no_path_is_not_found_in_its_areas_family(gateway: Fleet, path: str, shape: set[str]) -> None:
    answer = await gateway.http.get(httpx.URL("http://testserver").copy_with(raw_path=path.encode()), headers=KANA)

    assert answer.status_code == 404
    assert set(answer.json()) == shape


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/media/videos/5", "DELETE, GET, HEAD, PATCH"),
        ("GET", UPLOAD + "/5", None),
        ("DELETE", "/api/auth/login", "POST"),
        ("OPTIONS", "/api/media/videos", "GET, HEAD"),
        ("TRACE", "/api/v1/audit-logs", "GET, HEAD"),
        ("POST", "/api/health", "GET"),
        ("POST", "/docs", "GET"),
    ],
)
async def test_a_method_that_a_path_does_not_take_is_told_which_it_takes(
    gateway: Fleet, method: str, path: str, allowed: str | None
) -> None:
    answer = await gateway.http.request(method, path, headers=KANA)

    assert answer.status_code == (405 if allowed else 404)
    assert answer.headers.get("allow") == allowed


async def test_a_literal_segment_comes_before_a_parameter(gateway: Fleet) -> None:
    answer = await gateway.http.get(UPLOAD, headers=KANA)

    assert answer.status_code == 405


async def test_a_head_request_is_a_get_without_the_body(gateway: Fleet) -> None:
    answer = await gateway.http.head("/api/media/videos/5", headers=KANA)

    assert answer.status_code == 200


@pytest.mark.parametrize("segment", ["5%2F6", "%35x", "%00", "%ff", "5%0a"])
async def test_an_encoded_segment_stays_one_segment(gateway: Fleet, segment: str) -> None:
    answer = await gateway.http.get(f"http://testserver/api/media/videos/{segment}", headers=KANA)

    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["validation_errors"][0]["field"] == "videoId"


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/json; charset=latin-1",
        "application/json; charset=utf-8; x=y",
        "application/jsonp",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
        "",
    ],
)
@pytest.mark.parametrize("path", [UPLOAD, "/api/v1/auth/register"])
async def test_a_body_of_another_type_is_refused_in_every_family(gateway: Fleet, path: str, kind: str) -> None:
    answer = await gateway.http.post(path, content=b"{}", headers={**KANA, "content-type": kind})

    body = answer.json()
    assert answer.status_code == 415
    assert "UNSUPPORTED_MEDIA_TYPE" in (body.get("error_code"), body.get("error", {}).get("code"))


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
async def test_json_is_taken_however_its_type_is_spelled(gateway: Fleet, kind: str) -> None:
    answer = await gateway.http.post(
        UPLOAD, content=b'{"filename":"a","contentType":"video/mp4","size":5}', headers={**KANA, "content-type": kind}
    )

    assert answer.status_code == 201


async def test_a_compressed_body_is_refused(gateway: Fleet) -> None:
    answer = await gateway.http.post(UPLOAD, content=b"{}", headers={**JSON, "content-encoding": "gzip"})

    assert answer.status_code == 415


async def test_a_body_over_a_mebibyte_is_refused_announced_or_not(gateway: Fleet) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b"x" * 65536

    announced = await gateway.http.post(UPLOAD, content=b"x" * 1_048_577, headers=JSON)
    chunked = await gateway.http.post(UPLOAD, content=parts(), headers=JSON)

    assert (announced.status_code, chunked.status_code) == (413, 413)
    assert announced.json()["error"]["code"] == "PAYLOAD_TOO_LARGE"
    assert announced.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (UPLOAD, b"{", 400),
        (UPLOAD, b"", 400),
        (UPLOAD, b"[]", 400),
        (UPLOAD, b'{"a": NaN}', 400),
        (UPLOAD, b'{"size": 1, "size": 2}', 400),
        ("/api/v1/auth/register", b"{", 400),
        ("/api/v1/auth/register", b'{"email": "\\u0000"}', 422),
        ("/api/v1/auth/register", b'{"email": NaN}', 422),
        ("/api/v1/auth/register", b"{}", 422),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(gateway: Fleet, path: str, body: bytes, status: int) -> None:
    answer = await gateway.http.post(path, content=body, headers=JSON)

    told = answer.json()
    assert answer.status_code == status
    assert "VALIDATION_ERROR" in (told.get("error_code"), told.get("error", {}).get("code"))
    assert not gateway.seen.requests


async def test_no_body_at_all_is_an_object_without_members(gateway: Fleet) -> None:
    answer = await gateway.http.post("/api/auth/logout", headers=KANA)

    assert answer.status_code == 200


async def test_an_action_needs_no_body_and_takes_its_path(gateway: Fleet) -> None:
    answer = await gateway.http.post("/api/media/videos/5/reprocess", headers=KANA)

    assert answer.status_code == 200
    assert gateway.seen.requests[0].video_id == 5


async def test_a_route_with_a_body_takes_no_query(gateway: Fleet) -> None:
    answer = await gateway.http.patch("/api/media/videos/5?title=x", json={"title": "y"}, headers=KANA)

    assert answer.json()["error"]["details"]["validation_errors"][0]["field"] == "title"


async def test_path_and_body_meet_in_one_message(gateway: Fleet) -> None:
    answer = await gateway.http.patch("/api/media/videos/5", json={"title": "y"}, headers=KANA)

    assert answer.json()["data"]["video"].items() >= {"videoId": 5, "title": "y"}.items()


@pytest.mark.parametrize("version", ["1", "v1"])
@pytest.mark.parametrize("path", ["/api/v1/audit-logs", "/api/v1/auth/me"])
async def test_the_version_that_there_is_may_be_asked_for(gateway: Fleet, path: str, version: str) -> None:
    by_header = await gateway.http.get(path, headers={**KANA, "x-api-version": version})
    by_query = await gateway.http.get(f"{path}?api_version={version}", headers=KANA)

    assert (by_header.status_code, by_query.status_code) == (200, 200)


@pytest.mark.parametrize("version", ["2", "v2", "", "1.0"])
async def test_another_version_is_refused(gateway: Fleet, version: str) -> None:
    resource = await gateway.http.get("/api/v1/audit-logs", headers={**KANA, "x-api-version": version})
    plain = await gateway.http.get(f"/api/v1/auth/me?api_version={version}", headers=KANA)

    assert (resource.status_code, resource.json()["error"]["code"]) == (400, "UNSUPPORTED_VERSION")
    assert (plain.status_code, plain.json()["error_code"]) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("query", ["api_version=%FF", "api_version=1&filter[action]=%FF", "api_version=%E3%81%82"])
async def test_a_version_beside_other_alphabets_is_no_fault(gateway: Fleet, query: str) -> None:
    answer = await gateway.http.get(f"/api/v1/audit-logs?{query}", headers=KANA)

    assert answer.status_code == 400, answer.text


async def test_the_rest_of_a_versioned_query_arrives_as_it_was_sent(gateway: Fleet) -> None:
    path = "/api/v1/audit-logs?filter[action]=%E3%81%82+%2B&api_version=1&"

    assert (await gateway.http.get(path, headers=KANA)).status_code == 200


async def test_the_display_name_is_written_as_it_is_read(gateway: Fleet) -> None:
    answer = await gateway.http.put("/api/auth/me", json={"display_name": "Kana"}, headers=KANA)

    assert (answer.status_code, answer.json()["data"]["display_name"]) == (200, "Kana")
