"""How each family answers and fails, to the letter of the contract."""

import re
from typing import Any

import pytest

from tests.gateway.fleet import Fleet

KANA = {"authorization": "Bearer kana"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
PROBLEM = {**KANA, "accept": "application/problem+json"}


async def test_envelope_wraps_data(gateway: Fleet) -> None:
    answer = await gateway.http.post("/api/auth/logout", headers=KANA)

    assert answer.status_code == 200
    assert answer.json() == {"success": True, "data": {"success": True}}
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


async def test_plain_is_the_object_itself(gateway: Fleet) -> None:
    answer = await gateway.http.get("/api/v1/auth/me", headers=KANA)

    assert answer.json() == {
        "id": "u",
        "email": "",
        "username": "kana",
        "role": "ADMIN",
        "tenant_id": "",
        "is_active": False,
        "is_verified": False,
    }


async def test_resource_frames_a_page(gateway: Fleet) -> None:
    answer = await gateway.http.get("/api/v1/audit-logs", headers={**KANA, "x-request-id": "mine"})

    body = answer.json()
    assert list(body) == ["requestId", "data", "metadata", "timestamp", "processingTime"]
    assert body["requestId"] == body["metadata"]["requestId"] == "mine"
    assert [row["logId"] for row in body["data"]] == [1]
    assert body["metadata"]["version"] == "v1"
    assert body["metadata"]["pagination"] == {
        "page": 1, "limit": 20, "total": 1, "totalPages": 1, "hasNext": False, "hasPrev": False,
    }  # fmt: skip
    assert body["metadata"]["rateLimit"].items() >= {"limit": 10, "remaining": 9}.items()
    assert MOMENT.fullmatch(body["metadata"]["rateLimit"]["resetAt"])
    assert MOMENT.fullmatch(body["timestamp"])
    assert body["processingTime"] > 0


async def test_bare_is_the_object_and_may_be_cached(gateway: Fleet) -> None:
    answer = await gateway.http.get("/.well-known/jwks.json")

    assert answer.json()["keys"][0]["kid"] == "k1"
    assert answer.headers["cache-control"] == "public, max-age=300"


async def test_a_text_answer_is_text(gateway: Fleet) -> None:
    answer = await gateway.http.get("/api/media/videos/5/stream.m3u8", headers=KANA)

    assert answer.text == "#EXTM3U\n"
    assert answer.headers["content-type"] == "application/vnd.apple.mpegurl"


async def test_sixty_four_bit_ids_are_json_numbers(gateway: Fleet) -> None:
    body = {"filename": "a.mp4", "contentType": "video/mp4", "size": 5}

    answer = await gateway.http.post("/api/media/videos/init-upload", json=body, headers=KANA)

    assert answer.status_code == 201
    assert b'"videoId":9007199254740993' in answer.content


async def test_documents_of_clients_come_back_with_the_same_numbers(gateway: Fleet) -> None:
    answer = await gateway.http.get("/api/v1/audit-logs", headers=KANA)

    assert b'"details":{"n":5,"x":1e2}' in answer.content


async def test_only_the_fields_asked_for_are_answered(gateway: Fleet) -> None:
    answer = await gateway.http.get("/api/v1/audit-logs?fields=logId,action", headers=KANA)

    assert answer.json()["data"] == [{"logId": 1, "action": "video.ready"}]


async def test_a_field_that_rows_do_not_have_is_refused_before_the_call(gateway: Fleet) -> None:
    answer = await gateway.http.get("/api/v1/audit-logs?fields=logID", headers=KANA)

    (violation,) = answer.json()["error"]["details"]["validation_errors"]
    assert violation == {
        "field": "fields.logID",
        "message": "There is no such field; did you mean logId?",
        "code": "unknown_field",
    }
    assert not gateway.seen.requests


@pytest.mark.parametrize(
    ("video", "status", "error"),
    [
        (
            404,
            404,
            {
                "code": "RESOURCE_NOT_FOUND",
                "message": "There is no such video.",
                "details": {"video_id": "404", "reason": "VIDEO_NOT_FOUND"},
            },
        ),
        (
            409,
            409,
            {
                "code": "CONFLICT",
                "message": "This video is already published.",
                "details": {"reason": "ALREADY_PUBLISHED"},
            },
        ),
        (403, 403, {"code": "FORBIDDEN", "message": "Not yours."}),
        (
            422,
            400,
            {
                "code": "VALIDATION_ERROR",
                "message": "No.",
                "details": {"validation_errors": [{"field": "title", "message": "This is taken.", "code": "taken"}]},
            },
        ),
        (500, 500, {"code": "INTERNAL_ERROR", "message": "Something went wrong on our side."}),
        (503, 503, {"code": "API_UNAVAILABLE", "message": "Away.", "details": {"retry_after_seconds": 5}}),
    ],
)
async def test_envelope_tells_a_services_refusal(
    gateway: Fleet, video: int, status: int, error: dict[str, Any]
) -> None:
    answer = await gateway.http.get(f"/api/media/videos/{video}", headers=KANA)

    assert answer.status_code == status
    assert answer.json() == {"success": False, "error": error}


async def test_plain_tells_a_refusal_in_three_members(gateway: Fleet) -> None:
    answer = await gateway.http.post("/api/v1/auth/login", json={"username": "kana", "password": "x"})

    body = answer.json()
    assert answer.status_code == 401
    assert MOMENT.fullmatch(body.pop("timestamp"))
    assert body == {"detail": "The name or the password is wrong.", "error_code": "INVALID_CREDENTIALS"}


async def test_plain_validation_is_422_and_names_the_fields(gateway: Fleet) -> None:
    answer = await gateway.http.post("/api/v1/auth/register", json={"email": "x", "username": "kana"})

    body = answer.json()
    assert answer.status_code == 422
    assert body["error_code"] == "VALIDATION_ERROR"
    assert [(one["field"], one["code"]) for one in body["validation_errors"]] == [
        ("email", "invalid_format"),
        ("password", "required"),
    ]


async def test_resource_tells_a_refusal_in_its_frame(gateway: Fleet) -> None:
    answer = await gateway.http.get("/api/v1/audit-logs?limit=0", headers={**KANA, "x-request-id": "mine"})

    body = answer.json()
    assert answer.status_code == 400
    assert list(body) == ["requestId", "error", "metadata", "timestamp", "processingTime"]
    assert body["error"]["code"] == "VALIDATION_ERROR"
    assert body["error"]["details"]["validation_errors"][0]["field"] == "limit"
    assert (body["requestId"], body["error"]["requestId"]) == ("mine", "mine")
    assert MOMENT.fullmatch(body["error"]["timestamp"])


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/media/videos/5", "UNAUTHORIZED"),
        ("/api/v1/audit-logs", "UNAUTHORIZED"),
    ],
)
async def test_nobody_is_asked_to_sign_in(gateway: Fleet, path: str, code: str) -> None:
    answer = await gateway.http.get(path)

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == code
    assert answer.headers["www-authenticate"] == "Bearer"
    assert not gateway.seen.requests


async def test_plain_asks_to_sign_in_in_its_own_words(gateway: Fleet) -> None:
    answer = await gateway.http.get("/api/v1/auth/me")

    assert answer.json()["error_code"] == "AUTHENTICATION_ERROR"


async def test_an_expired_token_has_its_own_code(gateway: Fleet) -> None:
    answer = await gateway.http.get("/api/media/videos/5", headers={"authorization": "Bearer expired"})

    assert answer.json()["error"]["code"] == "TOKEN_EXPIRED"
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


async def test_a_credential_without_the_scope_is_forbidden(gateway: Fleet) -> None:
    answer = await gateway.http.get("/api/media/videos/5", headers={"authorization": "Bearer kana profile:read"})

    assert answer.status_code == 403
    assert answer.json()["error"]["details"] == {"scope": "media:read", "reason": "SCOPE_MISSING"}


async def test_a_fault_says_nothing_of_itself(gateway: Fleet) -> None:
    for path in ("/api/media/videos/500", "/api/health"):
        answer = await gateway.http.get(path, headers=KANA)

        assert "hunter2" not in answer.text + str(answer.headers)


@pytest.mark.parametrize(
    ("accept", "is_problem"),
    [
        ("APPLICATION/PROBLEM+JSON", True),
        ("application/json, application/problem+json;q=0.5", True),
        ("application/problem+json;q=0", False),
        ("application/problem+json ; q=0.00", False),
        ("application/problem+jsonp", False),
        ("application/json", False),
    ],
)
async def test_an_accept_header_is_read_as_one(
    gateway: Fleet, accept: str, is_problem: bool
) -> None:  # a table's column
    answer = await gateway.http.get("/api/media/videos/404", headers={**KANA, "accept": accept})

    assert (answer.headers["content-type"] == "application/problem+json") is is_problem


async def test_whoever_asks_for_a_problem_gets_one(gateway: Fleet) -> None:
    answer = await gateway.http.get("/api/media/videos/404", headers={**PROBLEM, "x-request-id": "mine"})

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "VIDEO_NOT_FOUND",
        "title": "There is no such video.",
        "status": 404,
        "code": "RESOURCE_NOT_FOUND",
        "instance": "mine",
        "video_id": "404",
    }


@pytest.mark.parametrize("path", ["/api/media/videos/x", "/api/v1/audit-logs?page=x", "/api/v1/auth/me?x=1"])
async def test_a_problem_of_validation_lists_the_fields_in_any_family(gateway: Fleet, path: str) -> None:
    answer = await gateway.http.get(path, headers=PROBLEM)

    body = answer.json()
    assert (body["status"], body["code"]) == (answer.status_code, "VALIDATION_ERROR")
    assert len(body["errors"]) == 1


@pytest.mark.parametrize(
    ("accepted", "tag", "message"),
    [
        ("ja", "ja", "このパスには何もありません。"),
        ("ja-JP,en;q=0.5", "ja", "このパスには何もありません。"),
        ("fr, ja;q=0.2, en;q=0.1", "ja", "このパスには何もありません。"),
        ("en, ja;q=0.9", "en", "There is nothing at this path."),
        ("ja;q=0", "en", "There is nothing at this path."),
        ("ja;q=x", "en", "There is nothing at this path."),
        ("\xff;;=,,;q=9e9", "en", "There is nothing at this path."),
        ("", "en", "There is nothing at this path."),
    ],
)
async def test_messages_follow_the_callers_language(gateway: Fleet, accepted: str, tag: str, message: str) -> None:
    answer = await gateway.http.get("/api/nothing", headers={b"accept-language": accepted.encode("latin-1")})

    assert answer.json()["error"]["message"] == message
    assert answer.json()["error"]["code"] == "RESOURCE_NOT_FOUND"
    assert answer.headers["content-language"] == tag


async def test_violations_and_unknown_reasons_are_told_in_japanese_too(gateway: Fleet) -> None:
    headers = {**KANA, "accept-language": "ja"}

    invalid = await gateway.http.get("/api/media/videos?limt=5&offset=-1", headers=headers)
    conflict = await gateway.http.get("/api/media/videos/409", headers=headers)

    messages = [one["message"] for one in invalid.json()["error"]["details"]["validation_errors"]]
    assert messages == ["このような項目はありません。limitの誤りではありませんか。", "0以上の値を指定してください。"]
    assert conflict.json()["error"]["message"] == "現在の状態ではこの操作を行えません。"
